import type { PublicPayout } from '@keelson/contracts';
import { credit, said } from './amounts.ts';
import { reversal } from './reversal.ts';
import type { Rule } from './rule.ts';

const documents: Rule<PublicPayout>['documents'] = ({ payout_id }) => ({
  documentId: payout_id,
  invoiceId: null,
});

/** Out of the provider's balance, on its way to the bank. A negative payout is a debit of the bank's. */
export const payoutPaid: Rule<PublicPayout> = {
  rule: 'payout-paid',
  version: 1,
  documents,
  content: ({ amount }) => said(amount),
  draft: ({ amount }) => ({
    lines: [
      { role: 'bank_in_transit', amount },
      { role: 'psp_clearing', amount: credit(amount) },
    ],
  }),
};

export const payoutFailed: Rule<PublicPayout> = reversal({
  rule: 'payout-failed',
  reverses: 'payout-paid',
  need: 'payout',
  documents,
  postedNothing: payout => payout.amount.amount_minor === 0n,
});
