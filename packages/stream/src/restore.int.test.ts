import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { waitFor } from '@keelson/testkit';
import { createClient, createLogReader, type LogReader } from './client/index.ts';
import { silentLogger } from './logger.ts';
import { restore, type Restored } from './restore.ts';
import { maxCheckpointAgeMs, openLocalStore, type LocalStore } from './state-store/index.ts';
import { createWorld, record, sample, type World, startMs } from './testing/support.ts';
import type { Outgoing } from './outgoing.ts';
import { createTransactor, type Transactor } from './transaction.ts';

/** Compacted within seconds, tombstones too: what takes a week in production. */
const quick = {
  'segment.ms': '200',
  'min.cleanable.dirty.ratio': '0.001',
  'delete.retention.ms': '100',
  'max.compaction.lag.ms': '200',
  'min.compaction.lag.ms': '0',
};

let world: World;
let reader: LogReader;
let local: LocalStore;
let transactor: Transactor;
let time: number;
beforeEach(async () => {
  world = await createWorld({ storeConfig: quick });
  reader = createLogReader(world.kafka, silentLogger);
  await reader.connect([world.store.topic]);
  local = openLocalStore(mkdtempSync(join(tmpdir(), 'keelson-restore-')), '0');
  transactor = openTransactor();
  await transactor.fence();
  time = Date.now();
}, startMs);
afterEach(async () => {
  await transactor.close();
  await reader.close();
  local.close();
  await world.close();
});

const openTransactor = (): Transactor =>
  createTransactor({ connection: world.kafka, transactionalId: world.name, logger: silentLogger });
/** In one transaction; again by a new owner when that fails, as it may while the broker starts. */
const write = async (changes: Record<string, string | null>, timestampMs = Date.now()): Promise<void> => {
  const records = Object.entries(changes).map(([key, text]): Outgoing => ({
    topic: world.store.topic,
    partition: 0,
    key,
    value: text === null ? null : world.codec.encode(world.store.topic, record, sample(text)),
    timestampMs,
    headers: undefined,
  }));
  const offsets = new Map([[world.inputs[0] ?? '', 0n]]);
  await waitFor('the write', async () => {
    try {
      return await transactor.commit({ groupId: world.name, partition: 0, offsets, records });
    } catch {
      await succeed();
      return undefined;
    }
  });
};
const succeed = async (): Promise<void> => {
  await transactor.close();
  transactor = openTransactor();
  await transactor.fence();
};
/** As a task does: shut out whoever writes (that also ends what is still being committed), then restore. */
const restored = async (
  more: { generation?: number; partition?: number; retentionMs?: number } = {},
): Promise<Restored> => {
  await succeed();
  const { generation = 1, partition = 0, ...definition } = more;
  const signal = new AbortController().signal;
  return restore({
    definition: { ...world.store, ...definition },
    partition,
    generation,
    reader,
    local,
    now: () => time,
    signal,
  });
};
const contents = (): Record<string, string> => {
  const rows = local.table(world.store.topic).page('', true, 10_000);
  return Object.fromEntries(
    rows.map(({ key, value }) => [
      key,
      (world.codec.decode(Buffer.from(value)).value as { delivery_id: string }).delivery_id,
    ]),
  );
};
/** Writes until the cleaner has taken the tombstone of `key` away. */
async function cleaned(key: string): Promise<void> {
  let tick = 0;
  await waitFor(
    'the cleaner',
    async () => {
      await write({ tick: String(tick++) });
      const records = await world.read(world.store.topic);
      return !records.some(each => each.key === key);
    },
    { timeoutMs: 50_000, everyMs: 500 },
  );
}

describe('restore', () => {
  test('reads to the stable end, past markers and aborted records', async () => {
    await write({ a: '1', b: '1', c: '1' });
    await write({ a: '2', b: null });
    const { records, wiped } = await restored();
    expect({ records, wiped }).toEqual({ records: 5, wiped: 'no checkpoint' });
    expect(contents()).toEqual({ a: '2', c: '1' });
    const { stableEnd } = await reader.bounds(world.store.topic, 0);
    expect(local.table(world.store.topic).checkpoint()?.offset).toBe(stableEnd);
  });

  test('waits for another writer’s open transaction: committed entries lie behind it', async () => {
    const other = createClient(world.kafka, silentLogger).producer({
      transactionalId: `${world.name}-other`,
      retry: { retries: 5 },
    });
    await other.connect();
    try {
      const open = await other.transaction();
      const theirs = world.codec.encode(world.store.topic, record, sample('theirs'));
      await open.send({
        topic: world.store.topic,
        messages: [{ partition: 0, key: 'theirs', value: theirs }],
      });
      await write({ ours: '1' });
      const restoring = restored();
      // The control: what is stable now ends before our own committed entry.
      const { stableEnd } = await reader.bounds(world.store.topic, 0);
      expect(stableEnd).toBe(0n);
      await open.commit();
      await restoring;
      expect(contents()).toEqual({ theirs: 'theirs', ours: '1' });
    } finally {
      await other.disconnect();
    }
  });

  test('an empty partition', async () => {
    expect(await restored({ partition: 1 })).toMatchObject({ offset: 0n, records: 0 });
  });

  test('goes on from its checkpoint', async () => {
    await write({ a: '1' });
    await restored();
    await write({ b: '1' });
    expect(await restored()).toMatchObject({ records: 1, wiped: undefined });
    expect(contents()).toEqual({ a: '1', b: '1' });
  });

  test('leaves out what is older than its retention', async () => {
    await write({ old: '1' }, time - 10_000);
    await write({ new: '1' }, time - 1_000);
    await restored({ retentionMs: 5_000 });
    expect(contents()).toEqual({ new: '1' });
    time += 5_000;
    await restored({ retentionMs: 5_000 });
    expect(contents()).toEqual({});
  });

  test('the same after cleaning', async () => {
    for (let round = 0; round < 3; round++)
      await write({ a: `${round}`, b: `${round}`, [`dead${round}`]: 'x' });
    await write({ dead0: null, dead1: null, dead2: null });
    await cleaned('dead2');
    await restored();
    expect(contents()).toMatchObject({ a: '2', b: '2' });
    expect(Object.keys(contents()).sort()).toEqual(['a', 'b', 'tick']);
  });

  test('a store too old to see the tombstones is wiped; carried on, it would bring dead keys back', async () => {
    await write({ w1: 'waiting', w2: 'waiting' });
    await restored();
    await write({ w1: null });
    await cleaned('w1');

    // The control: as long as the checkpoint counts as young, the dead key is back.
    expect(await restored()).toMatchObject({ wiped: undefined });
    expect(contents()).toHaveProperty('w1');

    time += maxCheckpointAgeMs + 1;
    expect(await restored()).toMatchObject({ wiped: 'too old: tombstones may be gone' });
    expect(contents()).not.toHaveProperty('w1');
    expect(contents()).toHaveProperty('w2');
  });

  test('a store of another generation or cluster, or beyond the end, is wiped', async () => {
    await write({ a: '1' });
    await restored();
    const table = local.table(world.store.topic);
    expect(await restored({ generation: 2 })).toMatchObject({ wiped: 'of another topic generation' });
    const checkpoint = table.checkpoint();
    if (checkpoint === undefined) throw new Error('no checkpoint');
    local.write(() => table.setCheckpoint({ ...checkpoint, generation: 1, clusterId: 'another' }));
    expect(await restored()).toMatchObject({ wiped: 'of another cluster' });
    local.write(() => {
      table.put('ghost', Buffer.from('x'), 1);
      table.setCheckpoint({ ...checkpoint, generation: 1, offset: 10_000n });
    });
    expect(await restored()).toMatchObject({ wiped: 'beyond the end of the log', records: 1 });
    expect(contents()).toEqual({ a: '1' });
  });
});
