const pattern = /^(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/;

/** ISO 8601 with seconds and an offset as microseconds since 1970; undefined for anything else, or before 1970. */
export function microsOfIso(value: unknown): number | undefined {
  const [, whole, fraction = '', offset] = pattern.exec(typeof value === 'string' ? value : '') ?? [];
  if (whole === undefined || offset === undefined) return undefined;
  const ms = Date.parse(whole.toUpperCase() + offset.toUpperCase());
  if (Number.isNaN(ms) || ms < 0 || !isDay(whole.slice(0, 10))) return undefined;
  return ms * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}

/** 2026-11-23 as days since 1970; undefined for a day that is none. */
export function daysOfIso(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(value) || !isDay(value)) return undefined;
  return Date.parse(`${value}T00:00:00Z`) / 86_400_000;
}

/** JavaScript takes 31 February for a day in March. */
function isDay(isoDate: string): boolean {
  const ms = Date.parse(`${isoDate}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(isoDate);
}
