import type { Scene } from '../company.ts';
import { did, emit, keep, record, tick } from '../company.ts';
import type { CreditNote, CreditNoteLine, Invoice, Refund } from '../model.ts';
import { totalsOf } from '../model.ts';
import { roundMinor, splitTax } from '../money.ts';
import { invoiceShape } from '../shapes/invoice.ts';
import { chargeShape } from '../shapes/payment.ts';
import { creditMovementShape, creditNoteShape, refundShape } from '../shapes/refund.ts';
import { addTransaction } from './collecting.ts';
import { setBalance } from './customer.ts';

/** Money goes back to the card. Names the charge; no customer. */
export function refund(scene: Scene, invoice: Invoice, amountMinor: number): Refund {
  const { company, random } = scene;
  const { charge } = invoice;
  if (charge === null) throw new Error('only a charge can be refunded');
  const id = `re_3${random.token(23)}`;
  const made: Refund = {
    id,
    charge,
    created: scene.now,
    amountMinor,
    status: 'succeeded',
    balanceTransaction: addTransaction(scene, 'refund', 'refund', -amountMinor, 0, id),
    failureTransaction: null,
  };
  const before = charge.refundedMinor;
  charge.refunds.push(made);
  charge.refundedMinor += amountMinor;
  record(scene, { kind: 'refund_made', refundId: id, chargeId: charge.id, amountMinor });
  emit(scene, 'refund.created', refundShape(made), { needs: [charge.id] });
  emit(scene, 'charge.refunded', chargeShape(charge, company.livemode), {
    previous: { amount_refunded: before },
  });
  tick(scene);
  return made;
}

/** Days later the bank could not take it: the money is back on the provider's balance. */
export function failRefund(scene: Scene, made: Refund): void {
  did(scene, 'refund_failed');
  const { charge, amountMinor } = made;
  made.status = 'failed';
  made.failureTransaction = addTransaction(
    scene,
    'refund_failure',
    'refund_failure',
    amountMinor,
    0,
    made.id,
  );
  charge.refundedMinor -= amountMinor;
  record(scene, { kind: 'refund_failed', refundId: made.id, chargeId: charge.id, amountMinor });
  emit(scene, 'refund.updated', refundShape(made), { previous: { status: 'succeeded' }, needs: [charge.id] });
  emit(scene, 'refund.failed', refundShape(made), { needs: [charge.id] });
  emit(scene, 'charge.refund.updated', refundShape(made), {
    previous: { status: 'succeeded' },
    needs: [charge.id],
  });
  tick(scene);
}

/** The share of each line (in percent) that is taken back, rounded as its currency allows. */
export function shareOfLines(scene: Scene, invoice: Invoice, percent: number): CreditNoteLine[] {
  const { customer } = invoice;
  return invoice.lines
    .filter(line => line.amountMinor > 0)
    .map(line => {
      const amountMinor =
        percent === 100
          ? line.amountMinor
          : roundMinor(customer.currency, (line.amountMinor * percent) / 100);
      return {
        id: `cnli_1${scene.random.token(23)}`,
        invoiceLine: line,
        description: line.description,
        amountMinor,
        ...splitTax(customer.currency, amountMinor, customer.taxRate),
      };
    });
}

/** A line of the note's own: goodwill, for none of the invoice's lines. */
export function goodwillLine(scene: Scene, invoice: Invoice, percent: number): CreditNoteLine {
  const { customer } = invoice;
  const amountMinor = roundMinor(customer.currency, (totalsOf(invoice.lines).netMinor * percent) / 100);
  return {
    id: `cnli_1${scene.random.token(23)}`,
    invoiceLine: null,
    description: 'Goodwill',
    amountMinor,
    ...splitTax(customer.currency, amountMinor, customer.taxRate),
  };
}

/** Takes back part of an invoice: from what is open, by a refund (made before), or as credit. */
export function issueCreditNote(
  scene: Scene,
  invoice: Invoice,
  lines: CreditNoteLine[],
  settledBy: 'receivable' | 'customer_credit' | Refund,
): CreditNote {
  const { company, random, customer } = scene;
  const { totalMinor } = totalsOf(lines);
  const toBalance = settledBy === 'customer_credit';
  const note: CreditNote = {
    id: `cn_1${random.token(23)}`,
    invoice,
    created: scene.now,
    number: `${invoice.number ?? ''}-CN-01`,
    lines,
    totalMinor,
    prePaymentMinor: settledBy === 'receivable' ? totalMinor : 0,
    refund: typeof settledBy === 'string' ? null : settledBy,
    credited: toBalance
      ? { id: `cbtxn_1${random.token(23)}`, endingBalanceMinor: customer.balanceMinor - totalMinor }
      : null,
  };
  if (settledBy === 'receivable') invoice.prePaymentCreditMinor += totalMinor;
  else invoice.postPaymentCreditMinor += totalMinor;
  record(scene, {
    kind: 'credit_note_issued',
    creditNoteId: note.id,
    invoiceId: invoice.id,
    lines: lines.map(line => ({
      netMinor: line.netMinor,
      taxMinor: line.taxMinor,
      deferred: line.invoiceLine !== null && line.invoiceLine.periodEnd > (invoice.finalizedAt ?? 0),
    })),
    settledBy: typeof settledBy === 'string' ? settledBy : 'refund',
  });
  emit(scene, 'credit_note.created', creditNoteShape(note, company.livemode), { needs: [invoice.id] });
  emit(scene, 'invoice.updated', invoiceShape(invoice, company.livemode), {
    previous:
      note.prePaymentMinor > 0
        ? { pre_payment_credit_notes_amount: 0 }
        : { post_payment_credit_notes_amount: 0 },
  });
  tick(scene);
  if (note.credited !== null)
    keep(company, note.credited.id, creditMovementShape(note, note.credited, company.livemode));
  if (toBalance) setBalance(scene, customer.balanceMinor - totalMinor);
  return note;
}
