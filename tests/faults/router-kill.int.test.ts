import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FaultPoint } from '@keelson/stream';
import type { TestProcess } from '@keelson/testkit';
import { check, shortened } from './check.ts';
import type { Seen } from './check.ts';
import type { IngressRecord } from './harness/deliveries.ts';
import { feedAgain, startFeeder } from './harness/feeder.ts';
import { untilIdle } from './harness/idle.ts';
import { createInstallation, partitionCount } from './harness/installation.ts';
import type { Installation } from './harness/installation.ts';
import { counted, killInTurn, numbers, shuffled, stopUntil } from './harness/kills.ts';
import type { Kill } from './harness/kills.ts';
import { stopwatch } from './harness/report.ts';
import { assigned, fencesOf, rooms, startRouter } from './harness/router.ts';
import { subscribe } from './harness/subscriber.ts';

/*
 * The real router, two members of it, on a Kafka of its own. While deliveries come in, members are killed at every point
 * of their cycle, all their tasks at once, and started again at once; then stopped for longer than their session. What
 * Kafka's own consumer read is compared with what the same deliveries lead to when nothing happens.
 */

const seed = 20_261_123;
const perSecond = 10;
const timesEach = 5;
const roomNames = ['router.resolve', 'router.route'];
const points: FaultPoint[] = ['fetched', 'computed', 'sent', 'offsets_sent', 'commit_sent'];
const stops = 4;

let installation: Installation;
beforeAll(async () => {
  installation = await createInstallation();
}, 300_000);
afterAll(() => installation.close(), 60_000);

function killsOf(random: () => number): Kill[] {
  const places = roomNames.flatMap(room => points.map(point => `${room}:${point}`));
  const cycle = Array.from({ length: timesEach }, () => places).flat();
  const all = [...cycle, ...roomNames.map(room => `${room}:restoring`)];
  return shuffled(all, seed).map(at => ({
    at,
    times: at.endsWith('restoring') ? 1 : 2 + Math.floor(random() * 8),
  }));
}

const wanted = Object.fromEntries(
  roomNames.flatMap(room => [
    ...points.map(point => [`${room}:${point}`, timesEach] as const),
    [`${room}:restoring`, 1] as const,
  ]),
);

/** Each member in turn stops until the other has all partitions of both rooms, and comes back. */
async function stopInTurn(members: readonly [TestProcess, TestProcess]): Promise<void> {
  for (let round = 0; round < stops; round++) {
    const [stopped, other] = round % 2 === 0 ? members : members.toReversed();
    if (stopped === undefined || other === undefined) throw new Error('two members are needed');
    const [seen, from] = [stopped.lines().length, other.lines().length];
    await stopUntil(stopped, () =>
      Promise.all([
        assigned(other, 'resolve', /\[0,1,2\]/, from),
        assigned(other, 'route', /\[0,1,2\]/, from),
      ]),
    );
    await Promise.all([assigned(stopped, 'resolve', /\[\d/, seen), assigned(stopped, 'route', /\[\d/, seen)]);
  }
}

/** What the same deliveries lead to, on a Kafka of its own, when nothing happens. */
async function withoutFaults(deliveries: readonly IngressRecord[]): Promise<Seen[]> {
  const calm = await createInstallation();
  try {
    const target = { ...calm, partitionCount };
    await feedAgain(target, deliveries);
    const router = await startRouter(calm, 'a');
    await untilIdle(calm.admin, rooms);
    const exit = await router.kill('SIGTERM');
    expect(exit).toEqual({ code: 0, signal: null });
    return await (await subscribe(target)).finish();
  } finally {
    await calm.close();
  }
}

test('killed and stopped at any point: nothing lost, doubled, made up or out of order', async () => {
  const say = stopwatch('router');
  const source = { ...installation, partitionCount };
  const subscriber = await subscribe(source);
  const feeder = startFeeder(source, { seed, perSecond });

  const kills = killsOf(numbers(seed));
  const hits = await Promise.all(['a', 'b'].map(member => killInTurn(installation, 'router', kills, member)));
  expect(counted(hits.flat())).toEqual(wanted);
  say(`${hits.flat().length} kills, ${feeder.count()} deliveries so far`);

  const members = await Promise.all([
    startRouter(installation, 'a'),
    startRouter(installation, 'b'),
  ] as const);
  await stopInTurn(members);
  const fences = members.map(fencesOf);
  say(`${stops} stops and continuations, ${fences.join(' and ')} tasks fenced`);

  const deliveries = await feeder.stop();
  await untilIdle(installation.admin, rooms);
  const exits = await Promise.all(members.map(member => member.kill('SIGTERM')));
  expect(exits).toEqual([
    { code: 0, signal: null },
    { code: 0, signal: null },
  ]);
  const seen = await subscriber.finish();
  say(`${deliveries.length} deliveries, ${seen.length} records read`);

  const expected = await withoutFaults(deliveries);
  say('the same without faults');
  expect(expected.length).toBeGreaterThan(deliveries.length);
  expect(shortened(check(expected, seen))).toEqual({ lost: [], doubled: [], phantom: [], swapped: [] });
}, 1_200_000);
