import { expect, test } from '@jest/globals';
import type { Fact, FactBody } from '../facts.ts';
import { balancesOf, entriesOf, POSTING_RULES } from './ledger.ts';

/** Worked out by hand. Every fact happens at second 1000, in euro cents. */
const at = 1000;
const ahead = { netMinor: 3000, taxMinor: 630, servicePeriodEnd: 1001 };
const past = { netMinor: 1000, taxMinor: 210, servicePeriodEnd: 1000 };

const CASES: [string, FactBody, Record<string, number>][] = [
  [
    'an invoice: what is ahead is deferred, what ends now is earned',
    { kind: 'invoice_finalized', invoiceId: 'in', lines: [ahead, past] },
    { 1200: 4840, 2300: -3000, 4000: -1000, 2200: -840 },
  ],
  [
    'a void takes it back',
    { kind: 'invoice_voided', invoiceId: 'in', lines: [ahead, past], finalizedAt: at },
    { 1200: -4840, 2300: 3000, 4000: 1000, 2200: 840 },
  ],
  ['credit applied', { kind: 'credit_applied', invoiceId: 'in', amountMinor: 11 }, { 2250: 11, 1200: -11 }],
  ['credit granted', { kind: 'credit_granted', invoiceId: 'in', amountMinor: 11 }, { 1200: 11, 2250: -11 }],
  [
    'a charge and its fee',
    { kind: 'charge_settled', chargeId: 'ch', amountMinor: 4840, feeMinor: 98 },
    { 1010: 4742, 2100: -4840, 6100: 98 },
  ],
  [
    'its allocation',
    {
      kind: 'payment_allocated',
      invoicePaymentId: 'inpay',
      invoiceId: 'in',
      chargeId: 'ch',
      amountMinor: 4840,
    },
    { 2100: 4840, 1200: -4840 },
  ],
  [
    'paid by bank',
    { kind: 'paid_out_of_band', invoicePaymentId: 'inpay', invoiceId: 'in', amountMinor: 5 },
    { 1020: 5, 1200: -5 },
  ],
  [
    'a refund',
    { kind: 'refund_made', refundId: 're', chargeId: 'ch', amountMinor: 7 },
    { 2150: 7, 1010: -7 },
  ],
  [
    'one that fails',
    { kind: 'refund_failed', refundId: 're', chargeId: 'ch', amountMinor: 7 },
    { 2150: -7, 1010: 7 },
  ],
  ...(['receivable', 'refund', 'customer_credit'] as const).map((settledBy): (typeof CASES)[number] => [
    `a credit note settled by ${settledBy}`,
    {
      kind: 'credit_note_issued',
      creditNoteId: 'cn',
      invoiceId: 'in',
      lines: [
        { netMinor: 300, taxMinor: 63, deferred: true },
        { netMinor: 100, taxMinor: 21, deferred: false },
      ],
      settledBy,
    },
    {
      2300: 300,
      4900: 100,
      2200: 84,
      [{ receivable: 1200, refund: 2150, customer_credit: 2250 }[settledBy]]: -484,
    },
  ]),
  ['a payout', { kind: 'payout_paid', payoutId: 'po', amountMinor: 9 }, { 1030: 9, 1010: -9 }],
  [
    'a dispute withdrawn',
    { kind: 'dispute_withdrawn', disputeId: 'du', chargeId: 'ch', amountMinor: 100, feeMinor: 20 },
    { 1250: 100, 6100: 20, 1010: -120 },
  ],
  [
    'won',
    { kind: 'dispute_won', disputeId: 'du', chargeId: 'ch', amountMinor: 100, feeMinor: 20 },
    { 1250: -100, 6100: -20, 1010: 120 },
  ],
  [
    'lost',
    { kind: 'dispute_lost', disputeId: 'du', chargeId: 'ch', amountMinor: 100 },
    { 4900: 100, 1250: -100 },
  ],
  [
    'given up',
    { kind: 'invoice_uncollectible', invoiceId: 'in', lines: [ahead, past], finalizedAt: at },
    { 2300: 3000, 6200: 1000, 2200: 840, 1200: -4840 },
  ],
];

const fact = (body: FactBody): Fact => ({ at, customerId: 'cus', currency: 'EUR', ...body });

test.each(CASES)('%s', (_name, body, expected) => {
  const balances = balancesOf(entriesOf([fact(body)], POSTING_RULES));
  expect(Object.fromEntries(balances.map(one => [one.account, one.balanceMinor]))).toEqual(expected);
});

test('an invoice over zero posts nothing, and a rule that is not asked for neither', () => {
  const free = { netMinor: 0, taxMinor: 0, servicePeriodEnd: 2000 };
  expect(entriesOf([fact({ kind: 'invoice_finalized', invoiceId: 'in', lines: [free] })])).toEqual([]);
  const payout = fact({ kind: 'payout_paid', payoutId: 'po', amountMinor: 9 });
  expect(entriesOf([payout], ['invoice'])).toEqual([]);
  expect(entriesOf([payout], ['payout'])).toHaveLength(1);
});
