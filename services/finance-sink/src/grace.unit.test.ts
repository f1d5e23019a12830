import { describe, expect, test } from '@jest/globals';
import { delayMs } from '@keelson/sink';
import { createGrace, triesAfterGrace } from './grace.ts';

describe('a fact whose original never came', () => {
  test.each([0, 400, 5_000, 60_000, 7_200_000])(
    'with a grace of %i ms is tried again by itself no sooner than that, and before twice as long',
    graceMs => {
      const [soonest, latest] = [0, 1].map(random => delayMs(triesAfterGrace(graceMs), 1, random));
      const grace = createGrace(graceMs);
      grace.isOver('fact', 0);
      expect(grace.isOver('fact', soonest ?? NaN)).toBe(true);
      expect(latest).toBeLessThanOrEqual(Math.max(2 * graceMs, 1_000));
    },
  );

  test('waits while the grace runs, counted from when it was first asked for', () => {
    const grace = createGrace(1_000);
    expect([7_000, 7_999, 8_000].map(now => grace.isOver('fact', now))).toEqual([false, false, true]);
  });
});
