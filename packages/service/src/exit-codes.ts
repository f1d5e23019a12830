/** sysexits.h, as far as a service needs it. */
export const exitCodes = { ok: 0, failure: 1, software: 70, configuration: 78 } as const;
