import type { Currency } from './money.ts';

/** A line as business sees it: what is earned for which time, and the tax on it. */
export type FactLine = { netMinor: number; taxMinor: number; servicePeriodEnd: number };

type Base = { at: number; customerId: string | null; currency: Currency };

/**
 * What happened to money, told by the action that did it. The oracle reads these, never an event's JSON.
 * `lines` of a credit note carry `deferred`: whether the invoice's line was for a time still to come.
 */
export type Fact = Base &
  (
    | { kind: 'invoice_finalized'; invoiceId: string; lines: FactLine[] }
    | { kind: 'credit_applied'; invoiceId: string; amountMinor: number }
    | { kind: 'credit_granted'; invoiceId: string; amountMinor: number }
    | { kind: 'invoice_voided'; invoiceId: string; lines: FactLine[]; finalizedAt: number }
    | {
        kind: 'invoice_uncollectible';
        invoiceId: string;
        lines: FactLine[];
        finalizedAt: number;
      }
    | { kind: 'charge_settled'; chargeId: string; amountMinor: number; feeMinor: number }
    | {
        kind: 'payment_allocated';
        invoicePaymentId: string;
        invoiceId: string;
        chargeId: string;
        amountMinor: number;
      }
    | { kind: 'paid_out_of_band'; invoicePaymentId: string; invoiceId: string; amountMinor: number }
    | { kind: 'refund_made'; refundId: string; chargeId: string; amountMinor: number }
    | { kind: 'refund_failed'; refundId: string; chargeId: string; amountMinor: number }
    | {
        kind: 'credit_note_issued';
        creditNoteId: string;
        invoiceId: string;
        lines: { netMinor: number; taxMinor: number; deferred: boolean }[];
        settledBy: 'receivable' | 'refund' | 'customer_credit';
      }
    | {
        kind: 'dispute_withdrawn';
        disputeId: string;
        chargeId: string;
        amountMinor: number;
        feeMinor: number;
      }
    | { kind: 'dispute_won'; disputeId: string; chargeId: string; amountMinor: number; feeMinor: number }
    | { kind: 'dispute_lost'; disputeId: string; chargeId: string; amountMinor: number }
    | { kind: 'payout_paid'; payoutId: string; amountMinor: number }
  );

export type FactKind = Fact['kind'];
type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
/** A fact without what every fact has. */
export type FactBody = Without<Fact, keyof Base>;
