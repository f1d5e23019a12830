interface Zone {
  readonly format: Intl.DateTimeFormat;
  /** Dates by quarter of an hour. */
  readonly dates: Map<number, number>;
}

const zones = new Map<string, Zone>();
const quarterMs = 900_000;
const maxDates = 50_000;

/** Days since 1970-01-01 of an instant (microseconds) in a time zone: the accounting date. */
export function accountingDateOf(instantMicros: number, timeZone: string): number {
  const zone = zones.get(timeZone) ?? openZone(timeZone);
  // Every zone is a whole number of quarters away from UTC (since 1972), so no date begins within one.
  const quarter = Math.floor(instantMicros / 1000 / quarterMs);
  const known = zone.dates.get(quarter);
  if (known !== undefined) return known;
  const date = daysOf(zone.format.format(instantMicros / 1000));
  if (zone.dates.size === maxDates) zone.dates.clear();
  zone.dates.set(quarter, date);
  return date;
}

function openZone(timeZone: string): Zone {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  const zone = { format, dates: new Map<number, number>() };
  zones.set(timeZone, zone);
  return zone;
}

/** 2026-11-23 → days since 1970-01-01. */
export const daysOf = (isoDate: string): number => Date.parse(`${isoDate}T00:00:00Z`) / 86_400_000;

/** Days since 1970-01-01 → 2026-11-23. */
export const isoDateOf = (days: number): string => new Date(days * 86_400_000).toISOString().slice(0, 10);

export const microsOfSeconds = (seconds: number): number => Math.round(seconds * 1_000_000);
export const microsOfMs = (ms: number): number => Math.round(ms * 1000);
export const isoOfMicros = (micros: number): string => new Date(micros / 1000).toISOString();
