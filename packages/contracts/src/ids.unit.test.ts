import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { aliasOf, customerIdOf, eventIdOfFact, factIdOf, paddedOffset, uuidV5 } from './ids.ts';

describe('ids', () => {
  test('an id is a UUID of version 5', () => {
    expect(uuidV5('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('the same parts give the same id for ever', () => {
    expect(customerIdOf(aliasOf('stripe', 'acct_1', 'cus_9'))).toBe('b7904dff-9802-51b4-9a54-5750679982ce');
    expect(
      eventIdOfFact(
        factIdOf({ system: 'stripe', account: 'acct_1', objectId: 'in_1', factKind: 'invoice_finalized' }),
      ),
    ).toBe('d45aadb2-7c8f-5229-a5e4-74ad6be63863');
  });

  test('parts cannot run together: other parts give another id', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string(), { minLength: 1 }),
        fc.array(fc.string(), { minLength: 1 }),
        (a, b) => {
          fc.pre(JSON.stringify(a) !== JSON.stringify(b));
          expect(uuidV5(...a)).not.toBe(uuidV5(...b));
        },
      ),
    );
  });

  test('padded offsets sort as numbers do', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 63n - 1n), fc.bigInt(0n, 2n ** 63n - 1n), (a, b) => {
        expect(paddedOffset(a) < paddedOffset(b)).toBe(a < b);
      }),
    );
  });
});
