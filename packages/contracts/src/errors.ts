/** What became of a failure; a runner acts on it, nobody else. */
export type Disposition = 'reject' | 'wait' | 'park' | 'back_off' | 'look_up' | 'pause';

export type ErrorKind =
  | 'invalid_event'
  | 'unresolved'
  | 'conflict'
  | 'rejected'
  | 'unavailable'
  | 'unknown_outcome'
  | 'misconfigured';

const dispositions: Readonly<Record<ErrorKind, Disposition>> = {
  invalid_event: 'reject',
  unresolved: 'wait',
  conflict: 'park',
  rejected: 'park',
  unavailable: 'back_off',
  unknown_outcome: 'look_up',
  misconfigured: 'pause',
};

/** The one error class: `kind` decides what happens, `code` is stable and finer, `message` is for people. */
export class KeelsonError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  /** Unavailable only: how long the other side asked to be left alone. */
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: ErrorKind,
    code: string,
    message: string,
    options: { cause?: unknown; retryAfterMs?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'KeelsonError';
    this.kind = kind;
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }
}

const maker =
  (kind: ErrorKind) =>
  (code: string, message: string, options?: { cause?: unknown; retryAfterMs?: number }): KeelsonError =>
    new KeelsonError(kind, code, message, options);

/** Cannot be read: not JSON, schema violated, unknown currency, amount not an integer. */
export const invalidEvent = maker('invalid_event');
/** Its customer is not known yet. */
export const unresolved = maker('unresolved');
/** The same id with another body, or a claim that contradicts a link. */
export const conflict = maker('conflict');
/** The target said no: a closed period, a missing mapping. */
export const rejected = maker('rejected');
/** Nobody answered, or said later; nothing was sent, or sending it again is harmless. */
export const unavailable = maker('unavailable');
/** It was sent and nobody knows whether it was done. */
export const unknownOutcome = maker('unknown_outcome');
/** Only an operator can mend it. */
export const misconfigured = maker('misconfigured');

const ioCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** Whether a foreign error looks like trouble on the way: worth a bounded number of tries. */
export function isIoError(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string' && (ioCodes.has(code) || code.startsWith('UND_ERR_'))) return true;
  const cause = (error as { cause?: unknown } | null)?.cause;
  return cause !== undefined && cause !== error && isIoError(cause);
}

/** Total: what nobody foresaw is backed off from when it is I/O (the runner bounds the tries), else parked. */
export function dispositionOf(error: unknown): Disposition {
  if (error instanceof KeelsonError) return dispositions[error.kind];
  return isIoError(error) ? 'back_off' : 'park';
}

/** A stable code for any error, for receipts, parked entries and metrics. */
export function codeOf(error: unknown): string {
  if (error instanceof KeelsonError) return error.code;
  if (isIoError(error)) return 'io';
  return 'unforeseen';
}
