import { expect, test } from '@jest/globals';
import { maxCheckpointAgeMs, staleness } from './checkpoint.ts';

const now = {
  clusterId: 'c',
  generation: 2,
  earliest: 10n,
  stableEnd: 100n,
  nowMs: 1_000 * maxCheckpointAgeMs,
};
const good = { offset: 50n, clusterId: 'c', generation: 2, timeMs: now.nowMs };

test.each([
  ['good', good, undefined],
  ['at the end', { ...good, offset: 100n }, undefined],
  ['at the start', { ...good, offset: 10n }, undefined],
  ['as old as it may be', { ...good, timeMs: now.nowMs - maxCheckpointAgeMs }, undefined],
  ['absent', undefined, 'no checkpoint'],
  ['of another cluster', { ...good, clusterId: 'd' }, 'of another cluster'],
  ['of another generation', { ...good, generation: 1 }, 'of another topic generation'],
  ['beyond the end', { ...good, offset: 101n }, 'beyond the end of the log'],
  ['before the start', { ...good, offset: 9n }, 'before the start of the log'],
  ['too old', { ...good, timeMs: now.nowMs - maxCheckpointAgeMs - 1 }, 'too old: tombstones may be gone'],
  ['from the future', { ...good, timeMs: now.nowMs + maxCheckpointAgeMs + 1 }, 'from the future'],
])('a checkpoint that is %s', (_, checkpoint, reason) => {
  expect(staleness(checkpoint, now)).toBe(reason);
});
