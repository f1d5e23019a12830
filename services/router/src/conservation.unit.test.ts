import { describe, expect, test } from '@jest/globals';
import { topics } from '@keelson/contracts';
import type { Ingress } from '@keelson/contracts';
import fc from 'fast-check';
import { resolveStores } from './resolve/partition.ts';
import { routeStores } from './route/unit.ts';
import { routerBench } from './testing/router-bench.ts';
import type { RouterBench } from './testing/router-bench.ts';
import { sampleDeliveries } from './testing/samples.ts';

const terminal = ['mapped', 'rejected', 'duplicate', 'filtered', 'discarded'];

/** The sums of the contract, over what the two rooms wrote alone. */
function sumsOf({ context }: RouterBench, ingress: number) {
  const receipts = context.on(topics.receipts, 'keelson.internal.Receipt');
  const resolve = receipts.filter(({ target }) => target === 'resolve');
  const route = receipts.filter(({ target }) => target === 'route');
  const parked = Object.values(context.entries(routeStores.parked));
  const open = (target: string, record: string): number =>
    parked.filter(entry => entry.target === target && entry.record === record).length;
  return {
    deliveries:
      ingress -
      resolve.filter(({ outcome }) => terminal.includes(outcome)).length -
      Object.keys(context.entries(resolveStores.waiting)).length -
      open('resolve', 'keelson.internal.Ingress'),
    facts:
      resolve.reduce((sum, { facts }) => sum + (facts ?? 0), 0) -
      route.length -
      open('route', 'keelson.internal.Fact'),
    works:
      route.reduce((sum, { works }) => sum + works.length, 0) -
      context.written.filter(({ topic }) => topic.startsWith('sink.')).length,
  };
}
const balanced = { deliveries: 0, facts: 0, works: 0 };

const outcomes = ({ context }: RouterBench, target: string): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const receipt of context.on(topics.receipts, 'keelson.internal.Receipt'))
    if (receipt.target === target) counts[receipt.outcome] = (counts[receipt.outcome] ?? 0) + 1;
  return counts;
};

describe.each(['current', 'old'] as const)('%s deliveries of Stripe', age => {
  const deliveries = sampleDeliveries(age);

  test('go through both rooms: none is rejected, no fact parked, the sums hold', () => {
    const bench = routerBench();
    bench.deliver(...deliveries);
    expect(sumsOf(bench, deliveries.length)).toEqual(balanced);
    expect(outcomes(bench, 'resolve')).not.toHaveProperty('rejected');
    expect(outcomes(bench, 'route')['published']).toBeGreaterThan(10);
    expect(Object.values(bench.context.entries(routeStores.parked)).map(({ reason }) => reason)).toEqual([]);
  });

  test('sent once more they change nothing', () => {
    const bench = routerBench();
    bench.deliver(...deliveries);
    const before = bench.context.written.filter(({ topic }) => topic.endsWith('.events')).length;
    bench.deliver(...deliveries);
    expect(bench.context.written.filter(({ topic }) => topic.endsWith('.events'))).toHaveLength(before);
    expect(sumsOf(bench, 2 * deliveries.length)).toEqual(balanced);
  });

  test('in any order, with duplicates, poison and unknown accounts, the sums hold', () => {
    const poison: Ingress[] = deliveries
      .slice(0, 2)
      .map((each, index) =>
        index === 0 ? { ...each, payload: Buffer.from('{') } : { ...each, account: 'acct_unknown' },
      );
    const all = [...deliveries, ...deliveries.slice(0, 10), ...poison];
    fc.assert(
      fc.property(fc.shuffledSubarray([...all.keys()], { minLength: all.length }), order => {
        const bench = routerBench();
        bench.deliver(...order.flatMap(index => all[index] ?? []));
        expect(sumsOf(bench, order.length)).toEqual(balanced);
        const ids = bench.context.written
          .filter(({ topic }) => topic.endsWith('.events'))
          .map(({ headers }) => headers['ce_id']);
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: 15 },
    );
  });
});
