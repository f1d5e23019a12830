import { KeelsonError, misconfigured, rejected, unavailable, unknownOutcome } from '@keelson/contracts';
import type { PortContext, RateLimiter } from '@keelson/sink';
import { Pool } from 'undici';

export interface DeskHttpOptions {
  readonly url: string;
  readonly token: string;
  readonly limiter: RateLimiter;
  readonly timeoutMs?: number;
}

/** A desk's HTTP API: JSON in and out, the target's rate kept, failures as the sink runner knows them. */
export interface DeskHttp {
  /** Null when there is no such thing. */
  get<T>(path: string, context: PortContext): Promise<T | null>;
  /** A call with effects: `unknown_outcome` when it was sent and nobody answered. */
  post<T>(path: string, body: object, context: PortContext): Promise<T>;
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

interface Answer {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly body: unknown;
}

export function createDeskHttp({ url, token, limiter, timeoutMs = 30_000 }: DeskHttpOptions): DeskHttp {
  const pool = new Pool(url, {
    connections: limiter.concurrency,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: { timeout: 5_000 },
  });
  const headers = { authorization: authorizationOf(token), 'content-type': 'application/json' };

  const send = (method: 'GET' | 'POST', path: string, context: PortContext, body?: string): Promise<Answer> =>
    limiter.run(context.signal, async () => {
      const pending = pool.request({ method, path, headers, signal: context.signal, body: body ?? null });
      if (method === 'POST') {
        pending.catch(() => undefined);
        await context.fault?.('call_sent');
      }
      const response = await pending;
      const text = await response.body.text();
      if (method === 'POST') await context.fault?.('response_unseen');
      return {
        status: response.statusCode,
        retryAfterMs: retryAfterOf(response.headers['retry-after']),
        body: parse(text),
      };
    });

  return {
    async get<T>(path: string, context: PortContext) {
      let answer: Answer;
      try {
        answer = await send('GET', path, context);
      } catch (error) {
        if (context.signal.aborted || error instanceof KeelsonError) throw error;
        throw unavailable('desk_unreachable', `the desk does not answer (${codeOf(error)})`, {
          cause: error,
        });
      }
      if (answer.status === 404) return null;
      throwUnlessWell(answer, path);
      return answer.body as T;
    },
    async post<T>(path: string, body: object, context: PortContext) {
      let answer: Answer;
      try {
        answer = await send('POST', path, context, JSON.stringify(body));
      } catch (error) {
        if (context.signal.aborted || error instanceof KeelsonError) throw error;
        if (notSent.has(codeOf(error)))
          throw unavailable('desk_unreachable', `the desk does not answer (${codeOf(error)})`, {
            cause: error,
          });
        throw unknownOutcome('desk_no_answer', `sent, and no answer came (${codeOf(error)})`, {
          cause: error,
        });
      }
      if (answer.status >= 500 && answer.status !== 503)
        throw unknownOutcome('desk_error', `the desk answers ${answer.status}`);
      throwUnlessWell(answer, path);
      return answer.body as T;
    },
    close: () => pool.close(),
  };
}

function throwUnlessWell({ status, retryAfterMs, body }: Answer, path: string): void {
  if (status >= 200 && status < 300) {
    if (body !== undefined) return;
    throw misconfigured('desk_not_there', 'what answers there is no desk: its answer is not JSON');
  }
  const where = path.split('?')[0];
  if (status === 401 || status === 403)
    throw misconfigured('desk_key', `the desk refuses the key: ${status} on ${where}`);
  if (status === 404) throw misconfigured('desk_not_there', `the desk has no ${where}`);
  if (status === 429 || status >= 500 || status === 408 || status === 409)
    throw unavailable(`desk_${status}`, `the desk answers ${status}`, {
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  throw rejected('desk_refused', `the desk answers ${status}: ${descriptionOf(body)}`);
}

/** An API token comes with its user as `address/token:TOKEN`; what has no such mark is an OAuth token. */
const authorizationOf = (token: string): string =>
  token.includes('/token:') ? `Basic ${Buffer.from(token).toString('base64')}` : `Bearer ${token}`;

function retryAfterOf(header: string | string[] | undefined): number | undefined {
  const seconds = Number(Array.isArray(header) ? header[0] : header);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : 'no code';
}

/** The desk's own words for what is wrong, without the request that it may repeat. */
function descriptionOf(body: unknown): string {
  const { error, description } = (body ?? {}) as { error?: unknown; description?: unknown };
  return [error, description]
    .filter(each => typeof each === 'string')
    .join(': ')
    .slice(0, 200);
}
