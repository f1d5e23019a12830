import { misconfigured, unavailable, unknownOutcome } from '@keelson/contracts';
import type { KeelsonError } from '@keelson/contracts';

/** What one entry is refused for: data, a constraint, or a check of the ledger's own. */
const refusals = /^(22|23)/;

/** The server ended the session: whether it had committed by then, nobody says. */
const sessionEnded = /^(08|57P0[12]$)/;

/** Nothing of it was done, and a later time may be better: resources, locks, time-outs, start-up, a standby. */
const later = /^(53|55P03$|57014$|57P0[3-5]$|40|25006$|58|XX)/;

const sqlState = (error: unknown): string | undefined => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Whether the database refused the data itself: then each entry is tried alone. */
export function isRefusal(error: unknown): boolean {
  return refusals.test(sqlState(error) ?? '');
}

/** Name of the constraint that refused, else the SQLSTATE. */
export function refusalOf(error: unknown): { readonly code: string; readonly reason: string } {
  const constraint = (error as { constraint?: string }).constraint;
  const named = constraint === undefined || constraint === '' ? sqlState(error) : constraint;
  return { code: 'ledger-refused', reason: `${named ?? 'unknown'}: ${messageOf(error)}` };
}

/** Whether the connection is still good after this error. */
export function keepsConnection(error: unknown): boolean {
  const state = sqlState(error);
  return state !== undefined && !sessionEnded.test(state) && !/^57P/.test(state);
}

/** No connection could be had. PostgreSQL being away is never a reason to park; a wrong password is for an operator. */
export function connectError(error: unknown): KeelsonError {
  const state = sqlState(error);
  if (state !== undefined && /^(28|3D|42501)/.test(state)) {
    return misconfigured('ledger-connection', `the ledger refuses the connection: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return unavailable('ledger-unavailable', `the ledger cannot be reached: ${messageOf(error)}`, {
    cause: error,
  });
}

/** A statement failed for no fault of its data. After sending a write, silence means that nobody knows. */
export function statementError(error: unknown, kind: 'read' | 'write'): KeelsonError {
  const state = sqlState(error);
  const message = messageOf(error);
  if (state === undefined || sessionEnded.test(state)) {
    return kind === 'write'
      ? unknownOutcome('ledger-connection-lost', `the connection was lost while posting: ${message}`, {
          cause: error,
        })
      : unavailable('ledger-unavailable', `the ledger cannot be read: ${message}`, { cause: error });
  }
  if (later.test(state)) return unavailable('ledger-unavailable', `${state}: ${message}`, { cause: error });
  return misconfigured('ledger-statement', `${state}: ${message}`, { cause: error });
}
