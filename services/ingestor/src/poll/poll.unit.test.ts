import { afterEach, describe, expect, test } from '@jest/globals';
import { unavailable } from '@keelson/contracts';
import type { FetchRequest } from '@keelson/contracts';
import { stripePoller } from '@keelson/sources';
import type { OutputRecord, TaskContext, TaskRecord } from '@keelson/stream';
import { silentLogger } from '@keelson/stream';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient, retryAfterOf } from './client.ts';
import type { HttpClient } from './client.ts';
import { fetchTask } from './fetch-task.ts';
import { createGate } from './gate.ts';
import type { Gate } from './gate.ts';

const releases: (() => void | Promise<unknown>)[] = [];
afterEach(async () => {
  for (const release of releases.splice(0).reverse()) await release();
});

type Answer = { status: number; body?: unknown; headers?: Record<string, string> } | 'hang' | 'reset';

/** Answers each request by `answer`; knows what was asked. */
async function startSource(answer: (path: string, time: number) => Answer) {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const said = answer(path, asked.length);
    if (said === 'hang') return;
    if (said === 'reset') return void request.socket.destroy();
    response.writeHead(said.status, said.headers).end(JSON.stringify(said.body ?? {}));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  releases.push(() => {
    server.closeAllConnections();
    return new Promise(resolve => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function clientOf(
  url: string,
  timeoutMs = 2000,
): { client: HttpClient; gate: ReturnType<typeof createGate> } {
  const gate = createGate({ requestsPerSecond: 1000, concurrency: 4, nowMs: Date.now });
  const client = createClient({ baseUrl: url, gate, timeoutMs, nowMs: Date.now });
  releases.push(
    () => client.close(),
    () => gate.stop(),
  );
  return { client, gate };
}

describe('the client', () => {
  test.each([200, 400, 404])('%d is an answer', async status => {
    const { url } = await startSource(() => ({ status, body: { a: 1 } }));
    await expect(clientOf(url).client.get('/v1/x', {})).resolves.toMatchObject({ status });
  });

  test.each([
    [{ status: 500 }, 'unavailable'],
    [{ status: 503 }, 'unavailable'],
    [{ status: 302 }, 'unavailable'],
    [{ status: 401 }, 'misconfigured'],
    [{ status: 403 }, 'misconfigured'],
    [{ status: 414 }, 'invalid_event'],
    [{ status: 431 }, 'invalid_event'],
    ['reset' as const, 'unavailable'],
    ['hang' as const, 'unavailable'],
  ])('%j is %s', async (answer, kind) => {
    const { url } = await startSource(() => answer);
    await expect(clientOf(url, 200).client.get('/v1/x', {})).rejects.toMatchObject({ kind });
  });

  test('429 keeps everybody away for as long as it says', async () => {
    const { url } = await startSource(() => ({ status: 429, headers: { 'retry-after': '30' } }));
    const { client, gate } = clientOf(url);
    const before = Date.now();
    await expect(client.get('/v1/x', {})).rejects.toMatchObject({
      kind: 'unavailable',
      retryAfterMs: 30_000,
    });
    expect(gate.closedUntilMs()).toBeGreaterThanOrEqual(before + 30_000);
  });

  test('a key that is refused keeps everybody away for a minute', async () => {
    const { url, asked } = await startSource(() => ({ status: 401 }));
    const { client, gate } = clientOf(url);
    const before = Date.now();
    await expect(client.get('/v1/x', {})).rejects.toMatchObject({ code: 'source_refuses_key' });
    expect(gate.closedUntilMs()).toBeGreaterThanOrEqual(before + 60_000);
    await expect(client.get('/v1/x', {})).rejects.toMatchObject({ code: 'gate_closed' });
    expect(asked).toHaveLength(1);
  });

  test('what no header can hold is never asked', async () => {
    const { url, asked } = await startSource(() => ({ status: 200 }));
    const { client } = clientOf(url);
    await expect(client.get('/v1/x', { 'stripe-account': 'acct\n1' })).rejects.toMatchObject({
      kind: 'invalid_event',
    });
    expect(asked).toEqual([]);
  });

  test('nobody listens', async () => {
    await expect(clientOf('http://127.0.0.1:1').client.get('/v1/x', {})).rejects.toMatchObject({
      kind: 'unavailable',
    });
  });

  test('Retry-After in seconds, as a date, or not to be read', () => {
    expect(retryAfterOf('5', 0)).toBe(5000);
    expect(retryAfterOf('Thu, 01 Jan 1970 00:01:00 GMT', 10_000)).toBe(50_000);
    expect(retryAfterOf('soon', 0)).toBeUndefined();
  });
});

describe('the gate', () => {
  test('lets in no more at once than agreed', async () => {
    const gate = createGate({ requestsPerSecond: 1_000_000, concurrency: 2, nowMs: Date.now });
    releases.push(() => gate.stop());
    const leave = [await gate.enter(), await gate.enter()];
    let third = false;
    const waiting = gate.enter().then(() => (third = true));
    await Promise.resolve();
    expect(third).toBe(false);
    leave[0]?.();
    leave[0]?.();
    await waiting;
    expect(third).toBe(true);
  });

  test('spaces requests by the agreed rate', async () => {
    const gate = createGate({ requestsPerSecond: 50, concurrency: 100, nowMs: Date.now });
    releases.push(() => gate.stop());
    const begun = Date.now();
    for (let i = 0; i < 16; i++) (await gate.enter())();
    // 16 at 20 ms, of which 100 ms may be made good at the start.
    expect(Date.now() - begun).toBeGreaterThanOrEqual(180);
  });

  test('when it is shut, those who wait are told', async () => {
    const gate = createGate({ requestsPerSecond: 1, concurrency: 1, nowMs: Date.now });
    await gate.enter();
    const waiting = gate.enter();
    gate.stop();
    await expect(waiting).rejects.toMatchObject({ kind: 'unavailable', code: 'gate_closed' });
    await expect(gate.enter()).rejects.toMatchObject({ kind: 'unavailable', code: 'gate_closed' });
  });

  test('when it is closed for long, nobody waits at it: a handler that waited would hang', async () => {
    const gate = createGate({ requestsPerSecond: 1, concurrency: 1, nowMs: () => 0 });
    releases.push(() => gate.stop());
    const leave = await gate.enter();
    const waiting = gate.enter();
    gate.closeUntil(30_000);
    gate.closeUntil(30_001);
    await expect(waiting).rejects.toMatchObject({ code: 'gate_closed' });
    await expect(gate.enter()).rejects.toMatchObject({ code: 'gate_closed' });
    leave();
  });

  test('when it is closed for a short while, they wait', async () => {
    let nowMs = 0;
    const gate = createGate({ requestsPerSecond: 1000, concurrency: 1, nowMs: () => nowMs });
    releases.push(() => gate.stop());
    gate.closeUntil(50);
    const waiting = gate.enter();
    nowMs = 50;
    expect(await waiting).toBeInstanceOf(Function);
  });
});

describe('the task', () => {
  const request = (objectId: string, changes: Partial<FetchRequest> = {}): FetchRequest => ({
    source: 'stripe',
    account: 'acct_1',
    alias: 'stripe:acct_1:cus_1',
    object_type: 'balance_transaction',
    object_id: objectId,
    reason: 'fee-and-net',
    position: 'ingress.stripe/0/1',
    requested_at: 0,
    ...changes,
  });
  const recordOf = (value: FetchRequest, offset = 0n): TaskRecord => ({
    topic: 'fetch.stripe',
    partition: 0,
    offset,
    key: value.alias,
    timestampMs: 0,
    headers: { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
    record: 'keelson.internal.FetchRequest',
    value,
    bytes: Buffer.alloc(0),
  });

  async function run(
    batch: readonly TaskRecord[],
    url: string,
    signal = new AbortController().signal,
    before: (gate: Gate) => void = () => undefined,
  ) {
    const { client, gate } = clientOf(url);
    before(gate);
    const sent: OutputRecord[] = [];
    const problems: (string | undefined)[] = [];
    const counted: string[] = [];
    const definition = fetchTask({
      source: 'stripe',
      poller: stripePoller({ apiKey: 'sk_live_1', account: 'acct_1' }),
      client,
      gate,
      concurrency: 4,
      logger: silentLogger,
      metrics: {
        failed: code => counted.push(`failed ${code}`),
        rejected: code => counted.push(`rejected ${code}`),
      },
      onProblem: problem => problems.push(problem),
    });
    const context = {
      partition: 0,
      signal,
      now: () => 1_800_000_000_000,
      send: (output: OutputRecord) => void sent.push(output),
      position: () => '',
    } as unknown as TaskContext;
    const handler = await definition.createHandler(context);
    await handler.process(batch, context);
    return { sent, problems, counted, handler, gate };
  }

  const movement = { object: 'balance_transaction', id: 'txn_1' };

  test('writes what the source answers to ingress, in the trace of the request', async () => {
    const { url } = await startSource(() => ({ status: 200, body: movement }));
    const { sent } = await run([recordOf(request('txn_1'))], url);
    expect(sent).toMatchObject([
      {
        topic: 'ingress.stripe',
        key: 'stripe:acct_1:cus_1',
        headers: { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
        value: {
          origin: 'fetch',
          delivery_id: null,
          secret_id: null,
          headers: { 'keelson-livemode': 'true' },
        },
      },
    ]);
    expect(JSON.parse(String((sent[0]?.value as { payload: Buffer }).payload))).toEqual(movement);
  });

  test('asks once for what is asked twice', async () => {
    const { url, asked } = await startSource(() => ({ status: 200, body: movement }));
    const { sent } = await run([recordOf(request('txn_1')), recordOf(request('txn_1'), 1n)], url);
    expect([asked.length, sent.length]).toEqual([1, 1]);
  });

  test('tries again, and then lets the next ones have their turn: the request goes to the end of the line', async () => {
    const { url, asked } = await startSource(path =>
      path.includes('txn_bad') ? { status: 500 } : { status: 200, body: movement },
    );
    const { sent, problems } = await run([recordOf(request('txn_bad')), recordOf(request('txn_1'), 1n)], url);
    expect(sent.map(output => output.topic).sort()).toEqual(['fetch.stripe', 'ingress.stripe']);
    expect(sent.find(output => output.topic === 'fetch.stripe')?.value).toEqual(request('txn_bad'));
    expect(asked.filter(path => path.includes('txn_bad'))).toHaveLength(3);
    expect(problems).toContain('the source answered 500');
  });

  test('one bad answer costs nothing', async () => {
    const { url } = await startSource((_path, time) =>
      time === 1 ? 'reset' : { status: 200, body: movement },
    );
    const { sent, problems } = await run([recordOf(request('txn_1'))], url);
    expect(sent.map(output => output.topic)).toEqual(['ingress.stripe']);
    expect(problems.at(-1)).toBeUndefined();
  });

  test('a key that is refused loses nothing either', async () => {
    const { url } = await startSource(() => ({ status: 401 }));
    const { sent, problems, counted } = await run([recordOf(request('txn_1'))], url);
    expect(sent.map(output => output.topic)).toEqual(['fetch.stripe']);
    expect(problems.at(-1)).toContain('refuses the API key');
    expect(counted).toEqual(['failed source_refuses_key']);
  });

  test('when a key is refused, what is behind is not asked, and the reason stays', async () => {
    const { url, asked } = await startSource(() => ({ status: 401 }));
    const batch = Array.from({ length: 16 }, (_, index) => recordOf(request(`txn_${index}`), BigInt(index)));
    const { sent, problems } = await run(batch, url);
    expect(sent.map(output => output.topic)).toEqual(batch.map(() => 'fetch.stripe'));
    // As many as may ask at once; the others are turned away at the gate.
    expect(asked.length).toBeLessThanOrEqual(4);
    expect(new Set(problems)).toEqual(new Set(['the source refuses the API key (401)']));
  });

  test('when the service stops, what waits at the gate goes to the end of the line: it is not rejected', async () => {
    const { url } = await startSource(() => ({ status: 200, body: movement }));
    const { sent } = await run([recordOf(request('txn_1'))], url, undefined, gate => gate.stop());
    expect(sent.map(output => output.topic)).toEqual(['fetch.stripe']);
  });

  test('takes no more while the source asks to be left alone for long', async () => {
    const { url } = await startSource(() => ({ status: 200, body: movement }));
    const { handler, gate } = await run([], url);
    expect(handler.demand?.('fetch.stripe')).toBeGreaterThan(0);
    gate.closeUntil(1_800_000_000_000 + 60_000);
    expect(handler.demand?.('fetch.stripe')).toBe(0);
  });

  test('when the partition is lost it ends, and sends nothing', async () => {
    const lost = new AbortController();
    const { url } = await startSource(() => {
      lost.abort(unavailable('lost', 'the partition is lost'));
      return { status: 500 };
    });
    await expect(run([recordOf(request('txn_1'))], url, lost.signal)).rejects.toThrow(
      'the partition is lost',
    );
  });

  const poison = { ...recordOf(request('x')), record: null, value: null, error: new Error('no schema') };
  const other = { ...recordOf(request('x')), record: 'keelson.internal.Claim' } as TaskRecord;
  const empty = { ...recordOf(request('x')), value: null };
  const unaskable = recordOf(request('txn_1', { account: 'acct\n1' }));

  test.each([
    ['bytes that cannot be read', poison, 'undecodable', 'no schema'],
    ['another record', other, 'no_request', 'a keelson.internal.Claim where requests are'],
    ['a record without a value', empty, 'no_request', 'a record without a value'],
    [
      'a request that no header can hold',
      unaskable,
      'fetch_request',
      'stripe-account holds what no header can',
    ],
  ])('%s: rejected once, with its bytes; the others are answered', async (_, record, code, reason) => {
    const { url } = await startSource(() => ({ status: 200, body: movement }));
    const bytes = Buffer.from('as it was read');
    const { sent, counted, problems } = await run(
      [{ ...record, bytes }, recordOf(request('txn_2'), 1n)],
      url,
    );
    expect(sent.map(output => output.topic).sort()).toEqual(['ingress.stripe', 'rejected']);
    expect(sent.find(({ topic }) => topic === 'rejected')).toMatchObject({
      headers: { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
      value: { topic: 'fetch.stripe', value: bytes, error_code: code, reason, source: 'stripe' },
    });
    expect(counted).toEqual([`rejected ${code}`]);
    expect(problems).toEqual([undefined]);
  });
});
