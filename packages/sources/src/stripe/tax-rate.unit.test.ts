import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { simplestRate } from './tax-rate.ts';

describe('simplest rate', () => {
  test.each([
    [2730n, 13_000n, 1, '21'],
    [0n, 13_000n, 1, '0'],
    [888n, 10_000n, 1, '8.88'],
    [88_750n, 1_000_000n, 1, '8.875'],
    [-210n, -1000n, 1, '21'],
    [5n, 0n, 1, null],
  ])('%d on %d', (amount, base, roundings, expected) => {
    expect(simplestRate(amount, base, roundings)).toBe(expected);
  });

  test('always yields the amount again', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30_000 }),
        fc.integer({ min: 100, max: 10_000_000 }),
        (permille, base) => {
          const amount = Math.round((base * permille) / 100_000);
          fc.pre(amount > 0);
          const rate = Number(simplestRate(BigInt(amount), BigInt(base), 1));
          expect(Math.abs((base * rate) / 100 - amount)).toBeLessThan(0.51 + base / 2_000_000);
        },
      ),
    );
  });
});
