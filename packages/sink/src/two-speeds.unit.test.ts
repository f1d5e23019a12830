import { describe, expect, test } from '@jest/globals';
import { createBench } from './testing/bench.ts';
import type { Bench } from './testing/bench.ts';
import { createFakePort } from './testing/fake-port.ts';
import type { FakePort } from './testing/fake-port.ts';
import { createRateLimiter } from './rate-limit.ts';
import { codecFor, createSimulatedTask } from './testing/simulated-task.ts';
import type { SimulatedTask } from './testing/simulated-task.ts';
import { createVirtualClock } from './testing/virtual-clock.ts';
import { eventIdOf, odooWorkOf } from './testing/works.ts';
import type { TestWork } from './testing/works.ts';

const partitions = 3;
const documents = 50_000;

interface World {
  readonly port: FakePort;
  readonly tasks: readonly SimulatedTask[];
  readonly clock: ReturnType<typeof createVirtualClock>;
  give(topic: string, work: TestWork, partition: number): void;
}

/** A target that allows one request a second, and fifty thousand documents in line for it. */
function createWorld(callsPerWork: number, maxBatch: number): World {
  const clock = createVirtualClock();
  const limiter = createRateLimiter({ requestsPerSecond: 1, concurrency: 1 }, clock);
  const port = createFakePort({ limiter, callsPerWork, maxBatch });
  const rate = { requests_per_second: 1, concurrency: 1 };
  const policy = { mode: 'live', environment: 'test', rate } as const;
  const { sink }: Bench = createBench({ port, now: clock.now, policy });
  const codec = codecFor('test');
  const tasks = Array.from({ length: partitions }, (_, partition) =>
    createSimulatedTask({ definition: sink.definition, codec, now: clock.now, partition }),
  );
  const give = (topic: string, work: TestWork, partition: number): void =>
    tasks[partition]?.produce(topic, work.customer, 'keelson.work.OdooWork', odooWorkOf(work));
  for (let index = 0; index < documents; index++)
    give(
      'sink.test.bulk',
      { customer: `c${index % 5000}`, id: `d${index}`, kind: 'fact' },
      (index % 5000) % partitions,
    );
  return { port, tasks, clock, give };
}

/** Every task goes its own way, and all share the target; until the clock shows `untilMs`. */
async function live({ clock, tasks }: World, untilMs: number, meanwhile: () => Promise<void>): Promise<void> {
  const lifetime = new AbortController().signal;
  const loop = async (task: SimulatedTask): Promise<void> => {
    while (clock.now() < untilMs) {
      expect(await task.step()).toBeUndefined();
      await clock.sleep(50, lifetime);
    }
  };
  await clock.run(Promise.all([...tasks.map(loop), meanwhile()]));
}

describe.each([
  { callsPerWork: 1, maxBatch: 100 },
  { callsPerWork: 4, maxBatch: 1 },
])(
  '50,000 documents in line, 1 request/s, $callsPerWork requests a document',
  ({ callsPerWork, maxBatch }) => {
    test('a new customer is activated in under 60 s, at any moment', async () => {
      const world = createWorld(callsPerWork, maxBatch);
      const { port, clock, tasks } = world;
      const begun = clock.now();
      const given = new Map<string, number>();
      await live(world, begun + 1_200_000, async () => {
        for (let customer = 0; customer < 25; customer++) {
          await clock.sleep(20_000 + ((customer * 7919) % 25_000), new AbortController().signal);
          const id = `activation ${customer}`;
          given.set(eventIdOf(id), clock.now());
          world.give('sink.test', { customer: `new${customer}`, id, kind: 'state' }, customer % partitions);
        }
      });
      const waits = port.applied.flatMap(({ eventId, atMs }) => {
        const since = given.get(eventId);
        return since === undefined ? [] : [atMs - since];
      });
      expect(waits).toHaveLength(25);
      expect(Math.max(...waits)).toBeLessThan(60_000);
      // The bulk goes on all the while, at the target's own pace, and is taken in small bites.
      const bulk = port.applied.length - waits.length;
      expect(bulk * callsPerWork).toBeGreaterThan(1000);
      const bites = tasks.flatMap(({ batches }) => batches.map(({ records }) => records));
      expect(Math.max(...bites)).toBeLessThanOrEqual(10);
      const perCustomer = new Map<string | null, string[]>();
      for (const { lane, eventId } of port.applied)
        perCustomer.set(lane, [...(perCustomer.get(lane) ?? []), eventId]);
      for (const [lane, events] of perCustomer) {
        if (lane?.startsWith('new') === true) continue;
        const customer = Number(lane?.slice(1));
        expect(events).toEqual(events.map((_, index) => eventIdOf(`d${customer + 5000 * index}`)));
      }
    });
  },
);

test('control: without the pace, one bite of bulk work keeps the new customer waiting for minutes', async () => {
  const world = createWorld(1, 100);
  for (const task of world.tasks) task.ignoreDemand = true;
  const { port, clock } = world;
  const begun = clock.now();
  await live(world, begun + 100_000, async () => {
    await clock.sleep(10_000, new AbortController().signal);
    world.give('sink.test', { customer: 'new', id: 'activation', kind: 'state' }, 0);
  });
  const done = port.applied.find(({ eventId }) => eventId === eventIdOf('activation'));
  expect((done?.atMs ?? Infinity) - begun - 10_000).toBeGreaterThan(60_000);
});
