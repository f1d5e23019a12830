import { describe, expect, test } from '@jest/globals';
import type { FinanceWork } from '@keelson/contracts';
import { money } from '@keelson/contracts';
import { testChart } from '../testing/chart.ts';
import {
  allocation,
  creditNote,
  customerCredit,
  id,
  invoice,
  movement,
  payment,
  payout,
  refund,
  usd,
  work,
} from '../testing/works.ts';
import type { PostedEntry } from './entry.ts';
import { post, read } from './post.ts';

/** Account, amount and currency of each line, or why there is no entry. */
function posted(of: FinanceWork, original: PostedEntry | null = null) {
  const reading = read(of);
  if (reading.kind !== 'fact') return reading;
  const posting = post(reading, original, testChart);
  if (posting.kind !== 'entry') return posting;
  return posting.entry.lines.map(line => `${line.account} ${line.amountMinor} ${line.currency}`);
}

function entryOf(of: FinanceWork, original: PostedEntry | null = null): PostedEntry {
  const reading = read(of);
  if (reading.kind !== 'fact') throw new Error(reading.kind);
  const posting = post(reading, original, testChart);
  if (posting.kind !== 'entry') throw new Error(JSON.stringify(posting));
  return { ...posting.entry, reversed: false };
}

const finalized = (body = invoice('in_1', [{ net: 10_000, tax: 2_000, forDays: 30 }])) =>
  work('billing.invoice_finalized', body.number ?? '', body);

describe('an invoice', () => {
  test('is receivable against deferral, revenue and tax', () => {
    const lines = [
      { net: 10_000, tax: 2_000, forDays: 30 },
      { net: 500, tax: 100 },
    ];
    expect(posted(finalized(invoice('in_1', lines)))).toEqual([
      '1200 12600 USD',
      '2300 -10000 USD',
      '2200 -2000 USD',
      '4000 -500 USD',
      '2200 -100 USD',
    ]);
  });

  test('is revenue at once when its service is over by then', () => {
    expect(posted(finalized(invoice('in_1', [{ net: 700, forDays: 0 }])))).toEqual([
      '1200 700 USD',
      '4000 -700 USD',
    ]);
  });

  test('turns its signs when it is negative', () => {
    expect(posted(finalized(invoice('in_1', [{ net: -900, tax: -180, forDays: 10 }])))).toEqual([
      '1200 -1080 USD',
      '2300 900 USD',
      '2200 180 USD',
    ]);
  });

  test('of zero posts nothing', () => {
    expect(posted(finalized(invoice('in_1', [{ net: 0, tax: 0 }])))).toEqual({
      kind: 'nothing',
      rule: 'zero-amount',
    });
  });

  test('of zero in all posts what its lines move between accounts', () => {
    const body = invoice('in_1', [{ net: -300, forDays: 5 }, { net: 300 }]);
    expect(posted(finalized(body))).toEqual(['2300 300 USD', '4000 -300 USD']);
  });

  test('whose parts do not make its total is refused', () => {
    const body = { ...invoice('in_1', [{ net: 100 }]), total: usd(101) };
    expect(posted(finalized(body))).toMatchObject({ kind: 'refused', code: 'does-not-add-up' });
  });

  test('in two currencies is refused', () => {
    const one = invoice('in_1', [{ net: 100 }]);
    const [line] = invoice('in_1', [{ net: 100 }], 'EUR').lines;
    expect(posted(finalized({ ...one, lines: line === undefined ? [] : [line] }))).toMatchObject({
      code: 'mixed-currencies',
    });
  });

  test('keeps jurisdiction, rate, product and service period on its lines', () => {
    const [, revenue, tax] = entryOf(finalized()).lines;
    expect(revenue).toMatchObject({
      role: 'deferred_revenue',
      productRef: 'prod_1',
      documentLineId: 'in_1-1',
    });
    expect(revenue?.serviceEnd).toBeGreaterThan(revenue?.serviceStart ?? 0);
    expect(tax).toMatchObject({ jurisdiction: 'GB', taxRate: '20', taxBaseMinor: 10_000n });
  });

  test('says at zero tax why, on the line itself', () => {
    const [, revenue] = entryOf(finalized(invoice('in_1', [{ net: 100, tax: 0 }]))).lines;
    expect(revenue).toMatchObject({ jurisdiction: 'GB', taxRate: '20', taxReason: 'standard_rated' });
  });

  test('that is voided is taken back line by line', () => {
    const original = entryOf(finalized());
    const voided = work(
      'billing.invoice_voided',
      'in_1',
      invoice('in_1', [{ net: 10_000, tax: 2_000, forDays: 30 }]),
    );
    expect(posted(voided, original)).toEqual(['1200 -12000 USD', '2300 10000 USD', '2200 2000 USD']);
    expect(posted(voided, { ...original, reversed: true })).toMatchObject({ code: 'already-reversed' });
    expect(posted(voided)).toMatchObject({ code: 'nothing-to-reverse' });
  });

  test('of zero that is voided has nothing to take back', () => {
    const voided = work('billing.invoice_voided', 'in_1', invoice('in_1', [{ net: 0 }]));
    expect(posted(voided)).toEqual({ kind: 'nothing', rule: 'zero-amount' });
  });
});

describe('a credit note', () => {
  const twoLines = invoice('in_1', [
    { net: 10_000, tax: 2_000, forDays: 30 },
    { net: 5_000, tax: 1_000 },
  ]);
  const original = entryOf(finalized(twoLines));
  const note = (body: ReturnType<typeof creditNote>) => work('billing.credit_note_issued', 'cn_1', body);

  test('takes back deferral where the line was deferred, else contra revenue, and tax', () => {
    const body = creditNote(
      'cn_1',
      'in_1',
      [
        { net: 4_000, tax: 800, line: 1 },
        { net: 1_000, tax: 200, line: 2 },
      ],
      'to_refund',
    );
    expect(posted(note(body), original)).toEqual([
      '2300 4000 USD',
      '2200 800 USD',
      '4900 1000 USD',
      '2200 200 USD',
      '2150 -6000 USD',
    ]);
  });

  test('names the credited line and its service period, for recognition', () => {
    const [deferred] = entryOf(
      note(creditNote('cn_1', 'in_1', [{ net: 4_000, line: 1 }], 'to_receivable')),
      original,
    ).lines;
    expect(deferred).toMatchObject({ documentLineId: 'in_1-1', productRef: 'prod_1' });
    expect(deferred?.serviceEnd).toBe(original.lines[1]?.serviceEnd);
  });

  test('takes no more deferral than the line has', () => {
    const body = creditNote('cn_1', 'in_1', [{ net: 11_000, line: 1 }], 'to_receivable');
    expect(posted(note(body), original)).toEqual(['2300 10000 USD', '4900 1000 USD', '1200 -11000 USD']);
  });

  test('of a line of its own is contra revenue', () => {
    const body = creditNote('cn_1', 'in_1', [{ net: 700 }], 'to_customer_credit');
    expect(posted(note(body), original)).toEqual(['4900 700 USD', '2250 -700 USD']);
  });

  test('out of band goes by the bank', () => {
    const body = creditNote('cn_1', 'in_1', [{ net: 700, line: 2 }], 'out_of_band');
    expect(posted(note(body), original)).toEqual(['4900 700 USD', '1020 -700 USD']);
  });

  test('without its invoice is contra revenue as a whole, and says so', () => {
    const reading = read(
      note(creditNote('cn_1', 'in_1', [{ net: 4_000, tax: 800, line: 1 }], 'to_receivable')),
    );
    expect(reading).toMatchObject({ original: { rule: 'invoice-finalized', need: 'invoice' } });
    const posting = reading.kind === 'fact' ? post(reading, null, testChart) : reading;
    expect(posting).toMatchObject({ kind: 'entry', entry: { variant: 'invoice-unknown' } });
    expect(
      posted(note(creditNote('cn_1', 'in_1', [{ net: 4_000, tax: 800, line: 1 }], 'to_receivable'))),
    ).toEqual(['4900 4000 USD', '2200 800 USD', '1200 -4800 USD']);
  });

  test('has the same id and content hash with and without its invoice', () => {
    const of = note(creditNote('cn_1', 'in_1', [{ net: 4_000, line: 1 }], 'to_receivable'));
    expect(entryOf(of, original)).toMatchObject({ entryId: entryOf(of).entryId });
  });

  test('whose settlement does not make its total is refused', () => {
    const body = { ...creditNote('cn_1', 'in_1', [{ net: 700 }], 'to_refund'), to_receivable: usd(1) };
    expect(posted(note(body), original)).toMatchObject({ code: 'does-not-add-up' });
  });

  test('that is voided is taken back', () => {
    const body = creditNote('cn_1', 'in_1', [{ net: 4_000, tax: 800, line: 1 }], 'to_refund');
    const issued = entryOf(note(body), original);
    expect(posted(work('billing.credit_note_voided', 'cn_1', body), issued)).toEqual([
      '2300 -4000 USD',
      '2200 -800 USD',
      '2150 4800 USD',
    ]);
  });
});

describe('customer credit', () => {
  const changed = (minor: number, change = {}) =>
    posted(work('billing.customer_credit_changed', 'cbtxn_1', customerCredit('cbtxn_1', minor, change)));

  test('that is used pays the receivable', () => {
    expect(changed(-1_100)).toEqual(['1200 -1100 USD', '2250 1100 USD']);
  });
  test('that a negative invoice grants fills its receivable', () => {
    expect(changed(1_080, { reason: 'credited_by_invoice' })).toEqual(['1200 1080 USD', '2250 -1080 USD']);
  });
  test('without an invoice waits in suspense for somebody to explain it', () => {
    expect(changed(500, { invoice_id: null, reason: 'adjustment' })).toEqual([
      '1990 500 USD',
      '2250 -500 USD',
    ]);
  });
  test('of a credit note is posted by the note', () => {
    expect(changed(500, { reason: 'credit_note' })).toEqual({
      kind: 'nothing',
      rule: 'posted-by-credit-note',
    });
  });
});

describe('a payment', () => {
  test('is clearing against unapplied cash, gross', () => {
    expect(posted(work('payment.succeeded', 'ch_1', payment('ch_1', 12_000)))).toEqual([
      '1010 12000 USD',
      '2100 -12000 USD',
    ]);
  });
  test('below zero is refused', () => {
    expect(posted(work('payment.succeeded', 'ch_1', payment('ch_1', -1)))).toMatchObject({
      code: 'negative-amount',
    });
  });
  test('is allocated from unapplied cash, or from the bank when it came out of band', () => {
    const by = (source: 'payment' | 'out_of_band' | 'unknown') =>
      posted(work('payment.allocated', 'inpay_1', allocation('inpay_1', 'in_1', 12_000, source)));
    expect(by('payment')).toEqual(['2100 12000 USD', '1200 -12000 USD']);
    expect(by('out_of_band')).toEqual(['1020 12000 USD', '1200 -12000 USD']);
    expect(by('unknown')).toMatchObject({ code: 'unknown-source' });
  });
});

describe('a refund', () => {
  const created = (change = {}) =>
    posted(work('payment.refund_created', 're_1', refund('re_1', 4_800, change)));
  const lines = ['2150 4800 USD', '1010 -4800 USD'];

  test.each(['succeeded', 'pending'])('%s has left the balance', status => {
    expect(created({ status })).toEqual(lines);
  });
  test('told as failed, with a balance transaction, has left it too', () => {
    expect(created({ status: 'failed', balance_transaction_ref: 'txn_1' })).toEqual(lines);
  });
  test('without a balance transaction, not begun, has moved nothing', () => {
    expect(created({ status: 'canceled' })).toEqual({ kind: 'nothing', rule: 'no-money-moved' });
  });
  test('that failed is taken back', () => {
    const original = entryOf(work('payment.refund_created', 're_1', refund('re_1', 4_800)));
    expect(
      posted(work('payment.refund_failed', 're_1', refund('re_1', 4_800, { status: 'failed' })), original),
    ).toEqual(['2150 -4800 USD', '1010 4800 USD']);
  });
});

describe('a payout', () => {
  test('leaves clearing for the bank, and comes back when it fails', () => {
    const original = entryOf(work('payment.payout_paid', 'po_1', payout('po_1', 9_000)));
    expect(posted(work('payment.payout_paid', 'po_1', payout('po_1', 9_000)))).toEqual([
      '1030 9000 USD',
      '1010 -9000 USD',
    ]);
    expect(posted(work('payment.payout_failed', 'po_1', payout('po_1', 9_000)), original)).toEqual([
      '1030 -9000 USD',
      '1010 9000 USD',
    ]);
  });
});

describe('a balance movement', () => {
  const moved = (body: ReturnType<typeof movement>) => posted(work('payment.balance_moved', 'txn_1', body));
  const abroad = (amount: number) => ({
    original_amount: money(BigInt(amount), 'JPY'),
    exchange_rate: '0.0067',
  });

  test('of a charge posts its fee alone', () => {
    expect(moved(movement('txn_1', 'charge', 12_000, 378))).toEqual(['6100 378 USD', '1010 -378 USD']);
  });
  test('without a fee, posted by its fact, posts nothing', () => {
    expect(moved(movement('txn_1', 'payout', -9_000, 0))).toEqual({ kind: 'nothing', rule: 'zero-amount' });
  });
  test('in another currency brings clearing into the balance by two legs', () => {
    expect(moved(movement('txn_1', 'charge', 6_700, 200, abroad(10_000)))).toEqual([
      '1010 -10000 JPY',
      '7000 10000 JPY',
      '1010 6700 USD',
      '7000 -6700 USD',
      '6100 200 USD',
      '1010 -200 USD',
    ]);
  });
  test.each([4_000, -4_000])('of a refund in another currency (%i) goes the other way', original => {
    expect(moved(movement('txn_1', 'refund', -2_680, 0, abroad(original)))).toEqual([
      '1010 4000 JPY',
      '7000 -4000 JPY',
      '1010 -2680 USD',
      '7000 2680 USD',
    ]);
  });
  test('with a rate but without what it was applied to is refused', () => {
    expect(moved(movement('txn_1', 'charge', 100, 0, { exchange_rate: '2' }))).toMatchObject({
      code: 'original-amount-missing',
    });
  });
  test('that is a fee is a fee', () => {
    expect(moved(movement('txn_1', 'fee', -500, 0))).toEqual(['1010 -500 USD', '6100 500 USD']);
  });
  test('that nothing explains stands in suspense', () => {
    expect(moved(movement('txn_1', 'other_adjustment', -500, 0))).toEqual(['1010 -500 USD', '1990 500 USD']);
  });
  test('of a dispute waits for the dispute to be posted', () => {
    expect(moved(movement('txn_1', 'dispute', -500, 1_500))).toEqual({
      kind: 'nothing',
      rule: 'unsupported',
    });
  });
  test('whose net is not amount less fee is refused', () => {
    expect(moved(movement('txn_1', 'charge', 100, 3, { net: usd(98) }))).toMatchObject({
      code: 'does-not-add-up',
    });
  });
});

describe('any money fact', () => {
  const settled = (change = {}, head = {}) =>
    posted(work('payment.succeeded', 'ch_1', { ...payment('ch_1', 100), ...change }, head));

  test('with another exponent than its currency has is refused', () => {
    expect(settled({ amount: { amount_minor: 100n, currency: 'JPY', exponent: 2 } })).toMatchObject({
      code: 'exponent-mismatch',
    });
  });
  test('in an unknown currency is refused', () => {
    expect(settled({ amount: { amount_minor: 100n, currency: 'XXX', exponent: 2 } })).toMatchObject({
      code: 'unknown-currency',
    });
  });
  test('without a fact id is refused', () => {
    expect(settled({}, { fact_id: null })).toMatchObject({ code: 'no-fact-id' });
  });
  test('that corrects another is refused until corrections are posted', () => {
    expect(settled({}, { revision: 1 })).toMatchObject({ code: 'correction-unsupported' });
    expect(settled({}, { retracts: id('event', 'e') })).toMatchObject({ code: 'correction-unsupported' });
  });
  test('has an id that follows from entity, fact and rule alone', () => {
    const one = entryOf(work('payment.succeeded', 'ch_1', payment('ch_1', 100)));
    const other = entryOf(
      work('payment.succeeded', 'ch_1', payment('ch_1', 200), { received_at: 5, subject_version: 9 }),
    );
    const elsewhere = entryOf(
      work('payment.succeeded', 'ch_1', payment('ch_1', 100), { legal_entity: 'other' }),
    );
    expect(other.entryId).toBe(one.entryId);
    expect(elsewhere.entryId).not.toBe(one.entryId);
  });
});
