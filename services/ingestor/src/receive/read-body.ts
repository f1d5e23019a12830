import type { IncomingMessage } from 'node:http';

/** The largest body that is taken. */
export const maxBodyBytes = 768 * 1024;

/** Bytes of bodies that are being read, over all connections; one for the process. */
export interface BodyBudget {
  take(bytes: number): boolean;
  give(bytes: number): void;
}

export function createBodyBudget(maxBytes: number): BodyBudget {
  let left = maxBytes;
  return {
    take(bytes) {
      if (bytes > left) return false;
      left -= bytes;
      return true;
    },
    give(bytes) {
      left += bytes;
    },
  };
}

export type ReadBody =
  | { readonly ok: true; readonly body: Buffer }
  | { readonly ok: false; readonly reason: 'too_large' | 'overloaded' | 'gone' };

/** Whether the request says itself that its body is too large. */
export const saysTooLarge = (request: IncomingMessage): boolean =>
  Number(request.headers['content-length'] ?? 0) > maxBodyBytes;

/** The body's bytes, or why they were not read to the end. The caller gives what was taken back to the budget. */
export function readBody(
  request: IncomingMessage,
  budget: BodyBudget,
  done: (read: ReadBody, taken: number) => void,
): void {
  if (saysTooLarge(request)) return done({ ok: false, reason: 'too_large' }, 0);
  const chunks: Buffer[] = [];
  let bytes = 0;
  let taken = 0;
  let settled = false;
  const settle = (read: ReadBody): void => {
    if (settled) return;
    settled = true;
    done(read, taken);
  };
  request.on('data', (chunk: Buffer) => {
    if (settled) return;
    bytes += chunk.length;
    if (bytes > maxBodyBytes) return settle({ ok: false, reason: 'too_large' });
    if (!budget.take(chunk.length)) return settle({ ok: false, reason: 'overloaded' });
    taken += chunk.length;
    chunks.push(chunk);
  });
  request.on('end', () => {
    const [first] = chunks;
    const body = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, bytes);
    settle({ ok: true, body });
  });
  request.on('error', () => settle({ ok: false, reason: 'gone' }));
  request.on('close', () => settle({ ok: false, reason: 'gone' }));
}
