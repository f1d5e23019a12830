import { misconfigured, unavailable } from '@keelson/contracts';
import type { SourceAnswer, SourceClient } from '@keelson/sources';
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

/**
 * GET with a time-out, at the gate's pace. What says "not now" (429, 5xx, no answer) is Unavailable, and keeps everybody
 * away for as long as the source asked.
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
    if (statusCode === 401 || statusCode === 403) {
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

/** Seconds, or an HTTP date. */
export function retryAfterOf(header: string | string[] | undefined, nowMs: number): number | undefined {
  if (typeof header !== 'string') return undefined;
  if (/^\d{1,6}$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
