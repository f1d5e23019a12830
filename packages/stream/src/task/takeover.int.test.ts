import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startNode, waitFor, type TestProcess } from '@keelson/testkit';
import type { FaultPoint } from '../api.ts';
import type { MemberArguments } from '../testing/member.ts';
import { createWorld, startMs, tally, type Tally, type World } from '../testing/support.ts';

/* Members are processes of their own; they are killed and stopped while records come in. */

const script = join(import.meta.dirname, '../testing/member.ts');
const partitions = 2;
let world: World;
let fed: number;
let feeding: boolean;
let feeder: Promise<void>;
beforeEach(async () => {
  world = await createWorld({ partitions });
  fed = 0;
  feeding = true;
  feeder = feed();
}, startMs);
afterEach(async () => {
  feeding = false;
  await feeder;
  await world.close();
});

const input = (): string => world.inputs[0] ?? '';

/** Ten records at a time, each when the one before was taken. */
async function feed(): Promise<void> {
  while (feeding) {
    await world.feed(
      input(),
      Array.from({ length: 10 }, () => ({ key: `k${fed % 20}`, text: String(fed++) })),
    );
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

function member(more: Partial<MemberArguments> = {}): TestProcess {
  const { kafka, inputs, output, store, name, stateDirectory } = world;
  const given: MemberArguments = { kafka, inputs, output, store, name, stateDirectory, partitions, ...more };
  return startNode(script, [JSON.stringify(given)]);
}

/** Stops feeding, lets what is left be worked off, and counts. */
async function finish(): Promise<Tally & { missing: number }> {
  feeding = false;
  await feeder;
  const behind = async (): Promise<bigint> => {
    const committed = (await world.admin.groupOffsets(`${world.name}-count`, world.inputs)).get(input());
    const offsets = await world.admin.topicOffsets(input());
    return offsets.reduce((sum, { partition, end }) => sum + end - (committed?.get(partition) ?? 0n), 0n);
  };
  await waitFor('no lag', async () => (await behind()) === 0n, { timeoutMs: 60_000, everyMs: 100 });
  const counted = tally(await world.read(world.output));
  const offsets = await world.admin.topicOffsets(input());
  return { ...counted, missing: Number(offsets.reduce((sum, { end }) => sum + end, 0n)) - counted.records };
}
const exact = { duplicates: [], brokenCounts: [], missing: 0 };

const status = async (process: TestProcess): Promise<{ fences: number; doubts: number }> => {
  process.signal('SIGTERM');
  const line = await process.line(/^status /);
  await process.exited;
  return JSON.parse(line.slice('status '.length)) as { fences: number; doubts: number };
};

describe('killed', () => {
  const points: FaultPoint[] = ['restoring', 'fetched', 'computed', 'offsets_sent', 'sent', 'commit_sent'];

  test('at any point of its cycle, a member leaves nothing lost, doubled or out of order', async () => {
    for (const point of points) {
      const killed = member({ killAt: { point, times: point === 'restoring' ? 1 : 3 } });
      await killed.line(`hit ${point}`, { timeoutMs: 40_000 });
      expect((await killed.exited).signal).toBe('SIGKILL');
    }
    const last = member();
    expect(await finish()).toMatchObject(exact);
    await status(last);
  }, 240_000);

  test('control: without transactions, records are doubled', async () => {
    const unsafe = { withoutTransactions: true };
    const killed = member({ unsafe, killAt: { point: 'sent', times: 3 } });
    await killed.line('hit sent', { timeoutMs: 40_000 });
    await killed.exited;
    const last = member({ unsafe });
    const { duplicates } = await finish();
    expect(duplicates.length).toBeGreaterThan(0);
    await status(last);
  }, 120_000);
});

describe('stopped for longer than its session, and then continued', () => {
  /** M1 runs, M2 joins, M1 stops until M2 has all, M1 goes on; returns both members' fences and the tally. */
  async function zombie(
    unsafe: MemberArguments['unsafe'] = {},
  ): Promise<{ fences: number; tally: Tally & { missing: number } }> {
    if (!feeding) {
      feeding = true;
      feeder = feed();
    }
    const first = member({ unsafe });
    await first.line('ready', { timeoutMs: 40_000 });
    const second = member({ unsafe });
    await second.line('assigned [1]', { timeoutMs: 40_000 }).catch(() => second.line('assigned [0]'));
    await second.line('ready', { timeoutMs: 40_000 });
    first.signal('SIGSTOP');
    const from = second.lines().length;
    await second.line('assigned [0,1]', { timeoutMs: 60_000, from });
    await waitFor(
      'the successor to work',
      async () => fed > 0 && (await world.read(world.output)).length > 0,
    );
    const seen = first.lines().length;
    first.signal('SIGCONT');
    await first.line(/^assigned \[\d\]/, { timeoutMs: 60_000, from: seen });
    const counted = await finish();
    const both = [await status(first), await status(second)];
    return { fences: both.reduce((sum, { fences }) => sum + fences, 0), tally: counted };
  }

  test('a member does no harm and fences nobody who works; control: without the heartbeat rule, it does', async () => {
    const kept = await zombie();
    expect(kept.tally).toMatchObject(exact);
    // At most its own open transaction was fenced away.
    expect(kept.fences).toBeLessThanOrEqual(1);
    // Whether a stopped member gets to fence anybody depends on what it was stopped in: most times it does, many times.
    let fences = 0;
    for (let round = 0; round < 4 && fences <= 1; round++) {
      const control = await zombie({ withoutHeartbeatRule: true });
      expect(control.tally).toMatchObject(exact);
      fences = control.fences;
    }
    expect(fences).toBeGreaterThan(1);
  }, 300_000);

  test('control: sending the batch in hand again without reading what was committed doubles records', async () => {
    const { tally: counted } = await zombie({ withoutReread: true, withoutHeartbeatRule: true });
    expect(counted.duplicates.length + counted.brokenCounts.length).toBeGreaterThan(0);
  }, 240_000);
});
