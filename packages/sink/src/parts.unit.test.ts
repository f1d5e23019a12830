import { describe, expect, test } from '@jest/globals';
import { delayMs } from './backoff.ts';
import { createPace } from './pace.ts';
import { createRateLimiter } from './rate-limit.ts';
import { createStorm, defaultStormLimits } from './storm.ts';
import { createVirtualClock } from './testing/virtual-clock.ts';
import { nextOpening } from './window.ts';

const forever = new AbortController().signal;

describe('rate limit', () => {
  test('calls are evenly spaced, never more at once than allowed', async () => {
    const clock = createVirtualClock();
    const begun = clock.now();
    const limiter = createRateLimiter({ requestsPerSecond: 2, concurrency: 2 }, clock);
    const starts: number[] = [];
    let running = 0;
    let most = 0;
    const call = (): Promise<void> =>
      limiter.run(forever, async () => {
        starts.push(clock.now() - begun);
        most = Math.max(most, ++running);
        await clock.sleep(1500, forever);
        running--;
      });
    await clock.run(Promise.all([call(), call(), call(), call(), call()]));
    expect(starts).toEqual([0, 500, 1500, 2000, 3000]);
    expect(most).toBe(2);
  });

  test('what is given up while waiting takes no place', async () => {
    const clock = createVirtualClock();
    const limiter = createRateLimiter({ requestsPerSecond: 1000, concurrency: 1 }, clock);
    const done = await limiter.take(forever);
    const given = new AbortController();
    const waiting = limiter.take(given.signal);
    const after = limiter.take(forever);
    given.abort(new Error('lost'));
    await expect(waiting).rejects.toThrow('lost');
    done();
    done();
    const next = await clock.run(after);
    next();
    await expect(clock.run(limiter.take(forever))).resolves.toBeInstanceOf(Function);
  });
});

describe('pace', () => {
  test('grows while batches are short and full, shrinks when one lasts too long', () => {
    const pace = createPace({ targetMs: 4000, max: 500, first: 0.2 });
    expect(pace.size()).toBe(1);
    for (let batch = 0; batch < 12; batch++) pace.note(pace.size(), 10);
    expect(pace.size()).toBe(500);
    pace.note(500, 500_000);
    expect(pace.size()).toBe(4);
    pace.note(2, 10);
    expect(pace.size()).toBe(4);
  });
});

describe('storm', () => {
  const refuse = (storm: ReturnType<typeof createStorm>, count: number): boolean[] =>
    Array.from({ length: count }, (_, index) => storm.refused(`c${index}`, 'closed_period'));

  test('more than twenty customers refused for one reason', () => {
    expect(
      refuse(
        createStorm(defaultStormLimits, () => 0),
        21,
      ).indexOf(true),
    ).toBe(20);
  });

  test('one customer refused often is no storm', () => {
    const storm = createStorm(defaultStormLimits, () => 0);
    expect(Array.from({ length: 50 }, () => storm.refused('c', 'closed_period'))).not.toContain(true);
  });

  test('five percent of at least two hundred', () => {
    const storm = createStorm(defaultStormLimits, () => 0);
    for (let index = 0; index < 199; index++) storm.answered(`c${index}`);
    expect(refuse(storm, 9)).not.toContain(true);
    storm.answered('one more');
    expect(refuse(storm, 10).indexOf(true)).toBe(9);
  });

  test('what is older than five minutes is forgotten', () => {
    let now = 0;
    const storm = createStorm(defaultStormLimits, () => now);
    refuse(storm, 20);
    now = 5 * 60_000 + 1;
    expect(storm.refused('another', 'closed_period')).toBe(false);
  });
});

describe('windows', () => {
  const window = { daily_at: '02:00', time_zone: 'Europe/Brussels' };
  test.each([
    ['2026-11-02T20:00:00Z', '2026-11-03T01:00:00.000Z'],
    ['2026-11-03T01:00:00Z', '2026-11-03T01:00:00.000Z'],
    ['2026-11-03T01:00:00.001Z', '2026-11-04T01:00:00.000Z'],
    ['2026-07-01T12:00:00Z', '2026-07-02T00:00:00.000Z'],
    ['2026-07-01T23:30:00Z', '2026-07-02T00:00:00.000Z'],
    // 29 March 2026: 02:00 is 03:00 in Brussels.
    ['2026-03-28T12:00:00Z', '2026-03-29T01:00:00.000Z'],
    // 25 October 2026: 02:00 comes twice; the first counts.
    ['2026-10-24T12:00:00Z', '2026-10-25T00:00:00.000Z'],
  ])('after %s it opens at %s', (at, opens) => {
    expect(new Date(nextOpening(window, Date.parse(at))).toISOString()).toBe(opens);
  });
});

test('pauses double, and half of each is random', () => {
  const policy = { initial_ms: 100, max_ms: 1000 };
  expect([1, 2, 3, 4, 5, 60].map(attempt => delayMs(policy, attempt, 1))).toEqual([
    100, 200, 400, 800, 1000, 1000,
  ]);
  expect(delayMs(policy, 3, 0)).toBe(200);
});
