import type { EventType } from '@keelson/contracts';
import { balanceMoved } from './balance.ts';
import { creditNoteIssued, creditNoteVoided } from './credit-note.ts';
import { customerCreditChanged } from './customer-credit.ts';
import { invoiceFinalized, invoiceVoided } from './invoice.ts';
import { paymentAllocated, paymentSettled } from './payment.ts';
import { payoutFailed, payoutPaid } from './payout.ts';
import { refundCreated, refundFailed } from './refund.ts';
import type { BodyOf, PostsNothing, Rule } from './rule.ts';

const notFinancial: PostsNothing = { postsNothing: 'not-financial' };
const postsNothing: PostsNothing = { postsNothing: 'posts-nothing' };
const unsupported: PostsNothing = { postsNothing: 'unsupported' };

/** Every event type and what it posts: a type without a row does not compile. */
export const rules: { readonly [T in EventType]: Rule<BodyOf<T>> | PostsNothing } = {
  'customer.upserted': notFinancial,
  'customer.deleted': notFinancial,
  'customer.merged': notFinancial,
  'contract.created': notFinancial,
  'contract.activated': notFinancial,
  'contract.changed': notFinancial,
  'contract.renewed': notFinancial,
  'contract.paused': notFinancial,
  'contract.resumed': notFinancial,
  'contract.cancel_scheduled': notFinancial,
  'contract.ended': notFinancial,
  'contract.entitlement_changed': notFinancial,
  'billing.invoice_finalized': invoiceFinalized,
  'billing.invoice_voided': invoiceVoided,
  'billing.invoice_uncollectible': unsupported,
  'billing.invoice_overdue': postsNothing,
  'billing.credit_note_issued': creditNoteIssued,
  'billing.credit_note_voided': creditNoteVoided,
  'billing.customer_credit_changed': customerCreditChanged,
  'payment.succeeded': paymentSettled,
  'payment.failed': postsNothing,
  'payment.allocated': paymentAllocated,
  'payment.refund_created': refundCreated,
  'payment.refund_settled': postsNothing,
  'payment.refund_failed': refundFailed,
  'payment.dispute_opened': postsNothing,
  'payment.dispute_funds_withdrawn': unsupported,
  'payment.dispute_funds_reinstated': unsupported,
  'payment.dispute_closed': postsNothing,
  'payment.payout_paid': payoutPaid,
  'payment.payout_failed': payoutFailed,
  'payment.balance_moved': balanceMoved,
  'catalog.product_upserted': notFinancial,
  'catalog.price_upserted': notFinancial,
  'support.case_opened': notFinancial,
  'support.case_changed': notFinancial,
  'support.case_escalated': notFinancial,
  'support.case_closed': notFinancial,
};
