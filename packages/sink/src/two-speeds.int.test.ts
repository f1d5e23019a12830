import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { topics } from '@keelson/contracts';
import type { OutputRecord } from '@keelson/stream';
import { runTasks, silentLogger } from '@keelson/stream';
import { waitFor } from '@keelson/testkit';
import { createRateLimiter } from './rate-limit.ts';
import { createSink } from './sink.ts';
import { createFakePort } from './testing/fake-port.ts';
import { createBrokerWorld } from './testing/real-broker.ts';
import type { BrokerWorld } from './testing/real-broker.ts';
import { eventIdOf, odooWorkOf, testFlows } from './testing/works.ts';
import type { TestWork } from './testing/works.ts';

/** Twenty times as fast as the promise: 20 requests/s, and 60 s become 3 s. */
const scale = 20;
const documents = 50_000;
const customers = 5_000;

let world: BrokerWorld;
beforeAll(async () => {
  world = await createBrokerWorld();
}, 180_000);
afterAll(() => world.close());

const output = (topic: string, work: TestWork): OutputRecord => ({
  topic,
  key: work.customer,
  record: 'keelson.work.OdooWork',
  value: odooWorkOf(work),
});

const start = (port: ReturnType<typeof createFakePort>) => {
  const sink = createSink({
    target: world.target,
    record: 'keelson.work.OdooWork',
    policy: { mode: 'live', environment: 'test', rate: { requests_per_second: scale, concurrency: 1 } },
    flows: testFlows,
    port,
    codec: world.codec,
    logger: silentLogger,
    limits: { batchMs: 4_000 / scale },
  });
  return runTasks({ ...sink.definition, lingerMs: 5, tickMs: 100 }, world.options());
};

test('on a real broker a new customer overtakes fifty thousand documents', async () => {
  const bulk = Array.from({ length: documents }, (_, index) =>
    output(topics.sinkBulk(world.target), {
      customer: `c${index % customers}`,
      id: `d${index}`,
      kind: 'fact',
    }),
  );
  for (let from = 0; from < bulk.length; from += 5_000) await world.publish(bulk.slice(from, from + 5_000));

  const limiter = createRateLimiter({ requestsPerSecond: scale, concurrency: 1 });
  const port = createFakePort({ limiter });
  const tasks = start(port);
  await tasks.ready;
  await waitFor('bulk work', () => port.applied.length > 20);
  const before = process.memoryUsage.rss();

  const waits: number[] = [];
  for (let customer = 0; customer < 12; customer++) {
    const id = `activation ${customer}`;
    const begun = Date.now();
    await world.publish([
      output(topics.sink(world.target), { customer: `new${customer}`, id, kind: 'state' }),
    ]);
    const done = await waitFor(id, () => port.applied.find(({ eventId }) => eventId === eventIdOf(id)));
    waits.push(done.atMs - begun);
  }
  await tasks.stop();

  expect(Math.max(...waits)).toBeLessThan(60_000 / scale);
  // The fifty thousand are on the broker, not in the process.
  expect(process.memoryUsage.rss() - before).toBeLessThan(150 << 20);
  const perCustomer = Map.groupBy(port.applied, ({ lane }) => lane);
  for (const [lane, effects] of perCustomer) {
    if (lane?.startsWith('c') !== true) continue;
    const first = Number(lane.slice(1));
    expect(effects.map(({ eventId }) => eventId)).toEqual(
      effects.map((_, index) => eventIdOf(`d${first + customers * index}`)),
    );
  }

  // Started again on the same target, it goes on where it was: what was applied is not applied again.
  const group = `${world.target}-sink-${world.target}`;
  const left = await world.lag(group, topics.sinkBulk(world.target));
  const appliedBulk = port.applied.length - waits.length;
  expect(documents - left).toBeLessThanOrEqual(appliedBulk);
  const again = start(port);
  await waitFor('more bulk work', () => port.applied.length > appliedBulk + waits.length + 40);
  await again.stop();
  const all = port.applied.map(({ eventId }) => eventId);
  expect(new Set(all).size).toBe(all.length);
}, 180_000);
