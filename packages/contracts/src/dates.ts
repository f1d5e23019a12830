const formats = new Map<string, Intl.DateTimeFormat>();

/** Days since 1970-01-01 of an instant (microseconds) in a time zone: the accounting date. */
export function accountingDateOf(instantMicros: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    formats.set(timeZone, format);
  }
  return daysOf(format.format(instantMicros / 1000));
}

/** 2026-11-23 → days since 1970-01-01. */
export const daysOf = (isoDate: string): number => Date.parse(`${isoDate}T00:00:00Z`) / 86_400_000;

/** Days since 1970-01-01 → 2026-11-23. */
export const isoDateOf = (days: number): string => new Date(days * 86_400_000).toISOString().slice(0, 10);

export const microsOfSeconds = (seconds: number): number => Math.round(seconds * 1_000_000);
export const microsOfMs = (ms: number): number => Math.round(ms * 1000);
export const isoOfMicros = (micros: number): string => new Date(micros / 1000).toISOString();
