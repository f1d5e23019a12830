import { KeelsonError, misconfigured, unavailable, unknownOutcome } from '@keelson/contracts';
import type { RateLimiter } from '@keelson/sink';
import { Pool } from 'undici';
import { errorOfAnswer } from './odoo-error.ts';

export interface Json2Options {
  readonly url: string;
  readonly database: string;
  readonly apiKey: string;
  readonly rateLimiter: RateLimiter;
  readonly connections: number;
  /** Above the half minute in which Odoo itself tries again. */
  readonly timeoutMs?: number;
}

export interface OdooClient {
  /**
   * One call, one transaction in Odoo. Throws `unavailable` when nothing was sent or Odoo was busy, `unknown_outcome`
   * when a call that changes something was sent and no answer came, `rejected` and `misconfigured` as Odoo said.
   */
  call(
    model: string,
    method: string,
    body: object,
    options: { readonly signal: AbortSignal; readonly changes: boolean },
  ): Promise<unknown>;
  version(signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

const notSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Odoo's JSON-2 API (19 and later). */
export function createJson2Client(options: Json2Options): OdooClient {
  const timeoutMs = options.timeoutMs ?? 60_000;
  const pool = new Pool(options.url, {
    connections: options.connections,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  const headers = {
    authorization: `bearer ${options.apiKey}`,
    'content-type': 'application/json',
    'x-odoo-database': options.database,
    'user-agent': 'keelson',
  };

  const request = async (
    path: string,
    body: object | undefined,
    signal: AbortSignal,
    changes: boolean,
  ): Promise<string> => {
    const label = path.replace('/json/2/', '');
    try {
      const [answer, text] = await options.rateLimiter.run(signal, async () => {
        const received = await pool.request({
          path,
          method: body === undefined ? 'GET' : 'POST',
          headers,
          signal,
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        return [received, await received.body.text()] as const;
      });
      if (answer.statusCode === 200) return text;
      throw errorOfAnswer(label, answer.statusCode, text, retryAfterMs(answer.headers['retry-after']));
    } catch (error) {
      throw translate(error, label, changes);
    }
  };

  return {
    call: async (model, method, body, { signal, changes }) =>
      JSON.parse(await request(`/json/2/${model}/${method}`, body, signal, changes)),
    version: async signal => {
      const text = await request('/web/version', undefined, signal, false);
      try {
        return (JSON.parse(text) as { version: string }).version;
      } catch {
        throw misconfigured('odoo_not_there', `${options.url} answers, but not as an Odoo does`);
      }
    },
    close: () => pool.close(),
  };
}

function translate(error: unknown, label: string, changes: boolean): Error {
  const code = String((error as { code?: unknown }).code ?? '');
  if (error instanceof KeelsonError) return error;
  if (notSent.has(code) || !changes)
    return unavailable('odoo_unreachable', `${label}: Odoo does not answer (${code || 'no answer'})`, {
      cause: error,
    });
  return unknownOutcome('odoo_no_answer', `${label}: sent, and no answer came (${code || 'no answer'})`, {
    cause: error,
  });
}

function retryAfterMs(header: string | string[] | undefined): number | undefined {
  const seconds = Number(Array.isArray(header) ? header[0] : header);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
}
