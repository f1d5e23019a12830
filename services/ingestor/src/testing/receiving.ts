import type { Source } from '@keelson/contracts';
import type { OutputRecord } from '@keelson/stream';
import { createHmac } from 'node:crypto';
import type { ReceiveMetrics } from '../receive/metrics.ts';
import { startReceiving } from '../receive/server.ts';
import type { ReceiveOptions, ReceiveServer } from '../receive/server.ts';
import { receivingSource } from '../receive/source.ts';

export const secrets = ['whsec_newer_0123456789', 'whsec_older_0123456789'] as const;

const rate = { requests_per_second: 1000, burst: 1000 };
const policies: Readonly<Record<string, Source>> = {
  stripe: {
    kind: 'stripe',
    account: 'acct_1',
    secrets_file: '',
    rate,
    tolerance_seconds: 300,
    unknown_customer: 'mint',
    api: { url: 'http://127.0.0.1', key_file: '', rate: { requests_per_second: 1, concurrency: 1 } },
    fetch_waiting_after_seconds: 60,
    waiting_limit_days: 25,
  },
  slow: {
    kind: 'stripe',
    account: 'acct_2',
    secrets_file: '',
    rate: { requests_per_second: 0.5, burst: 2 },
    tolerance_seconds: 300,
    unknown_customer: 'mint',
    api: { url: 'http://127.0.0.1', key_file: '', rate: { requests_per_second: 1, concurrency: 1 } },
    fetch_waiting_after_seconds: 60,
    waiting_limit_days: 25,
  },
  api: {
    kind: 'api',
    account: 'own',
    secrets_file: '',
    rate,
    unknown_customer: 'wait',
    waiting_limit_days: 25,
  },
};

export const sources = Object.entries(policies).map(([name, policy]) =>
  receivingSource(name, policy, secrets),
);

export interface Receiving {
  readonly server: ReceiveServer;
  readonly published: OutputRecord[];
  /** `source reason` of each refusal. */
  readonly refused: string[];
  readonly lines: object[];
}

/** A server whose publisher keeps what it is given; `publish` may be replaced. */
export async function startTestServer(options: Partial<ReceiveOptions> = {}): Promise<Receiving> {
  const published: OutputRecord[] = [];
  const refused: string[] = [];
  const lines: object[] = [];
  const metrics: ReceiveMetrics = {
    accepted: () => undefined,
    refused: (source, refusal) => refused.push(`${source ?? '-'} ${refusal}`),
  };
  const server = await startReceiving({
    host: '127.0.0.1',
    port: 0,
    sources,
    metrics,
    publisher: { publish: async outputs => void published.push(...outputs) },
    log: line => lines.push(line),
    onError: () => undefined,
    nowMs: Date.now,
    ...options,
  });
  return { server, published, refused, lines };
}

export const event = (id = 'evt_1', customer = 'cus_1'): string =>
  JSON.stringify({
    id,
    object: 'event',
    type: 'customer.updated',
    created: 1,
    livemode: false,
    data: { object: { object: 'customer', id: customer } },
  });

export function stripeHeaders(body: string | Buffer, secret: string = secrets[0], atMs = Date.now()) {
  const seconds = Math.floor(atMs / 1000);
  const signature = createHmac('sha256', secret).update(`${seconds}.`).update(body).digest('hex');
  return { 'stripe-signature': `t=${seconds},v1=${signature}` };
}

export const post = (
  url: string,
  body: string | Buffer,
  headers: Record<string, string>,
): Promise<Response> =>
  fetch(url, { method: 'POST', body: typeof body === 'string' ? body : new Uint8Array(body), headers });

export const postEvent = (url: string, body = event()): Promise<Response> =>
  post(url, body, stripeHeaders(body));
