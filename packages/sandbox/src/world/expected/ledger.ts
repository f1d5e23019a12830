import type { Fact } from '../facts.ts';
import type { Currency } from '../money.ts';

/** What may be posted. A stage that does not post a rule leaves it out; the rest stands as it is. */
export const POSTING_RULES = [
  'invoice', 'customer_credit', 'payment', 'allocation', 'out_of_band', 'fee', 'refund', 'credit_note', 'void',
  'payout', 'dispute', 'uncollectible',
] as const; // prettier-ignore
export type PostingRule = (typeof POSTING_RULES)[number];

/** Posted by default: all but disputes and uncollectible invoices, whose postings come later. */
export const DEFAULT_RULES: readonly PostingRule[] = POSTING_RULES.filter(
  rule => rule !== 'dispute' && rule !== 'uncollectible',
);

/** Debits above zero, credits below, in minor units of the entry's currency. */
export type PostingLine = { account: string; amountMinor: number };

export type ExpectedEntry = {
  rule: PostingRule;
  kind: Fact['kind'];
  /** The provider's object that the fact is about. */
  objectId: string;
  /** Null: the account's own (payouts). */
  customerId: string | null;
  currency: Currency;
  lines: PostingLine[];
};

export type ExpectedBalance = { account: string; currency: Currency; balanceMinor: number };

const CLEARING = '1010';
const BANK = '1020';
const BANK_IN_TRANSIT = '1030';
const RECEIVABLE = '1200';
const DISPUTED = '1250';
const UNAPPLIED = '2100';
const REFUNDS = '2150';
const TAX = '2200';
const CUSTOMER_CREDIT = '2250';
const DEFERRED = '2300';
const REVENUE = '4000';
const CONTRA = '4900';
const FEES = '6100';
const BAD_DEBT = '6200';

/** The entries of these facts: what happened, in double entry. Entries that move nothing are left out. */
export function entriesOf(
  facts: readonly Fact[],
  rules: readonly PostingRule[] = DEFAULT_RULES,
): ExpectedEntry[] {
  return facts
    .flatMap(fact => postingsOf(fact))
    .filter(entry => rules.includes(entry.rule))
    .map(entry => ({ ...entry, lines: merged(entry.lines) }))
    .filter(entry => entry.lines.length > 0);
}

/** Sum per account and currency, in order; accounts at zero are left out. */
export function balancesOf(entries: readonly ExpectedEntry[]): ExpectedBalance[] {
  const sums = new Map<string, ExpectedBalance>();
  for (const entry of entries) {
    for (const line of entry.lines) {
      const key = `${line.account}/${entry.currency}`;
      const sum = sums.get(key) ?? { account: line.account, currency: entry.currency, balanceMinor: 0 };
      sum.balanceMinor += line.amountMinor;
      sums.set(key, sum);
    }
  }
  return [...sums]
    .filter(([, sum]) => sum.balanceMinor !== 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, sum]) => sum);
}

function postingsOf(fact: Fact): ExpectedEntry[] {
  const entry = (rule: PostingRule, objectId: string, lines: PostingLine[]): ExpectedEntry => ({
    rule,
    kind: fact.kind,
    objectId,
    customerId: fact.customerId,
    currency: fact.currency,
    lines,
  });
  const move = (
    rule: PostingRule,
    objectId: string,
    debit: string,
    credit: string,
    amountMinor: number,
  ): ExpectedEntry => entry(rule, objectId, [line(debit, amountMinor), line(credit, -amountMinor)]);

  switch (fact.kind) {
    case 'invoice_finalized':
      return [entry('invoice', fact.invoiceId, invoiceLines(fact.lines, fact.at))];
    case 'credit_applied':
      return [move('customer_credit', fact.invoiceId, CUSTOMER_CREDIT, RECEIVABLE, fact.amountMinor)];
    case 'credit_granted':
      return [move('customer_credit', fact.invoiceId, RECEIVABLE, CUSTOMER_CREDIT, fact.amountMinor)];
    case 'invoice_voided':
      return [entry('void', fact.invoiceId, reversed(invoiceLines(fact.lines, fact.finalizedAt)))];
    case 'invoice_uncollectible':
      return [entry('uncollectible', fact.invoiceId, writtenOff(fact))];
    case 'charge_settled':
      return [
        move('payment', fact.chargeId, CLEARING, UNAPPLIED, fact.amountMinor),
        move('fee', fact.chargeId, FEES, CLEARING, fact.feeMinor),
      ];
    case 'payment_allocated':
      return [move('allocation', fact.invoicePaymentId, UNAPPLIED, RECEIVABLE, fact.amountMinor)];
    case 'paid_out_of_band':
      return [move('out_of_band', fact.invoicePaymentId, BANK, RECEIVABLE, fact.amountMinor)];
    case 'refund_made':
      return [move('refund', fact.refundId, REFUNDS, CLEARING, fact.amountMinor)];
    case 'refund_failed':
      return [move('refund', fact.refundId, CLEARING, REFUNDS, fact.amountMinor)];
    case 'credit_note_issued':
      return [entry('credit_note', fact.creditNoteId, creditLines(fact))];
    case 'dispute_withdrawn':
      return [
        move('dispute', fact.disputeId, DISPUTED, CLEARING, fact.amountMinor),
        move('dispute', fact.disputeId, FEES, CLEARING, fact.feeMinor),
      ];
    case 'dispute_won':
      return [
        move('dispute', fact.disputeId, CLEARING, DISPUTED, fact.amountMinor),
        move('dispute', fact.disputeId, CLEARING, FEES, fact.feeMinor),
      ];
    case 'dispute_lost':
      return [move('dispute', fact.disputeId, CONTRA, DISPUTED, fact.amountMinor)];
    case 'payout_paid':
      return [move('payout', fact.payoutId, BANK_IN_TRANSIT, CLEARING, fact.amountMinor)];
  }
}

const line = (account: string, amountMinor: number): PostingLine => ({ account, amountMinor });

/** Gross to the receivable; what is for a time after the invoice's own moment is not earned yet. */
function invoiceLines(
  lines: readonly { netMinor: number; taxMinor: number; servicePeriodEnd: number }[],
  finalizedAt: number,
): PostingLine[] {
  return lines.flatMap(one => [
    line(RECEIVABLE, one.netMinor + one.taxMinor),
    line(one.servicePeriodEnd > finalizedAt ? DEFERRED : REVENUE, -one.netMinor),
    line(TAX, -one.taxMinor),
  ]);
}

function creditLines(fact: Extract<Fact, { kind: 'credit_note_issued' }>): PostingLine[] {
  const to = { receivable: RECEIVABLE, refund: REFUNDS, customer_credit: CUSTOMER_CREDIT }[fact.settledBy];
  return fact.lines.flatMap(one => [
    line(one.deferred ? DEFERRED : CONTRA, one.netMinor),
    line(TAX, one.taxMinor),
    line(to, -one.netMinor - one.taxMinor),
  ]);
}

/** What was not earned is not deferred any more; what was earned is a bad debt; the tax is taken back. */
const writtenOff = (fact: Extract<Fact, { kind: 'invoice_uncollectible' }>): PostingLine[] =>
  fact.lines.flatMap(one => [
    line(one.servicePeriodEnd > fact.finalizedAt ? DEFERRED : BAD_DEBT, one.netMinor),
    line(TAX, one.taxMinor),
    line(RECEIVABLE, -one.netMinor - one.taxMinor),
  ]);

const reversed = (lines: readonly PostingLine[]): PostingLine[] =>
  lines.map(one => line(one.account, -one.amountMinor));

/** One line an account; nothing at zero. */
function merged(lines: readonly PostingLine[]): PostingLine[] {
  const sums = new Map<string, number>();
  for (const one of lines) sums.set(one.account, (sums.get(one.account) ?? 0) + one.amountMinor);
  return [...sums].filter(([, sum]) => sum !== 0).map(([account, sum]) => line(account, sum));
}
