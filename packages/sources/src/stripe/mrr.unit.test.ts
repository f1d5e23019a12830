import { describe, expect, test } from '@jest/globals';
import { toDecimal } from '@keelson/contracts';
import type { FactContractItem } from '@keelson/contracts';
import { mrrOf } from './mrr.ts';

const priced = (changes: Partial<FactContractItem>, price: Record<string, unknown> = {}) => ({
  price,
  item: {
    item_id: 'si_1',
    price_ref: null,
    product_ref: null,
    plan_name: null,
    quantity: '1',
    unit_amount: '1000',
    currency: 'EUR',
    interval: 'month',
    interval_count: 1,
    period_start: null,
    period_end: null,
    ...changes,
  },
});
const mrr = (...items: ReturnType<typeof priced>[]): string | null => {
  const result = mrrOf('active', 'EUR', items);
  return result === null ? null : toDecimal(result);
};

describe('MRR, rule 1', () => {
  test.each([
    ['a month', priced({}), '10.00'],
    ['quantity', priced({ quantity: '3' }), '30.00'],
    ['a year', priced({ unit_amount: '12000', interval: 'year' }), '10.00'],
    ['a quarter', priced({ unit_amount: '1000', interval_count: 3 }), '3.33'],
    ['half a cent goes up', priced({ unit_amount: '0.5' }), '0.01'],
    ['a week', priced({ unit_amount: '700', interval: 'week' }), '30.42'],
    ['a day', priced({ unit_amount: '100', interval: 'day' }), '30.42'],
    [
      'blocks, begun ones too',
      priced({ quantity: '11' }, { transform_quantity: { divide_by: 10, round: 'up' } }),
      '20.00',
    ],
    [
      'blocks, whole ones',
      priced({ quantity: '19' }, { transform_quantity: { divide_by: 10, round: 'down' } }),
      '10.00',
    ],
  ])('%s', (_what, item, expected) => {
    expect(mrr(item)).toBe(expected);
  });

  test('rounded once, at the end', () => {
    const third = priced({ unit_amount: '100', interval_count: 3 });
    expect(mrr(third, third, third)).toBe('1.00');
  });

  test('unknown where a price has no one amount', () => {
    expect(mrr(priced({ unit_amount: null }))).toBeNull();
    expect(mrr(priced({ currency: 'USD' }))).toBeNull();
  });

  test.each(['trialing', 'incomplete', 'paused', 'unpaid', 'ended'] as const)('%s brings none', status => {
    expect(toDecimal(mrrOf(status, 'EUR', [priced({})]) as never)).toBe('0.00');
  });
});
