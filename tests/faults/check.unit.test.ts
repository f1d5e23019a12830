import { describe, expect, test } from '@jest/globals';
import { check } from './check.ts';
import type { Seen } from './check.ts';

const nothing = { lost: [], doubled: [], phantom: [], swapped: [] };

/** What one delivery leads to: two public events, a fact and a receipt. */
const effects = (n: number, lane: string): Seen[] =>
  ['billing.events', 'payment.events', 'router.resolved', 'receipts'].map(topic => ({
    ...{ topic, partition: n % 2, offset: n * 10, key: `customer-${n % 2}`, cause: `delivery-${n}`, lane },
    id: topic.endsWith('.events') ? `${topic}-${n}` : '',
  }));
const expected = [...Array(20).keys()].flatMap(n => effects(n, `alias-${n % 4}`));
const at = (index: number): Seen => expected[index] as Seen;
/** The same with one record replaced, left out, or followed by more. */
const spliced = (index: number, ...more: Seen[]): Seen[] => expected.toSpliced(index, 1, ...more);

describe('the checker', () => {
  test('finds nothing where nothing is wrong, whatever the offsets', () => {
    expect(check(expected, expected)).toEqual(nothing);
    const elsewhere = expected.map(each => ({ ...each, offset: each.offset * 3 + 7 }));
    expect(check(expected, elsewhere.reverse())).toEqual(nothing);
  });

  test('lets deliveries of two aliases pass each other', () => {
    const seen = expected.map(each =>
      each.lane === 'alias-0' ? { ...each, offset: each.offset + 1000 } : each,
    );
    expect(check(expected, seen)).toEqual(nothing);
  });

  test.each([0, 1, 2, 3])('finds a loss in topic %i', topic => {
    expect(check(expected, spliced(40 + topic))).toMatchObject({
      ...nothing,
      lost: [expect.stringContaining('delivery-10: 0 of 1')],
    });
  });

  test('finds a public event that is there twice, by its id', () => {
    const again = { ...at(40), offset: 5_000 };
    expect(check(expected, [...expected, again]).doubled).toEqual([
      expect.stringContaining('by delivery-10: 2 instead of 1'),
      'event billing.events-10: 2 times',
    ]);
  });

  test('finds an event that is told again by another delivery', () => {
    const again = { ...at(40), offset: 5_000, cause: 'delivery-14' };
    const { doubled, phantom } = check(expected, [...expected, again]);
    expect(doubled).toEqual(['event billing.events-10: 2 times']);
    expect(phantom).toHaveLength(1);
  });

  test('finds a second receipt', () => {
    const again = { ...at(43), offset: 5_000 };
    expect(check(expected, [...expected, again])).toMatchObject({
      ...nothing,
      doubled: [expect.stringMatching(/^receipts .*: 2 instead of 1$/)],
    });
  });

  test('finds a phantom', () => {
    const phantom = { ...at(40), id: 'nobody knows', cause: 'nothing', offset: 5_000 };
    expect(check(expected, [...expected, phantom])).toMatchObject({
      ...nothing,
      phantom: [expect.stringContaining('nobody knows by nothing')],
    });
  });

  test('finds two records of one alias in the wrong order', () => {
    const [early, late] = [at(0), at(16)];
    const seen = expected
      .with(0, { ...early, offset: late.offset })
      .with(16, { ...late, offset: early.offset });
    expect(check(expected, seen)).toMatchObject({
      ...nothing,
      swapped: [
        expect.stringContaining('by delivery-0 came after billing.events customer-0 billing.events-4'),
      ],
    });
  });

  test('finds a key in two partitions', () => {
    const { swapped } = check(expected, spliced(40, { ...at(40), partition: 7 }));
    expect(swapped).toContainEqual(expect.stringContaining('in partitions'));
  });
});
