import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { waitFor } from '@keelson/testkit';
import type { TaskRecord } from '../api.ts';
import {
  counting,
  createWorld,
  listeningLogger,
  record,
  running,
  sample,
  tally,
  told,
  startMs,
  type World,
} from '../testing/support.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld({ inputs: 2 });
}, startMs);
afterEach(() => world.close());

const entries = (count: number, keys = 10): { key: string; text: string }[] =>
  Array.from({ length: count }, (_, index) => ({ key: `k${index % keys}`, text: String(index) }));
const input = (index = 0): string => world.inputs[index] ?? '';
const lag = async (): Promise<bigint> => {
  const groups = await world.admin.groupOffsets(`${world.name}-count`, world.inputs);
  let behind = 0n;
  for (const topic of world.inputs)
    for (const { partition, end } of await world.admin.topicOffsets(topic))
      behind += end - (groups.get(topic)?.get(partition) ?? 0n);
  return behind;
};
const idle = (): Promise<unknown> =>
  waitFor('no lag', async () => (await lag()) === 0n, { timeoutMs: 30_000 });

describe('a room', () => {
  test('commits records, state and offsets, and goes on where it stopped with the state it had', async () => {
    for (let round = 0; round < 3; round++) {
      await world.feed(input(), entries(300));
      await world.feed(input(1), entries(50));
      await using tasks = running(counting(world), world.options());
      await tasks.ready;
      await idle();
    }
    expect(tally(await world.read(world.output))).toEqual({
      records: 1050,
      duplicates: [],
      brokenCounts: [],
    });
  });

  test('restores its state from the changelog when the local store is gone', async () => {
    const withStore = async (stateDirectory: string): Promise<void> => {
      await world.feed(input(), entries(100));
      await using tasks = running(counting(world), world.options({ stateDirectory }));
      await tasks.ready;
      await idle();
    };
    await withStore(`${world.stateDirectory}/a`);
    await withStore(`${world.stateDirectory}/b`);
    // A copy that missed what another wrote meanwhile catches up.
    await withStore(`${world.stateDirectory}/a`);
    expect(tally(await world.read(world.output))).toEqual({ records: 300, duplicates: [], brokenCounts: [] });
  });

  test('takes from its first input before the second, and leaves alone what the handler has no demand for', async () => {
    await world.feed(
      input(),
      [1, 2, 3].map(each => ({ key: 'urgent', text: `u${each}`, partition: 0 })),
    );
    await world.feed(
      input(1),
      [1, 2, 3].map(each => ({ key: 'bulk', text: `b${each}`, partition: 0 })),
    );
    const batches: string[][] = [];
    let open = false;
    let wake = (): void => undefined;
    await using tasks = running(
      counting(world, {
        maxBatchRecords: 2,
        tickMs: 60_000,
        createHandler: context => {
          if (context.partition === 0) wake = () => context.wake();
          return {
            demand: topic => (topic === input() || open ? 2 : 0),
            process: batch =>
              void batches.push(batch.map(each => (each.value as { delivery_id: string }).delivery_id)),
          };
        },
      }),
      world.options(),
    );
    await tasks.ready;
    await waitFor('the urgent ones', () => batches.length === 2);
    expect(batches).toEqual([['u1', 'u2'], ['u3']]);
    open = true;
    wake();
    await waitFor('all', () => batches.length === 4);
    expect(batches.slice(2)).toEqual([['b1', 'b2'], ['b3']]);
  });

  test('commits what a tick writes, and opens no transaction for a tick that writes nothing', async () => {
    let ticks = 0;
    await using tasks = running(
      counting(world, {
        tickMs: 20,
        createHandler: () => ({
          process: () => undefined,
          tick(context) {
            if (context.partition !== 0) return;
            ticks++;
            if (ticks === 10) context.send(told(world, 'k', 'tick', 1));
          },
        }),
      }),
      world.options(),
    );
    await tasks.ready;
    await waitFor('ticks', () => ticks >= 9);
    // The first transaction of each task says where it begins; then there is nothing to say.
    expect(tasks.status().transactions).toBeLessThanOrEqual(2);
    await waitFor('more ticks', () => ticks >= 30);
    expect(tasks.status().transactions).toBe(3);
    expect(tally(await world.read(world.output)).records).toBe(1);
  });

  test('a handler that throws, whatever it throws, stops nothing and loses nothing', async () => {
    const { logger, lines } = listeningLogger();
    const definition = counting(world);
    const bad: unknown[] = [
      new TypeError('not a function'),
      new RangeError('too deep'),
      new Error('plain'),
      'text',
    ];
    await using tasks = running(
      {
        ...definition,
        async createHandler(context) {
          const handler = await definition.createHandler(context);
          return {
            async process(batch, inner) {
              await handler.process(batch, inner);
              if (bad.length > 0) throw bad.shift();
            },
          };
        },
      },
      world.options({ logger }),
    );
    await tasks.ready;
    await world.feed(input(), entries(100));
    await idle();
    expect(tally(await world.read(world.output))).toEqual({ records: 100, duplicates: [], brokenCounts: [] });
    expect(tasks.status().doubts).toBe(4);
    expect(lines.filter(line => line.includes('not a function'))).toHaveLength(1);
  });

  test('hands poison over as it is, in its place, and goes on', async () => {
    const poison = [Buffer.from('{"not":"avro"}'), Buffer.from([0, 0, 0, 0, 1, 0xff]), null];
    await world.feed(input(), [{ key: 'a', text: 'before', partition: 0 }]);
    await world.feedBytes(input(), 0, poison);
    await world.feed(input(), [{ key: 'a', text: 'after', partition: 0 }]);
    const seen: TaskRecord[] = [];
    await using tasks = running(
      counting(world, { createHandler: () => ({ process: batch => void seen.push(...batch) }) }),
      world.options(),
    );
    await tasks.ready;
    await idle();
    expect(seen.map(each => each.record)).toEqual([record, null, null, '', record]);
    expect(seen[1]).toMatchObject({ bytes: poison[0], key: 'k', offset: 1n, value: null });
    expect((seen[1] as { error: Error }).error.name).toBe('Undecodable');
    expect(seen[3]).toMatchObject({ bytes: null, value: null });
  });

  test('waits for a writer that nobody can explain yet, and reads the record when somebody can', async () => {
    const { logger, lines } = listeningLogger();
    let known = false;
    const codec = {
      ...world.codec,
      learn: async () => (known ? undefined : Promise.reject(new Error('registry away'))),
    };
    const decode: typeof codec.decode = bytes =>
      world.codec.decode(
        known ? Buffer.concat([Buffer.from([0]), Buffer.from(idOf()), bytes.subarray(5)]) : bytes,
      );
    const idOf = (): Buffer => world.codec.encode(input(), record, sample('x')).subarray(1, 5);
    const bytes = world.codec.encode(input(), record, sample('late'));
    bytes.writeInt32BE(999_999, 1);
    await world.feedBytes(input(), 0, [bytes]);
    const seen: TaskRecord[] = [];
    await using tasks = running(
      counting(world, { createHandler: () => ({ process: batch => void seen.push(...batch) }) }),
      world.options({ codec: { ...codec, decode }, logger }),
    );
    await tasks.ready;
    await waitFor('the problem', () => tasks.status().tasks.some(each => each.problem === 'registry away'));
    expect(seen).toEqual([]);
    expect(lines.some(line => line.startsWith('cannot read a record: waiting'))).toBe(true);
    known = true;
    await waitFor('the record', () => seen.length === 1);
    expect(seen[0]?.value).toMatchObject({ delivery_id: 'late' });
  });

  test('does not start unless all its topics exist with the installation’s partition count, and names them all', async () => {
    const missing = running(
      counting(world, { inputs: [input(), 'missing.one', 'missing.two'] }),
      world.options(),
    );
    await expect(missing.ready).rejects.toMatchObject({
      kind: 'misconfigured',
      message: 'missing topics: missing.one, missing.two',
    });
    await missing.stop();
    const unequal = running(counting(world), world.options({ partitionCount: 3 }));
    await expect(unequal.ready).rejects.toMatchObject({
      kind: 'misconfigured',
      code: 'partition_counts_differ',
    });
    await unequal.stop();
  });

  test('tells a hanging handler from a busy one', async () => {
    const hung: number[] = [];
    let release = (): void => undefined;
    const held = new Promise<void>(resolve => (release = resolve));
    await using tasks = running(
      counting(world, { createHandler: () => ({ process: () => held }) }),
      world.options({ hangAfterMs: 2_000, onHang: partition => void hung.push(partition) }),
    );
    await tasks.ready;
    hung.length = 0;
    await world.feed(input(), [{ key: 'k', text: 'x', partition: 1 }]);
    await waitFor('the watchdog', () => hung.length > 0);
    expect(new Set(hung)).toEqual(new Set([1]));
    release();
  });

  test('says so when records were deleted before it read them, and reads what is there', async () => {
    const { logger, lines } = listeningLogger();
    const ten = entries(10, 1).map(each => ({ ...each, partition: 0 }));
    await world.feed(input(), ten);
    {
      await using tasks = running(counting(world), world.options());
      await tasks.ready;
      await idle();
    }
    await world.feed(input(), ten);
    await world.admin.deleteRecords(input(), new Map([[0, 15n]]));
    await using tasks = running(counting(world), world.options({ logger }));
    await tasks.ready;
    await idle();
    expect(tally(await world.read(world.output))).toEqual({ records: 15, duplicates: [], brokenCounts: [] });
    expect(lines.filter(line => line.startsWith('committed offset is out of range'))).toHaveLength(1);
  });
});
