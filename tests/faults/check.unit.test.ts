import { describe, expect, test } from '@jest/globals';
import { check } from './check.ts';
import type { Seen } from './check.ts';

const nothing = { lost: [], doubled: [], phantom: [], swapped: [] };

/** What one delivery leads to: two public events, a fact and a receipt. */
const effects = (n: number, alias: string): Seen[] =>
  ['billing.events', 'payment.events', 'router.resolved', 'receipts'].map(topic => ({
    ...{ topic, partition: n % 2, offset: n * 10, key: `customer-${n % 2}`, cause: `delivery-${n}` },
    lane: topic === 'receipts' ? null : alias,
    id: topic.endsWith('.events') ? `${topic}-${n}` : '',
  }));
const expected = [...Array(20).keys()].flatMap(n => effects(n, `alias-${n % 4}`));
const at = (index: number): Seen => expected[index] as Seen;
/** The same with one record replaced, left out, or followed by more. */
const spliced = (index: number, ...more: Seen[]): Seen[] => expected.toSpliced(index, 1, ...more);
const later = { offset: 5_000 };

describe('the checker', () => {
  test('finds nothing where nothing is wrong, whatever the offsets', () => {
    expect(check(expected, expected)).toEqual(nothing);
    const elsewhere = expected.map(each => ({ ...each, offset: each.offset * 3 + 7 }));
    expect(check(expected, elsewhere.reverse())).toEqual(nothing);
  });

  test('lets deliveries of two aliases pass each other', () => {
    const seen = expected.map(each =>
      each.lane === 'alias-0' ? { ...each, offset: each.offset + 1_000 } : each,
    );
    expect(check(expected, seen)).toEqual(nothing);
  });

  test('lets a fact that two deliveries tell of be caused by either', () => {
    expect(check(expected, spliced(40, { ...at(40), cause: 'delivery-12', lane: 'alias-0' }))).toEqual(
      nothing,
    );
  });

  test.each([
    [40, 'billing.events customer-0 billing.events-10: 0 of 1'],
    [41, 'payment.events customer-0 payment.events-10: 0 of 1'],
    [42, 'router.resolved customer-0 by delivery-10: 0 of 1'],
    [43, 'receipts customer-0: 9 of 10'],
  ])('finds a loss: record %i', (index, lost) => {
    expect(check(expected, spliced(index))).toEqual({ ...nothing, lost: [lost] });
  });

  test('finds a delivery of which nothing is left', () => {
    const { lost } = check(expected, expected.toSpliced(40, 4));
    expect(lost).toContain('everything that delivery-10 leads to');
  });

  test('finds a public event that is there twice, by its id, also when another delivery told it', () => {
    const doubled = [
      'billing.events customer-0 billing.events-10: 2 instead of 1',
      'event billing.events-10: 2 times',
    ];
    for (const change of [{}, { cause: 'delivery-12', lane: 'alias-0' }])
      expect(check(expected, [...expected, { ...at(40), ...later, ...change }])).toEqual({
        ...nothing,
        doubled,
      });
  });

  test('finds an event that is there twice, under two keys', () => {
    const { doubled } = check(expected, [...expected, { ...at(40), ...later, key: 'customer-1' }]);
    expect(doubled).toEqual(['event billing.events-10: 2 times']);
  });

  test.each([
    [42, 'router.resolved customer-0 by delivery-10: 2 instead of 1'],
    [43, 'receipts customer-0: 11 instead of 10'],
  ])('finds an internal record that is there twice: record %i', (index, doubled) => {
    expect(check(expected, [...expected, { ...at(index), ...later }])).toEqual({
      ...nothing,
      doubled: [doubled],
    });
  });

  test('finds a phantom, by its id and by its cause', () => {
    const made = (change: Partial<Seen>): readonly string[] =>
      check(expected, [...expected, { ...at(40), ...later, ...change }]).phantom;
    expect(made({ id: 'nobody knows' })).toEqual(['billing.events customer-0 nobody knows: 1']);
    expect(made({ cause: 'delivery-99' })).toEqual([
      'billing.events customer-0 billing.events-10: caused by delivery-99, which was not sent',
    ]);
  });

  test('finds two records of one alias in the wrong order', () => {
    const [early, late] = [at(0), at(16)];
    const seen = expected
      .with(0, { ...early, offset: late.offset })
      .with(16, { ...late, offset: early.offset });
    expect(check(expected, seen)).toEqual({
      ...nothing,
      swapped: [
        expect.stringContaining('billing.events-0 came after billing.events customer-0 billing.events-4'),
      ],
    });
  });

  test('finds a key in two partitions', () => {
    const { swapped } = check(expected, spliced(40, { ...at(40), partition: 7 }));
    expect(swapped).toContainEqual(expect.stringContaining('in partitions'));
  });
});
