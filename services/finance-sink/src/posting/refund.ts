import type { PublicRefund } from '@keelson/contracts';
import { credit, mustNotBeNegative, said } from './amounts.ts';
import { reversal } from './reversal.ts';
import type { Rule } from './rule.ts';

const documents: Rule<PublicRefund>['documents'] = ({ refund_id }) => ({
  documentId: refund_id,
  invoiceId: null,
});

/**
 * The provider takes a refund out of the balance when it is made, `pending` or `succeeded`, and gives it back when it
 * fails. So both are posted at once, and so is one that is told late, as failed, when it names its balance transaction:
 * `refund-failed` reverses it. Any other has moved nothing.
 */
export const refundCreated: Rule<PublicRefund> = {
  rule: 'refund-created',
  version: 1,
  documents,
  content: ({ amount }) => said(amount),
  draft: ({ amount, status, balance_transaction_ref }) => {
    mustNotBeNegative('the refund', amount);
    const moved = balance_transaction_ref !== null || status === 'succeeded' || status === 'pending';
    if (!moved) return { nothing: 'no-money-moved' };
    return {
      lines: [
        { role: 'refunds_to_allocate', amount },
        { role: 'psp_clearing', amount: credit(amount) },
      ],
    };
  },
};

export const refundFailed: Rule<PublicRefund> = reversal({
  rule: 'refund-failed',
  reverses: 'refund-created',
  need: 'refund',
  documents,
  postedNothing: refund => refund.amount.amount_minor === 0n,
});
