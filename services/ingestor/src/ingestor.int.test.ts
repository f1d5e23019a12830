import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { topics } from '@keelson/contracts';
import type { Ingress } from '@keelson/contracts';
import type { TaskRecord } from '@keelson/stream';
import { startNode, waitFor } from '@keelson/testkit';
import { createInstallation, startIngestor, traceparent } from './testing/installation.ts';
import type { Installation } from './testing/installation.ts';
import { createLateBroker } from './testing/late-broker.ts';
import { event, post, postEvent, stripeHeaders } from './testing/receiving.ts';
import { movementPath, startStripe } from './testing/stripe.ts';
import type { StandInStripe } from './testing/stripe.ts';

let installation: Installation;
let stripe: StandInStripe;

beforeAll(async () => {
  stripe = await startStripe();
  installation = await createInstallation(stripe.url);
}, 180_000);

afterAll(async () => {
  stripe.close();
  await installation.close();
}, 60_000);

const main = new URL('./main.ts', import.meta.url).pathname;
/** Readable, but no request. */
const claim = { alias: 'a', customer_id: 'c', rule: 'r', position: 'p', claimed_at: 0 };
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
    stripe.objects.set(movementPath('txn_1'), { object: 'balance_transaction', id: 'txn_1' });
    stripe.refuse(503, 2);
    await installation.request(installation.movement('txn_1'), installation.movement('txn_gone'));
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

  test('starts before its broker, and receives when that is there', async () => {
    const broker = await createLateBroker(installation.kafka.brokers[0] ?? '');
    const { process, webhooks, admin } = await startIngestor(installation, {
      env: { KEELSON_KAFKA_BROKERS: broker.address },
    });
    const body = event('evt_late_broker');
    expect((await postEvent(webhooks, body)).status).toBe(503);
    expect(await (await fetch(`${admin}/readyz`)).json()).toMatchObject({
      reasons: ['Kafka has not answered yet: the topics are not checked'],
    });
    broker.open();
    await waitFor('readiness', async () => (await fetch(`${admin}/readyz`)).status, {
      until: status => status === 200,
      timeoutMs: 60_000,
    });
    expect((await postEvent(webhooks, body)).status).toBe(200);
    expect(await withId('evt_late_broker')).toHaveLength(1);
    await process.kill();
    broker.close();
  }, 120_000);

  test('with another partition count than its topics it ends with 78, and says what to do', async () => {
    const process = startNode(main, [], { env: { ...installation.environment, KEELSON_PARTITIONS: '2' } });
    expect(await process.exited).toEqual({ code: 78, signal: null });
    const { source } = installation;
    const told = process.lines().join('\n');
    expect(told).toContain(`expected 2 partitions: ingress.${source} (3), fetch.${source} (3), rejected (3)`);
    expect(told).toContain('keelson topics apply');
    expect(told).not.toContain('"receiving"');
  }, 60_000);

  test('finds the same out when its broker comes late: nothing was accepted meanwhile', async () => {
    const broker = await createLateBroker(installation.kafka.brokers[0] ?? '');
    const { process, webhooks } = await startIngestor(installation, {
      env: { KEELSON_KAFKA_BROKERS: broker.address, KEELSON_PARTITIONS: '2' },
    });
    expect((await postEvent(webhooks, event('evt_misplaced'))).status).toBe(503);
    broker.open();
    expect(await process.exited).toEqual({ code: 78, signal: null });
    expect(process.lines().join('\n')).toContain('expected 2 partitions');
    expect(await withId('evt_misplaced')).toEqual([]);
    broker.close();
  }, 120_000);

  test('without the topic of its poller it ends with 78', async () => {
    const lacking = await createInstallation(stripe.url, { without: 'fetch' });
    const process = startNode(main, [], { env: lacking.environment });
    expect(await process.exited).toEqual({ code: 78, signal: null });
    expect(process.lines().join('\n')).toContain(`missing topics: fetch.${lacking.source}`);
    await lacking.close();
  }, 120_000);

  test('goes on receiving, and is ready, while a source refuses its key; and says so', async () => {
    const own = await createInstallation(stripe.url);
    stripe.refuse(401);
    const { process, webhooks, admin } = await startIngestor(own);
    await own.request(own.movement('txn_refused'));
    const ready = await waitFor(
      'the warning',
      async () => {
        const response = await fetch(`${admin}/readyz`);
        const body = (await response.json()) as { warnings?: string[] };
        const said = body.warnings?.includes(`polling ${own.source}: the source refuses the API key (401)`);
        return said === true ? response.status : undefined;
      },
      { timeoutMs: 60_000 },
    );
    expect(ready).toBe(200);
    expect((await postEvent(webhooks)).status).toBe(200);
    expect(await (await fetch(`${admin}/metrics`)).text()).toMatch(
      new RegExp(`keelson_fetch_failures_total{keelson_source="${own.source}",.*source_refuses_key.*} 1\n`),
    );
    expect(
      process.lines().filter(line => line.includes('"error"') && line.includes('a fetch failed')),
    ).toHaveLength(1);
    await process.kill();
    stripe.refuse(0, 0);
    await own.close();
  }, 120_000);

  test('what can never be answered ends once, on rejected with its bytes; the partition goes on', async () => {
    const own = await createInstallation(stripe.url);
    const { source, codec, movement } = own;
    const topic = topics.fetch(source);
    const poison = Buffer.from('poison');
    const unaskable = movement('txn_unaskable', { account: 'acct\n1' });
    const tooLong = movement('x'.repeat(20_000));
    await own.request(
      poison,
      unaskable,
      tooLong,
      {
        topic,
        key: 'poison',
        record: 'keelson.internal.Claim',
        value: claim,
      },
      movement('txn_after'),
    );
    stripe.objects.set(movementPath('txn_after'), { object: 'balance_transaction', id: 'txn_after' });
    const { process, admin } = await startIngestor(own);
    await waitFor('everything to end', () => own.lag(), { until: lag => lag === 0n, timeoutMs: 60_000 });

    const [first, ...more] = await own.read();
    expect([first?.record, more]).toEqual(['keelson.internal.Ingress', []]);
    const ends = (await own.rejected()).map(({ error_code: code, value }) => [code, value.toString('hex')]);
    const bytes = (value: typeof unaskable): string =>
      codec.encode(topic, 'keelson.internal.FetchRequest', value).toString('hex');
    expect(ends.sort()).toEqual(
      [
        ['undecodable', poison.toString('hex')],
        ['fetch_request', bytes(unaskable)],
        ['fetch_request', bytes(tooLong)],
        ['no_request', codec.encode(topic, 'keelson.internal.Claim', claim).toString('hex')],
      ].sort(),
    );
    // None of them was put behind.
    expect(await own.read(topic)).toHaveLength(5);
    expect(process.lines().filter(line => line.includes('fetch request rejected'))).toHaveLength(4);
    const metrics = await (await fetch(`${admin}/metrics`)).text();
    expect(metrics).toMatch(/keelson_outcomes_total{.*"rejected".*"fetch_request".*} 2\n/);
    expect(metrics).toMatch(/keelson_outcomes_total{.*"rejected".*"undecodable".*} 1\n/);
    await process.kill();
    await own.close();
  }, 120_000);

  test('with faults in its configuration it tells all of them and ends with 78', async () => {
    const process = startNode(main, [], {
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
    expect(told).toContain('KEELSON_HTTP_PORT');
  }, 60_000);
});

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
