import { expect, test } from '@jest/globals';
import { waitFor } from './wait-for.ts';

test('gives the value once it is what was waited for', async () => {
  let count = 0;
  expect(await waitFor('three', () => ++count, { until: value => value === 3, everyMs: 1 })).toBe(3);
});

test('tells what was waited for and what was seen last', async () => {
  const look = (): { lag: number } => ({ lag: 7 });
  const waiting = waitFor('lag 0', look, { until: ({ lag }) => lag === 0, timeoutMs: 20, everyMs: 5 });
  await expect(waiting).rejects.toThrow('waited 20 ms for lag 0; last seen: { lag: 7 }');
});

test('takes a look that throws for "not yet", and tells it at the end', async () => {
  let count = 0;
  const look = (): number => {
    if (++count < 3) throw new Error('refused');
    return count;
  };
  expect(await waitFor('an answer', look, { everyMs: 1 })).toBe(3);
  const never = (): never => {
    throw new Error('refused');
  };
  await expect(waitFor('an answer', never, { timeoutMs: 20, everyMs: 5 })).rejects.toThrow(
    'last seen: Error: refused',
  );
});
