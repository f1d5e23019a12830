import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { topics } from '@keelson/contracts';
import type { FetchRequest, Ingress } from '@keelson/contracts';
import { createPublisher, silentLogger } from '@keelson/stream';
import type { TaskRecord } from '@keelson/stream';
import { startNode, waitFor } from '@keelson/testkit';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInstallation, partitionCount, startIngestor } from './testing/installation.ts';
import type { Installation } from './testing/installation.ts';
import { event, post, postEvent, stripeHeaders } from './testing/receiving.ts';

let installation: Installation;
let stripe: Server;
/** What the stand-in answers; unknown paths are 404. */
const objects = new Map<string, unknown>();
let failures = 0;

beforeAll(async () => {
  stripe = createServer((request, response) => {
    const found = objects.get(request.url ?? '');
    const status = failures-- > 0 ? 503 : found === undefined ? 404 : 200;
    response.writeHead(status).end(JSON.stringify(found ?? {}));
  });
  await new Promise<void>(resolve => stripe.listen(0, '127.0.0.1', resolve));
  installation = await createInstallation(`http://127.0.0.1:${(stripe.address() as AddressInfo).port}`);
}, 180_000);

afterAll(async () => {
  stripe.closeAllConnections();
  stripe.close();
  await installation.close();
}, 60_000);

const ingressOf = (record: TaskRecord): Ingress => record.value as Ingress;
const withId = async (id: string): Promise<TaskRecord[]> =>
  (await installation.read()).filter(record => ingressOf(record).delivery_id === id);

describe('the service', () => {
  test('receives, fetches, says how it is, and stops in order', async () => {
    const { process, webhooks, admin } = await startIngestor(installation);
    const body = event('evt_all', 'cus_1');
    expect((await post(webhooks, body, stripeHeaders(body))).status).toBe(200);
    const [record] = await withId('evt_all');
    expect(record).toMatchObject({ key: 'stripe:acct_1:cus_1', record: 'keelson.internal.Ingress' });
    expect(ingressOf(record as TaskRecord).payload.toString()).toBe(body);
    expect(record?.timestampMs).toBe(ingressOf(record as TaskRecord).received_at / 1000);

    expect((await post(webhooks, body, stripeHeaders(body, 'whsec_wrong'))).status).toBe(401);
    expect(await withId('evt_all')).toHaveLength(1);

    await waitFor('readiness', async () => (await fetch(`${admin}/readyz`)).status, {
      until: status => status === 200,
      timeoutMs: 60_000,
    });
    await asksFor('txn_1', 'txn_gone');
    objects.set('/v1/balance_transactions/txn_1?expand[]=source', {
      object: 'balance_transaction',
      id: 'txn_1',
    });
    failures = 2;
    const fetched = await waitFor(
      'what was fetched',
      async () => (await installation.read()).filter(one => ingressOf(one).origin === 'fetch'),
      { until: found => found.length >= 2, timeoutMs: 60_000 },
    );
    const payloads = fetched.map(
      one => JSON.parse(String(ingressOf(one).payload)) as { object: string; id: string },
    );
    expect(payloads.map(({ object, id }) => `${object} ${id}`).sort()).toEqual([
      'balance_transaction txn_1',
      'keelson.not_found txn_gone',
    ]);
    expect(fetched.map(one => one.headers['traceparent'])).toEqual([traceparent, traceparent]);

    const metrics = await (await fetch(`${admin}/metrics`)).text();
    expect(metrics).toMatch(
      new RegExp(`keelson_accepted_total{keelson_source="${installation.source}".*} 1\n`),
    );
    expect(metrics).toMatch(/keelson_refused_requests_total{.*forged_signature.*} 1\n/);

    expect(await process.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(process.lines().join('\n')).not.toMatch(/whsec|sk_test/);
  }, 180_000);

  test('without a broker it says 503 in 3 s, with Retry-After, and is not ready', async () => {
    const { process, webhooks, admin } = await startIngestor(installation, {
      env: { KEELSON_KAFKA_BROKERS: '127.0.0.1:1' },
    });
    const begun = performance.now();
    const response = await postEvent(webhooks);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
    expect(performance.now() - begun).toBeLessThan(3_500);
    expect((await fetch(`${admin}/readyz`)).status).toBe(503);
    expect((await fetch(`${admin}/healthz`)).status).toBe(200);
    await process.kill();
  }, 60_000);

  test('with faults in its configuration it tells all of them and ends with 78', async () => {
    const process = startNode(new URL('./main.ts', import.meta.url).pathname, [], {
      env: {
        ...installation.environment,
        KEELSON_KAFKA_BROKERS: 'nonsense',
        KEELSON_HTTP_PORT: '99999',
        KEELSON_POLICY_DIRECTORY: '/nowhere',
      },
    });
    expect(await process.exited).toEqual({ code: 78, signal: null });
    const told = process.lines().join('\n');
    expect(told).toContain('KEELSON_KAFKA_BROKERS');
    expect(told).toContain('KEELSON_POLICY_DIRECTORY');
  }, 60_000);
});

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

async function asksFor(...ids: readonly string[]): Promise<void> {
  const { kafka, codec, source } = installation;
  const publisher = createPublisher({ kafka, codec, partitionCount, logger: silentLogger });
  const request = (id: string): FetchRequest => ({
    source,
    account: 'acct_1',
    alias: 'stripe:acct_1:cus_1',
    object_type: 'balance_transaction',
    object_id: id,
    reason: 'fee-and-net',
    position: `ingress.${source}/0/0`,
    requested_at: 0,
  });
  await publisher.publish(
    ids.map(id => ({
      topic: topics.fetch(source),
      key: request(id).alias,
      record: 'keelson.internal.FetchRequest' as const,
      value: request(id),
      headers: { traceparent },
    })),
  );
  await publisher.stop();
}

/**
 * Killed once at each point of a request's way. The sender sends again until it hears 2xx: what it heard it about is
 * stored. Before the acknowledgement nobody hears it.
 */
describe('killed at', () => {
  const stored = { body_read: 0, verified: 0, acknowledged: 1, answered: 1 };

  test.each(['body_read', 'verified', 'enqueued', 'acknowledged', 'answered'] as const)(
    '%s: a 2xx is never lost',
    async point => {
      const id = `evt_${point}`;
      const { process, webhooks } = await startIngestor(installation, { killAt: point });
      const heard = await postEvent(webhooks, event(id)).then(
        response => response.status,
        () => undefined,
      );
      expect(await process.exited).toEqual({ code: null, signal: 'SIGKILL' });
      // The answer may be on its way when the process dies after it has been written.
      if (point === 'answered') expect([200, undefined]).toContain(heard);
      else expect(heard).toBeUndefined();
      const before = (await withId(id)).length;
      if (point === 'enqueued') expect(before).toBeLessThanOrEqual(1);
      else expect(before).toBe(stored[point]);
      if (heard === 200) return;
      const again = await startIngestor(installation);
      expect((await postEvent(again.webhooks, event(id))).status).toBe(200);
      expect(await withId(id)).toHaveLength(before + 1);
      await again.process.kill();
    },
    120_000,
  );
});
