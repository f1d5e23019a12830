import { invalidEvent, misconfigured, unavailable } from '@keelson/contracts';
import type { SourceAnswer, SourceClient } from '@keelson/sources';
import { validateHeaderValue } from 'node:http';
import { Agent, request } from 'undici';
import type { Gate } from './gate.ts';

export interface ClientOptions {
  readonly baseUrl: string;
  readonly gate: Gate;
  readonly timeoutMs?: number;
  readonly nowMs: () => number;
}

export interface HttpClient extends SourceClient {
  readonly close: () => Promise<void>;
}

const maxAnswerBytes = 4 << 20;
/** How long a source that refuses the key is left alone: asking on would only fill its log, and ours. */
const refusedPauseMs = 60_000;
/** The request itself is too long for its source; it will not be shorter the next time. */
const tooLong = new Set([414, 431]);

/**
 * GET with a time-out, at the gate's pace. What says "not now" (429, 5xx, no answer) is Unavailable, and keeps everybody
 * away for as long as the source asked; a key that is refused is Misconfigured, and keeps everybody away for a minute.
 * What can never be asked is an InvalidEvent.
 */
export function createClient({ baseUrl, gate, timeoutMs = 10_000, nowMs }: ClientOptions): HttpClient {
  const agent = new Agent({
    connections: 16,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: { timeout: timeoutMs },
    maxResponseSize: maxAnswerBytes,
  });

  async function get(path: string, headers: Readonly<Record<string, string>>): Promise<SourceAnswer> {
    const leave = await gate.enter();
    try {
      return await ask(path, headers);
    } finally {
      leave();
    }
  }

  async function ask(path: string, headers: Readonly<Record<string, string>>): Promise<SourceAnswer> {
    checkHeaders(headers);
    let answer;
    try {
      const signal = AbortSignal.timeout(2 * timeoutMs);
      answer = await request(new URL(path, baseUrl), { dispatcher: agent, headers: { ...headers }, signal });
      const body = Buffer.from(await answer.body.arrayBuffer());
      if (answer.statusCode === 200 || answer.statusCode === 400 || answer.statusCode === 404) {
        return { status: answer.statusCode, body };
      }
    } catch (cause) {
      throw unavailable('source_unreachable', 'the source did not answer', { cause });
    }
    const { statusCode } = answer;
    if (tooLong.has(statusCode)) throw invalidEvent('fetch_request', `the source answered ${statusCode}`);
    if (statusCode === 401 || statusCode === 403) {
      gate.closeUntil(nowMs() + refusedPauseMs);
      throw misconfigured('source_refuses_key', `the source refuses the API key (${statusCode})`);
    }
    const retryAfterMs = retryAfterOf(answer.headers['retry-after'], nowMs());
    if (retryAfterMs !== undefined) gate.closeUntil(nowMs() + retryAfterMs);
    throw unavailable(
      'source_unavailable',
      `the source answered ${statusCode}`,
      retryAfterMs === undefined ? {} : { retryAfterMs },
    );
  }

  return { get, close: () => agent.close() };
}

/** The account of a request goes into a header; that the key can is checked at start. */
function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderValue(name, value);
    } catch (cause) {
      throw invalidEvent('fetch_request', `${name} holds what no header can`, { cause });
    }
  }
}

/** Seconds, or an HTTP date. */
export function retryAfterOf(header: string | string[] | undefined, nowMs: number): number | undefined {
  if (typeof header !== 'string') return undefined;
  if (/^\d{1,6}$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
