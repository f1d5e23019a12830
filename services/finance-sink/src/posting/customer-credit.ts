import type { PublicCustomerCredit } from '@keelson/contracts';
import { credit, said } from './amounts.ts';
import type { Rule } from './rule.ts';

/**
 * By sign: below zero credit is used, above zero it is granted. With an invoice the other side is its receivable (a
 * negative invoice leaves a receivable below zero, which the grant fills). Without one nobody says what it was for.
 */
export const customerCreditChanged: Rule<PublicCustomerCredit> = {
  rule: 'customer-credit-changed',
  version: 1,
  documents: ({ movement_id, invoice_id }) => ({ documentId: movement_id, invoiceId: invoice_id }),
  content: ({ amount, invoice_id, reason }) => [said(amount), invoice_id, reason],
  draft: ({ amount, invoice_id, reason }) => {
    if (reason === 'credit_note') return { nothing: 'posted-by-credit-note' };
    return {
      lines: [
        { role: invoice_id === null ? 'suspense' : 'receivable', amount },
        { role: 'customer_credit', amount: credit(amount) },
      ],
      ...(invoice_id === null ? { variant: 'without-invoice' } : {}),
    };
  },
};
