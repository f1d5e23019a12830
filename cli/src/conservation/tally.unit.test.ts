import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createTally } from './tally.ts';
import type { Observed } from './tally.ts';

const at = Date.UTC(2026, 10, 23, 18, 30) * 1000;
const ingress = (offset: number): Observed => ({
  topic: 'ingress.stripe',
  key: 'a',
  record: 'keelson.internal.Ingress',
  value: { source: 'stripe', received_at: at + offset },
});
const receipt = (target: string, outcome: string, attempts = 1): Observed => ({
  topic: 'receipts',
  key: 'c',
  record: 'keelson.internal.Receipt',
  value: {
    target,
    outcome,
    source: 'stripe',
    received_at: at,
    attempts,
    rule: attempts === 0 ? 'unsupported' : null,
    replay_id: null,
  },
});
const work = (topic: string): Observed => ({
  topic,
  key: 'c',
  record: 'x',
  value: { source: 'stripe', head: { received_at: at } },
});
const parked = (key: string, kind: string | null): Observed => ({
  topic: 'parked.odoo',
  key,
  record: 'keelson.internal.Parked',
  value: kind === null ? null : { kind, topic: 'sink.odoo', position: 'ingress.stripe/0/1', received_at: at },
});

describe('conservation', () => {
  test('a delivery is in flight until its receipt, and then concluded', () => {
    const tally = createTally(['odoo']);
    tally.observe(ingress(0));
    expect(tally.sums().deliveries).toEqual({ entered: 1, concluded: {}, open: {}, inFlight: 1 });
    tally.observe(receipt('resolve', 'mapped'));
    expect(tally.sums().deliveries).toEqual({ entered: 1, concluded: { mapped: 1 }, open: {}, inFlight: 0 });
  });

  test('a lost delivery stays in flight; a doubled receipt makes it negative', () => {
    const tally = createTally(['odoo']);
    tally.observe(ingress(0));
    tally.observe(ingress(1));
    tally.observe(receipt('resolve', 'mapped'));
    expect(tally.sums().deliveries.inFlight).toBe(1);
    tally.observe(receipt('resolve', 'mapped'));
    tally.observe(receipt('resolve', 'mapped'));
    expect(tally.sums().deliveries.inFlight).toBe(-1);
  });

  test('works count over both speeds; a target without work concludes none', () => {
    const tally = createTally(['odoo']);
    tally.observe(work('sink.odoo'));
    tally.observe(work('sink.odoo.bulk'));
    tally.observe(receipt('odoo', 'applied'));
    tally.observe(receipt('odoo', 'filtered', 0));
    expect(tally.sums().works['odoo']).toEqual({
      entered: 2,
      concluded: { applied: 1 },
      open: {},
      inFlight: 1,
    });
  });

  test('cells are per source and hour', () => {
    const tally = createTally([]);
    tally.observe(ingress(0));
    tally.observe(ingress(3_600_000_000));
    expect(tally.cells()).toEqual([
      { source: 'stripe', hour: '2026-11-23T18' },
      { source: 'stripe', hour: '2026-11-23T19' },
    ]);
    expect(tally.sums({ source: 'stripe', hour: '2026-11-23T19' }).deliveries.entered).toBe(1);
  });

  test('what is open equals the live keys, however often they are overwritten', () => {
    const change = fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      kind: fc.constantFrom('exception', 'stepped_aside', null),
    });
    fc.assert(
      fc.property(fc.array(change), changes => {
        const tally = createTally(['odoo']);
        const live = new Map<string, string>();
        for (const { key, kind } of changes) {
          tally.observe(parked(key, kind));
          if (kind === null) live.delete(key);
          else live.set(key, kind);
        }
        const open = Object.values(tally.sums().works['odoo']?.open ?? {}).reduce((a, b) => a + b, 0);
        expect(open).toBe(live.size);
      }),
    );
  });
});
