import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { add, currencyExponent, money, negate, subtract, sum, toDecimal, zero } from './money.ts';

const amounts = fc.bigInt(-(10n ** 18n), 10n ** 18n);

describe('money', () => {
  test.each([
    ['USD', 2],
    ['JPY', 0],
    ['KWD', 3],
    ['ISK', 0],
    ['HUF', 2],
  ])('%s has %i minor digits', (currency, digits) => expect(currencyExponent(currency)).toBe(digits));

  test('an unknown currency is an error, not a guess', () => {
    expect(() => money(1n, 'XXQ')).toThrow('unknown currency XXQ');
    expect(() => money(1n, 'usd')).toThrow(RangeError);
  });

  test('two currencies have no sum', () =>
    expect(() => add(zero('USD'), zero('EUR'))).toThrow('USD and EUR have no sum'));

  test('add, subtract and negate agree', () => {
    fc.assert(
      fc.property(amounts, amounts, (a, b) => {
        const [x, y] = [money(a, 'USD'), money(b, 'USD')];
        expect(subtract(add(x, y), y)).toEqual(x);
        expect(add(x, negate(x))).toEqual(zero('USD'));
        expect(sum('USD', [x, y])).toEqual(add(y, x));
      }),
    );
  });

  test('decimal text is exact', () => {
    expect(toDecimal(money(-5n, 'KWD'))).toBe('-0.005');
    expect(toDecimal(money(1234n, 'JPY'))).toBe('1234');
    fc.assert(
      fc.property(amounts, amount => {
        const text = toDecimal(money(amount, 'USD'));
        expect(BigInt(text.replace('.', ''))).toBe(amount);
      }),
    );
  });
});
