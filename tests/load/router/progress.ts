import { setTimeout as wait } from 'node:timers/promises';
import type { Admin } from '@keelson/stream';

/** A consumer group and what it reads. */
export interface Reading {
  readonly groupId: string;
  readonly topics: readonly string[];
}

interface Sample {
  readonly atMs: number;
  readonly committed: number;
}

/** How long a group took, from its first commit. */
export interface Course {
  /** To the last commit. */
  readonly seconds: number;
  /** From a fifth of the way on, when everything is compiled and caches are filled. */
  readonly warmSeconds: number;
}

export const warmFrom = 0.2;
const everyMs = 100;
const quietMs = 4_000;
const stuckMs = 120_000;

/**
 * Looks at the committed offsets of `readings` until none of them has moved for four seconds, and no record of
 * `inputs` is left before them (those hold no transactions' marks). The course is that of the last of them, from
 * the first commit of any: control records count as records, a few among thousands.
 */
export async function followCourse(
  admin: Admin,
  readings: readonly Reading[],
  inputs: readonly string[],
): Promise<Course> {
  const before = await Promise.all(readings.map(reading => committedOf(admin, reading)));
  const samples: Sample[][] = readings.map(() => []);
  const last = [...before];
  let moved = false;
  let movedAtMs = performance.now();
  for (;;) {
    for (const [index, reading] of readings.entries()) {
      const committed = await committedOf(admin, reading);
      if (committed === last[index]) continue;
      last[index] = committed;
      moved = true;
      movedAtMs = performance.now();
      samples[index]?.push({ atMs: movedAtMs, committed: committed - (before[index] ?? 0) });
    }
    const stillMs = performance.now() - movedAtMs;
    if (moved && stillMs > quietMs && (await nothingLeft(admin, readings, inputs))) return courseOf(samples);
    if (stillMs > stuckMs)
      throw new Error(`${readings.map(({ groupId }) => groupId).join(', ')}: nothing moves`);
    await wait(everyMs);
  }
}

function courseOf(samples: readonly (readonly Sample[])[]): Course {
  const startMs = Math.min(...samples.flatMap(([first]) => (first === undefined ? [] : [first.atMs])));
  const final = samples.at(-1) ?? [];
  const endMs = final.at(-1)?.atMs ?? Number.NaN;
  const all = final.at(-1)?.committed ?? Number.NaN;
  const warm = final.find(({ committed }) => committed >= all * warmFrom);
  // Scaled to the whole way, so that rates are comparable.
  const share = 1 - (warm?.committed ?? Number.NaN) / all;
  return {
    seconds: (endMs - startMs) / 1000,
    warmSeconds: (endMs - (warm?.atMs ?? Number.NaN)) / 1000 / share,
  };
}

async function committedOf(admin: Admin, { groupId, topics }: Reading): Promise<number> {
  const byTopic = await admin.groupOffsets(groupId, topics);
  const offsets = [...byTopic.values()].flatMap(partitions => [...partitions.values()]);
  return offsets.reduce((sum, at) => sum + Number(at), 0);
}

async function nothingLeft(
  admin: Admin,
  readings: readonly Reading[],
  inputs: readonly string[],
): Promise<boolean> {
  const ends = await Promise.all(inputs.map(topic => admin.topicOffsets(topic)));
  const written = ends.flat().reduce((sum, { end }) => sum + Number(end), 0);
  const read = await Promise.all(
    readings.map(({ groupId, topics }) =>
      committedOf(admin, { groupId, topics: topics.filter(topic => inputs.includes(topic)) }),
    ),
  );
  return read.reduce((sum, each) => sum + each, 0) >= written;
}
