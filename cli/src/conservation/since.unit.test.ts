import { expect, test } from '@jest/globals';
import { topics } from '@keelson/contracts';
import { createTally } from './tally.ts';

const dayMicros = 86_400_000_000;

/** A receipt outlives its delivery: the delivery of day 1 has been deleted, its receipt stands. */
function afterRetention(since: number) {
  const tally = createTally(['odoo'], since);
  const observe = (topic: string, value: object): void =>
    tally.observe({ topic, key: 'k', record: null, value });
  const receipt = { target: 'resolve', outcome: 'mapped', source: 'stripe', attempts: 1, replay_id: null };
  observe(topics.receipts, { ...receipt, received_at: dayMicros });
  observe(topics.receipts, { ...receipt, received_at: 30 * dayMicros });
  observe(topics.ingress('stripe'), { source: 'stripe', received_at: 30 * dayMicros });
  return tally.sums().deliveries;
}

test('what was received before the bound is in no sum; without it its receipt seems to end something twice', () => {
  expect(afterRetention(4 * dayMicros)).toMatchObject({ entered: 1, concluded: { mapped: 1 }, inFlight: 0 });
  expect(afterRetention(0).inFlight).toBe(-1);
});

test('an old entry that stands open is left out with its delivery', () => {
  const tally = createTally(['odoo'], 4 * dayMicros);
  const entry = {
    kind: 'exception',
    position: 'ingress.stripe/0/1',
    topic: 'sink.odoo',
    received_at: dayMicros,
  };
  tally.observe({ topic: topics.parked('odoo'), key: 'k', record: null, value: entry });
  expect(tally.sums().works['odoo']).toMatchObject({ open: {}, inFlight: 0 });
});
