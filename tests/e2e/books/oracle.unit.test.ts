import { expect, test } from '@jest/globals';
import type { Json } from './json.ts';
import { booksOf } from './oracle.ts';

const event = (type: string, object: Json): Json => ({ type, data: { object } });

const invoice = {
  object: 'invoice',
  id: 'in_1',
  status: 'open',
  currency: 'eur',
  status_transitions: { finalized_at: 1_000 },
  starting_balance: -500,
  ending_balance: 0,
  total: 4_920,
  total_taxes: [{ amount: 420 }, { amount: 700, tax_behavior: 'inclusive' }],
  lines: {
    data: [
      // 22.00 less 2.00 of discount, for a time ahead; 4.20 of tax come on top.
      {
        id: 'il_1',
        amount: 2_200,
        discount_amounts: [{ amount: 200 }],
        taxes: [{ amount: 420, tax_behavior: 'exclusive' }],
        period: { end: 2_000 },
      },
      // 25.00 with 7.00 of tax inside, for what is over.
      {
        id: 'il_2',
        amount: 2_500,
        taxes: [{ amount: 700, tax_behavior: 'inclusive' }],
        period: { end: 1_000 },
      },
    ],
  },
};

test('an invoice: what is ahead is deferred, tax inside a price is none of it, credit lessens the receivable', () => {
  expect(booksOf([event('invoice.finalized', invoice), event('invoice.updated', invoice)])).toEqual({
    entries: [
      {
        rule: 'customer-credit-changed',
        kind: 'customer_credit',
        id: 'in_1',
        currency: 'EUR',
        amounts: { 1200: -500n, 2250: 500n },
      },
      {
        rule: 'invoice-finalized',
        kind: 'invoice',
        id: 'in_1',
        currency: 'EUR',
        amounts: { 1200: 4_920n, 2200: -1_120n, 2300: -2_000n, 4000: -1_800n },
      },
    ],
    unposted: [],
  });
});

test('after a void nothing is left of it, on any account', () => {
  const { entries } = booksOf([event('invoice.voided', { ...invoice, status: 'void' })]);
  const sums: Record<string, bigint> = {};
  for (const { amounts } of entries)
    for (const [account, amount] of Object.entries(amounts)) sums[account] = (sums[account] ?? 0n) + amount;
  expect(sums).toEqual({ 1200: 0n, 2200: 0n, 2250: 0n, 2300: 0n, 4000: 0n });
});

test('a credit note takes back what was deferred, and no more', () => {
  const note = {
    object: 'credit_note',
    id: 'cn_1',
    status: 'issued',
    currency: 'eur',
    total: 3_000,
    total_excluding_tax: 3_000,
    pre_payment_amount: 1_000,
    post_payment_amount: 2_000,
    lines: {
      data: [
        { amount: 2_500, invoice_line_item: 'il_1' },
        { amount: 500, invoice_line_item: 'il_2' },
      ],
    },
  };
  const amountsOf = (...events: readonly Json[]) =>
    booksOf(events).entries.find(({ id }) => id === 'cn_1')?.amounts;
  const told = event('credit_note.created', note);
  expect(amountsOf(told, event('invoice.finalized', invoice))).toEqual({
    1200: -1_000n,
    2150: -2_000n,
    2300: 2_000n,
    4900: 1_000n,
  });
  expect(amountsOf(told)).toEqual({ 1200: -1_000n, 2150: -2_000n, 4900: 3_000n });
});

test('a fact that is told in two ways, or in a currency that is not known here, ends the test that asks', () => {
  const refund = {
    object: 'refund',
    id: 're_1',
    status: 'succeeded',
    currency: 'eur',
    balance_transaction: 'txn_1',
  };
  const tell = (amount: number, currency = 'eur'): Json =>
    event('refund.created', { ...refund, amount, currency });
  expect(() => booksOf([tell(100), tell(101)])).toThrow('refund-created refund re_1 is told in two ways');
  expect(() => booksOf([tell(100, 'isk')])).toThrow('minor unit of isk');
});
