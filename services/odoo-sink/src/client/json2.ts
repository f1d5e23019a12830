import { KeelsonError, misconfigured, unavailable, unknownOutcome } from '@keelson/contracts';
import type { PortContext, RateLimiter } from '@keelson/sink';
import { Pool } from 'undici';
import { errorOfAnswer } from './odoo-error.ts';

export interface Json2Options {
  readonly url: string;
  readonly database: string;
  readonly apiKey: string;
  readonly rateLimiter: RateLimiter;
  /** Above the two minutes that Odoo gives a request: what it has not answered by then it does no more. */
  readonly timeoutMs?: number;
}

/**
 * Calls on behalf of one batch. Both throw `unavailable` when nothing was sent, or Odoo was busy and did nothing, and
 * `rejected` and `misconfigured` as Odoo said.
 */
export interface Odoo {
  /** A call without effects. */
  read<T>(model: string, method: string, body: object): Promise<T>;
  /** One call, one transaction in Odoo. Throws `unknown_outcome` when it was sent and no answer came. */
  change<T>(model: string, method: string, body: object): Promise<T>;
}

export interface OdooClient {
  /** `companyId`: records and defaults of this company only. */
  session(context: PortContext, companyId?: number): Odoo;
  version(context: PortContext): Promise<string>;
  close(): Promise<void>;
}

/** Errors that come before a request has left. */
const notSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** No message on each record for each change, and none to its followers. */
const quiet = { tracking_disable: true, mail_notrack: true, mail_create_nolog: true };

/** Odoo's JSON-2 API (19 and later). */
export function createJson2Client(options: Json2Options): OdooClient {
  const { url, database, apiKey, rateLimiter, timeoutMs = 130_000 } = options;
  const pool = new Pool(url, {
    connections: rateLimiter.concurrency,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: { timeout: 10_000 },
  });
  const headers = {
    authorization: `bearer ${apiKey}`,
    'content-type': 'application/json',
    'x-odoo-database': database,
    'user-agent': 'keelson',
  };

  let closed: Promise<void> | undefined;

  /** The text of a 200. */
  const send = (
    path: string,
    body: object | null,
    { signal, fault }: PortContext,
    changes: boolean,
  ): Promise<string> =>
    rateLimiter.run(signal, async () => {
      const method = body === null ? 'GET' : 'POST';
      const pending = pool.request({
        path,
        method,
        headers,
        signal,
        body: body === null ? null : JSON.stringify(body),
      });
      if (changes) {
        pending.catch(() => undefined);
        await fault?.('call_sent');
      }
      const response = await pending;
      const text = await response.body.text();
      if (changes) await fault?.('response_unseen');
      if (response.statusCode === 200) return text;
      const retryAfter = retryAfterMs(response.headers['retry-after']);
      throw errorOfAnswer(path.replace('/json/2/', ''), response.statusCode, text, retryAfter);
    });

  async function call(path: string, body: object | null, context: PortContext, changes: boolean) {
    let text: string;
    try {
      text = await send(path, body, context, changes);
    } catch (error) {
      if (context.signal.aborted || error instanceof KeelsonError) throw error;
      throw silence(error, path.replace('/json/2/', ''), changes);
    }
    try {
      return JSON.parse(text) as unknown;
    } catch (cause) {
      throw misconfigured('odoo_not_there', `${url} answers, but not as an Odoo does`, { cause });
    }
  }

  return {
    session(context, companyId) {
      const company = companyId === undefined ? {} : { allowed_company_ids: [companyId] };
      const post = (model: string, method: string, body: object, defaults: object, changes: boolean) => {
        const own = (body as { context?: object }).context;
        const merged = { ...body, context: { ...company, ...defaults, ...own } };
        return call(`/json/2/${model}/${method}`, merged, context, changes);
      };
      return {
        read: async <T>(model: string, method: string, body: object) =>
          (await post(model, method, body, {}, false)) as T,
        change: async <T>(model: string, method: string, body: object) =>
          (await post(model, method, body, quiet, true)) as T,
      };
    },
    async version(context) {
      const { version } = (await call('/web/version', null, context, false)) as { version?: unknown };
      if (typeof version === 'string') return version;
      throw misconfigured('odoo_not_there', `${url} answers, but not as an Odoo does`);
    },
    close: () => (closed ??= pool.close()),
  };
}

/** A connection that ended without an answer. */
function silence(error: unknown, label: string, changes: boolean): KeelsonError {
  const { code } = error as { code?: unknown };
  const why = typeof code === 'string' ? code : 'no answer';
  if (notSent.has(why) || !changes)
    return unavailable('odoo_unreachable', `${label}: Odoo does not answer (${why})`, { cause: error });
  return unknownOutcome('odoo_no_answer', `${label}: sent, and no answer came (${why})`, { cause: error });
}

function retryAfterMs(header: string | string[] | undefined): number | undefined {
  const seconds = Number(Array.isArray(header) ? header[0] : header);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
}
