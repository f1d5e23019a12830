import { Worker } from 'node:worker_threads';
import type { Load, LoadResult } from './load.ts';

export type { Load, LoadResult } from './load.ts';

/** Sends `load` from a thread of its own. Rejects when no connection can be made. */
export function sendLoad(load: Load): Promise<LoadResult> {
  const worker = new Worker(new URL('generator.ts', import.meta.url), { workerData: load });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', code => reject(new Error(`the generator ended with ${code}`)));
  });
}

/** A POST as it goes over the wire. */
export function postRequest(path: string, headers: Readonly<Record<string, string>>, body: string): Buffer {
  const head = Object.entries({
    host: '127.0.0.1',
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  });
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\n${head.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
  );
}

/** How many were not answered 2xx. */
export const failuresOf = ({ byStatus }: LoadResult): number =>
  Object.entries(byStatus).reduce((sum, [status, count]) => (status.startsWith('2') ? sum : sum + count), 0);
