import { rejected } from '@keelson/contracts';
import type { PublicAllocation, PublicPayment } from '@keelson/contracts';
import { credit, mustNotBeNegative, said } from './amounts.ts';
import type { Rule } from './rule.ts';

/** The provider has the money, gross; for which invoice is the allocation's to say. The fee is the balance's. */
export const paymentSettled: Rule<PublicPayment> = {
  rule: 'payment-settled',
  version: 1,
  documents: ({ payment_id, invoice_id }) => ({ documentId: payment_id, invoiceId: invoice_id }),
  content: ({ amount }) => said(amount),
  draft: ({ amount }) => {
    mustNotBeNegative('the payment', amount);
    return {
      lines: [
        { role: 'psp_clearing', amount },
        { role: 'unapplied_cash', amount: credit(amount) },
      ],
    };
  },
};

/** Money in hand pays an invoice; out of band it comes by the bank, never through the provider. */
export const paymentAllocated: Rule<PublicAllocation> = {
  rule: 'payment-allocated',
  version: 1,
  documents: ({ allocation_id, invoice_id }) => ({ documentId: allocation_id, invoiceId: invoice_id }),
  content: ({ amount, source, invoice_id }) => [said(amount), source, invoice_id],
  draft: ({ amount, source }) => {
    mustNotBeNegative('the allocation', amount);
    if (source === 'unknown')
      throw rejected('unknown-source', 'nobody says where the allocated money came from');
    return {
      lines: [
        { role: source === 'payment' ? 'unapplied_cash' : 'bank', amount },
        { role: 'receivable', amount: credit(amount) },
      ],
    };
  },
};
