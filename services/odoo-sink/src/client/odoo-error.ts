import { KeelsonError, misconfigured, rejected, unavailable } from '@keelson/contracts';

/** What a JSON-2 server says of a failure. `debug` carries a traceback and is never kept. */
interface ErrorBody {
  readonly name?: string;
  readonly message?: string;
}

const retryable = /could not serialize|deadlock detected|could not obtain lock/i;

/** Translates one answer that is not 200 into one of our few classes, once. */
export function errorOfAnswer(
  call: string,
  status: number,
  text: string,
  retryAfterMs?: number,
): KeelsonError {
  const { name = 'unknown', message } = readBody(text);
  const said = `${call}: ${status} ${name}: ${(message ?? 'no JSON answer').split('\n')[0] ?? ''}`;
  const later = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status === 401) return misconfigured('odoo_key_refused', `${said} (is the API key expired?)`);
  if (status === 403) return misconfigured('odoo_rights_missing', said);
  if (status === 404 && message === undefined)
    return misconfigured('odoo_database_unknown', `${said} (is the database name right?)`);
  if (status === 404) return rejected('odoo_record_missing', said);
  if (status === 409 || status === 429 || status === 502 || status === 503 || status === 504) {
    return unavailable(status === 409 ? 'odoo_locked' : 'odoo_busy', said, later);
  }
  if (retryable.test(message ?? '')) return unavailable('odoo_serialization', said, later);
  if (status === 422 || status === 400) return rejected('odoo_refused', said);
  // 500 is what Odoo answers to its own trouble and to a wrong field alike; the runner bounds the tries.
  return status >= 500
    ? new KeelsonError('rejected', 'odoo_server_error', said)
    : rejected('odoo_refused', said);
}

function readBody(text: string): ErrorBody {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? (body as ErrorBody) : {};
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
export const isRetryableMessage = ({ message }: LoadMessage): boolean => retryable.test(message);
