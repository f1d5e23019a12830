import type { FinanceWork } from '@keelson/contracts';
import { money } from '@keelson/contracts';
import fc from 'fast-check';
import type { Settlement, TestLine } from './works.ts';
import { allocation, creditNote, invoice, movement, payment, payout, refund, work } from './works.ts';

/** What one invoice may live through; amounts are minor units. */
export interface Lifecycle {
  readonly currency: string;
  readonly lines: readonly TestLine[];
  readonly end: 'void' | 'paid' | 'out_of_band' | 'open';
  readonly fee: number;
  /** Parts of a thousand of the first line that are credited. */
  readonly credited: number;
  readonly settledBy: Settlement;
  readonly noteVoided: boolean;
  readonly refund: 'none' | 'made' | 'failed';
  readonly payout: 'none' | 'paid' | 'failed';
  /** The provider's balance is in another currency, at this rate in hundredths. */
  readonly abroad: number | null;
}

const line = fc.record({
  net: fc.integer({ min: -50_000, max: 500_000 }),
  tax: fc.integer({ min: 0, max: 50_000 }),
  forDays: fc.constantFrom(-3, 0, 30, 365),
});

export const lifecycles = fc.array(
  fc.record<Lifecycle>({
    currency: fc.constantFrom('USD', 'EUR', 'JPY', 'KWD', 'ISK'),
    lines: fc.array(line, { minLength: 1, maxLength: 4 }),
    end: fc.constantFrom('void', 'paid', 'out_of_band', 'open'),
    fee: fc.integer({ min: 0, max: 5_000 }),
    credited: fc.integer({ min: 0, max: 1_000 }),
    settledBy: fc.constantFrom('to_receivable', 'to_refund', 'to_customer_credit', 'out_of_band'),
    noteVoided: fc.boolean(),
    refund: fc.constantFrom('none', 'made', 'failed'),
    payout: fc.constantFrom('none', 'paid', 'failed'),
    abroad: fc.option(fc.integer({ min: 1, max: 500 })),
  }),
  { minLength: 1, maxLength: 6 },
);

/** What moved on the provider's own balance, by currency: told beside the facts, and never read from them. */
export type ProviderBalance = Map<string, bigint>;

/** The facts of one lifecycle; `n` keeps its ids apart. */
export function factsOf(life: Lifecycle, n: number, provider: ProviderBalance): FinanceWork[] {
  const { currency } = life;
  const name = (kind: string): string => `${kind}_${n}`;
  const body = invoice(name('in'), life.lines, currency);
  const total = Number(body.total.amount_minor);
  const facts = [work('billing.invoice_finalized', name('in'), body)];
  if (life.end === 'void') facts.push(work('billing.invoice_voided', name('in'), body));
  if (life.end === 'out_of_band' && total > 0) {
    facts.push(
      work(
        'payment.allocated',
        name('inpay'),
        allocation(name('inpay'), name('in'), total, 'out_of_band', currency),
      ),
    );
  }
  if (life.end === 'paid' && total > 0) facts.push(...paid(life, n, total, provider));
  const [first] = life.lines;
  if (first !== undefined && first.net > 0) {
    const credited = [{ net: Math.floor((first.net * life.credited) / 1_000), tax: first.tax ?? 0, line: 1 }];
    const note = creditNote(name('cn'), name('in'), credited, life.settledBy, currency);
    facts.push(work('billing.credit_note_issued', name('cn'), note));
    if (life.noteVoided) facts.push(work('billing.credit_note_voided', name('cn'), note));
  }
  return facts;
}

function paid(life: Lifecycle, n: number, total: number, provider: ProviderBalance): FinanceWork[] {
  const { currency } = life;
  const settled = life.abroad === null ? currency : 'GBP';
  const name = (kind: string): string => `${kind}_${n}`;
  const inBalance = (amount: number): number =>
    life.abroad === null ? amount : Math.round((amount * life.abroad) / 100);
  const facts: FinanceWork[] = [];
  const moved = (kind: string, category: string, amount: number, fee: number): void => {
    const original = life.abroad === null ? null : money(BigInt(amount), currency);
    const change = {
      original_amount: original,
      exchange_rate: original === null ? null : String(life.abroad),
    };
    const body = movement(name(kind), category, inBalance(amount), fee, change, settled);
    facts.push(work('payment.balance_moved', name(kind), body));
    provider.set(settled, (provider.get(settled) ?? 0n) + body.net.amount_minor);
  };
  facts.push(work('payment.succeeded', name('ch'), payment(name('ch'), total, currency)));
  facts.push(
    work(
      'payment.allocated',
      name('inpay'),
      allocation(name('inpay'), name('in'), total, 'payment', currency),
    ),
  );
  moved('txn', 'charge', total, life.fee);
  if (life.refund !== 'none') {
    const body = refund(name('re'), total, {}, currency);
    facts.push(work('payment.refund_created', name('re'), body));
    moved('txnr', 'refund', -total, 0);
    if (life.refund === 'failed') {
      facts.push(work('payment.refund_failed', name('re'), body));
      moved('txnf', 'refund_failure', total, 0);
    }
  }
  if (life.payout !== 'none') {
    const body = payout(name('po'), inBalance(total), settled);
    const leave = (sign: bigint): void =>
      void provider.set(settled, (provider.get(settled) ?? 0n) + sign * body.amount.amount_minor);
    facts.push(work('payment.payout_paid', name('po'), body));
    leave(-1n);
    if (life.payout === 'failed') {
      facts.push(work('payment.payout_failed', name('po'), body));
      leave(1n);
    }
  }
  return facts;
}
