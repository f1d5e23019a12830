import { Agent, request } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';

export type Answer = { status: number; retryAfterMs: number | null };

export type Poster = {
  post(path: string, headers: Record<string, string>, body: string): Promise<Answer>;
  close(): void;
};

const ANSWER_TIMEOUT_MS = 20_000;

/** Posts over kept connections. Rejects when the connection fails or nothing is answered within 20 s. */
export function createPoster(baseUrl: string, connections: number): Poster {
  const base = new URL(baseUrl);
  const secure = base.protocol === 'https:';
  const options = { keepAlive: true, maxSockets: connections };
  const agent = secure ? new SecureAgent(options) : new Agent(options);
  return {
    post: (path, headers, body) =>
      new Promise((resolve, reject) => {
        const url = new URL(path, base);
        const sent = (secure ? secureRequest : request)(
          url,
          {
            method: 'POST',
            agent,
            headers: { ...headers, 'content-length': Buffer.byteLength(body) },
            timeout: ANSWER_TIMEOUT_MS,
          },
          response => {
            response.resume();
            response.on('error', reject);
            response.on('end', () =>
              resolve({
                status: response.statusCode ?? 0,
                retryAfterMs: waitOf(response.headers['retry-after']),
              }),
            );
          },
        );
        sent.on('timeout', () => sent.destroy(new Error(`no answer within ${ANSWER_TIMEOUT_MS} ms`)));
        sent.on('error', reject);
        sent.end(body);
      }),
    close: () => agent.destroy(),
  };
}

function waitOf(header: string | undefined): number | null {
  const seconds = Number(header);
  return header === undefined || !Number.isFinite(seconds) || seconds < 0 ? null : seconds * 1000;
}
