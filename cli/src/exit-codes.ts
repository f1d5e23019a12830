/** How every command ends; the same for all, so that scripts can tell a finding from a failure. */
export const exitCodes = {
  ok: 0,
  /** Something differs, does not come out, or was refused. */
  differs: 1,
  /** Wrong arguments or settings: nothing was done. */
  usage: 2,
  /** Kafka or the registry does not answer: try again later. */
  unavailable: 69,
  /** Nobody foresaw this. */
  software: 70,
} as const;

export const exitCodeHelp =
  'Exit codes: 0 all well, 1 something differs or was refused, 2 wrong arguments or settings,\n' +
  '69 Kafka or the registry does not answer, 70 a failure that nobody foresaw.';
