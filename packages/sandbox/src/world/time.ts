/** The world's time is in whole seconds (UTC), as the provider counts it, and knows no wall clock. */
export const DAY_S = 86_400;
export const HOUR_S = 3_600;

/** Monday 5 January 2026, 06:00 UTC: the company opens. */
export const OPENING_S = Date.UTC(2026, 0, 5, 6) / 1000;
/** Nothing new happens after this: every run lies within the year. */
export const CLOSING_S = Date.UTC(2026, 9, 31) / 1000;

export const dateOf = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);

export const timestampOf = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** The same moment `months` later; the 31st becomes the last day of a shorter month. */
export function addMonths(seconds: number, months: number): number {
  const from = new Date(seconds * 1000);
  const to = new Date(from);
  to.setUTCDate(1);
  to.setUTCMonth(to.getUTCMonth() + months);
  const last = new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth() + 1, 0)).getUTCDate();
  to.setUTCDate(Math.min(from.getUTCDate(), last));
  return to.getTime() / 1000;
}
