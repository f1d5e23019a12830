import { aliasOf, documentIdOf, negate, rejected } from '@keelson/contracts';
import type { Money, PublicBalanceMovement } from '@keelson/contracts';
import { credit, minor, mustAddUp, said, withMinor } from './amounts.ts';
import type { DraftLine } from './entry.ts';
import type { Rule } from './rule.ts';

/** Categories whose amount a fact of its own posts: here only the fee, and the conversion, are left to do. */
const postedByTheirFact: ReadonlySet<string> = new Set([
  'charge',
  'refund',
  'refund_failure',
  'payout',
  'payout_reversal',
]);

/** Categories whose fact is not posted yet: what moved is posted with it, once. */
const unsupported: ReadonlySet<string> = new Set(['dispute', 'dispute_reversal']);

/** Categories that are a fee themselves. */
const fees: ReadonlySet<string> = new Set(['fee']);

/**
 * What the provider says of its own balance: after it, and the fact that it belongs to, clearing in the balance's
 * currency has moved by exactly `net`. What no rule explains stands in suspense until somebody does.
 */
export const balanceMoved: Rule<PublicBalanceMovement> = {
  rule: 'balance-moved',
  version: 1,
  documents: ({ balance_transaction_ref }, head) => {
    const { system = '', account = head.legal_entity } = head.source_refs[0] ?? {};
    const alias = aliasOf(system, account, balance_transaction_ref);
    return { documentId: documentIdOf('balance_movement', alias), invoiceId: null };
  },
  content: ({ category, amount, fee, original_amount }) => [
    category,
    said(amount),
    said(fee),
    original_amount === null ? null : said(original_amount),
  ],
  draft: movement => {
    const { amount, category, fee, net } = movement;
    mustAddUp('the movement', amount, [net, fee]);
    if (unsupported.has(category)) return { nothing: 'unsupported' };
    const feeLines: readonly DraftLine[] = [
      { role: 'payment_fees', amount: fee },
      { role: 'psp_clearing', amount: credit(fee) },
    ];
    if (postedByTheirFact.has(category)) return { lines: [...conversion(movement), ...feeLines] };
    const isFee = fees.has(category);
    return {
      lines: [
        { role: 'psp_clearing', amount },
        { role: isFee ? 'payment_fees' : 'suspense', amount: credit(amount) },
        ...feeLines,
      ],
      ...(isFee ? {} : { variant: 'unexplained' }),
    };
  },
};

/** The fact posted the original currency; clearing holds the balance's: one leg out, one in, each against 7000. */
function conversion({ amount, original_amount, exchange_rate }: PublicBalanceMovement): readonly DraftLine[] {
  if (original_amount === null) {
    if (exchange_rate === null) return [];
    throw rejected('original-amount-missing', 'an exchange rate without the amount it was applied to');
  }
  if (original_amount.currency === amount.currency) return [];
  const original = signedAs(original_amount, amount);
  return [
    { role: 'psp_clearing', amount: negate(original) },
    { role: 'fx', amount: original },
    { role: 'psp_clearing', amount },
    { role: 'fx', amount: negate(amount) },
  ];
}

/** Providers say a refund's original amount above zero, and its movement below. */
function signedAs(amount: Money, like: Money): Money {
  const size = minor(amount) < 0n ? -minor(amount) : minor(amount);
  return withMinor(amount, minor(like) < 0n ? -size : size);
}
