import { misconfigured, rejected, unavailable } from '@keelson/contracts';
import type { KeelsonError } from '@keelson/contracts';

/** What a JSON-2 server says of a failure. `debug` carries a traceback and is never kept. */
interface ErrorBody {
  readonly name?: string;
  readonly message?: string;
}

const conflict = /could not serialize|deadlock detected|could not obtain lock/i;

/** Odoo's database in trouble, as against our own mistakes, which are answered with the same status. */
const databaseTrouble =
  /^psycopg2\.(OperationalError|InterfaceError|errors\.(SerializationFailure|DeadlockDetected|LockNotAvailable|AdminShutdown|QueryCanceled|TooManyConnections))$/;

/** Translates one answer that is not 200 into one of our few classes, once. Whatever a call did is undone then. */
export function errorOfAnswer(
  call: string,
  status: number,
  text: string,
  retryAfterMs?: number,
): KeelsonError {
  const { name = 'no name', message } = readBody(text);
  const said = `${call}: ${status} ${name}: ${firstLineOf(message ?? 'no JSON answer')}`;
  const later = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status === 401) return misconfigured('odoo_key_refused', `${said} (is the API key expired?)`);
  if (status === 403) return misconfigured('odoo_rights_missing', said);
  if (status === 404 && message === undefined)
    return misconfigured('odoo_database_unknown', `${said} (is the database name right?)`);
  if (status === 404) return rejected('odoo_record_missing', said);
  if (status === 409) return unavailable('odoo_locked', said, later);
  if (status === 408 || status === 429 || (status >= 502 && status <= 504))
    return unavailable('odoo_busy', said, later);
  if (conflict.test(message ?? '')) return unavailable('odoo_serialization', said, later);
  if (databaseTrouble.test(name)) return unavailable('odoo_database', said, later);
  return status >= 500 ? rejected('odoo_server_error', said) : rejected('odoo_refused', said);
}

const firstLineOf = (text: string): string => (text.split('\n')[0] ?? '').slice(0, 300);

function readBody(text: string): ErrorBody {
  try {
    return (JSON.parse(text) as ErrorBody | null) ?? {};
  } catch {
    return {};
  }
}

/** One line of `messages` in the 200 answer of `load`. */
export interface LoadMessage {
  readonly type: string;
  readonly message: string;
  readonly record?: number;
  readonly field?: string;
}

/** A conflict between two transactions comes back as a message, and the server does not try again. */
export const isConflict = ({ message }: LoadMessage): boolean => conflict.test(message);

/** Everything that `load` has against one record, in a line. */
export const describeMessages = (messages: readonly LoadMessage[]): string =>
  messages
    .map(({ field, message }) => firstLineOf(field === undefined ? message : `${field}: ${message}`))
    .join('; ');
