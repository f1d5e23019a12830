import { expect, test } from '@jest/globals';
import type { Json } from './company.ts';
import type { Fact } from './facts.ts';
import type { World } from './world.ts';
import { createWorld } from './world.ts';

/** The events must say what happened: amounts as told, against amounts as done. */

const world = createWorld({ seed: 21, events: 2500 });
const object = (event: World['providerEvents'][number]): Json => (event.body.data as { object: Json }).object;
const tellings = (type: string): Json[] =>
  world.providerEvents.filter(event => event.type === type).map(object);
const facts = <K extends Fact['kind']>(kind: K): Extract<Fact, { kind: K }>[] =>
  world.company.facts.filter((fact): fact is Extract<Fact, { kind: K }> => fact.kind === kind);
const byId = (objects: readonly Json[]): Map<unknown, Json> => new Map(objects.map(one => [one.id, one]));
const sum = (lines: readonly { netMinor: number; taxMinor: number }[]): number =>
  lines.reduce((total, line) => total + line.netMinor + line.taxMinor, 0);
type TaxRow = { amount: number; inclusive?: boolean; tax_behavior?: string };
const rows = (value: unknown): TaxRow[] => (value ?? []) as TaxRow[];

test('invoices: total, tax, what is applied and what is due', () => {
  const told = byId(tellings('invoice.finalized'));
  const applied = new Map(facts('credit_applied').map(fact => [fact.invoiceId, fact.amountMinor]));
  const granted = new Map(facts('credit_granted').map(fact => [fact.invoiceId, fact.amountMinor]));
  expect([applied.size > 0, granted.size > 0]).toEqual([true, true]);
  expect(told.size).toBe(facts('invoice_finalized').length);
  for (const fact of facts('invoice_finalized')) {
    const invoice = told.get(fact.invoiceId) ?? {};
    const total = sum(fact.lines);
    const tax = fact.lines.reduce((all, line) => all + line.taxMinor, 0);
    const moved = (applied.get(fact.invoiceId) ?? 0) - (granted.get(fact.invoiceId) ?? 0);
    expect({ ...invoice, lines: null }).toMatchObject({
      total,
      amount_due: Math.max(0, total - moved),
      ending_balance: Number(invoice.starting_balance) + moved,
      currency: fact.currency.toLowerCase(),
    });
    expect(
      rows(invoice.total_taxes ?? invoice.total_tax_amounts).reduce((all, row) => all + row.amount, 0),
    ).toBe(tax);
    const lines = (invoice.lines as { data: Json[] }).data;
    const net = lines.map(line => {
      const included = rows(line.taxes ?? line.tax_amounts).filter(
        row => row.inclusive === true || row.tax_behavior === 'inclusive',
      );
      return Number(line.amount) - included.reduce((all, row) => all + row.amount, 0);
    });
    expect(net).toEqual(fact.lines.map(line => line.netMinor));
    expect(lines.map(line => (line.period as { end: number }).end)).toEqual(
      fact.lines.map(line => line.servicePeriodEnd),
    );
  }
});

test('payments, refunds, credit notes and payouts: the amounts', () => {
  const amounts = (objects: readonly Json[]): Record<string, unknown> =>
    Object.fromEntries(objects.map(one => [String(one.id), one.amount]));
  const done = (all: readonly { id: string; amountMinor: number }[]): Record<string, number> =>
    Object.fromEntries(all.map(one => [one.id, one.amountMinor]));
  expect(amounts(tellings('charge.succeeded'))).toEqual(
    done(facts('charge_settled').map(f => ({ ...f, id: f.chargeId }))),
  );
  expect(amounts(tellings('refund.created'))).toEqual(
    done(facts('refund_made').map(f => ({ ...f, id: f.refundId }))),
  );
  expect(amounts(tellings('refund.failed'))).toEqual(
    done(facts('refund_failed').map(f => ({ ...f, id: f.refundId }))),
  );
  expect(amounts(tellings('payout.paid'))).toEqual(
    done(facts('payout_paid').map(f => ({ ...f, id: f.payoutId }))),
  );
  const notes = facts('credit_note_issued').map(f => ({ id: f.creditNoteId, amountMinor: sum(f.lines) }));
  expect(amounts(tellings('credit_note.created'))).toEqual(done(notes));
});

test('fees: on the balance transaction that the charge names, in its event or in a later one', () => {
  const last = byId([...tellings('charge.succeeded'), ...tellings('charge.updated')]);
  const late = tellings('charge.succeeded').filter(charge => charge.balance_transaction === null);
  expect(late.length).toBeGreaterThan(0);
  for (const fact of facts('charge_settled')) {
    const transaction = world.company.objects.get(String(last.get(fact.chargeId)?.balance_transaction))?.(
      'current',
    );
    expect(transaction).toMatchObject({
      amount: fact.amountMinor,
      fee: fact.feeMinor,
      net: fact.amountMinor - fact.feeMinor,
      source: fact.chargeId,
    });
  }
});

test('allocations: by an event of their own today, by charge and invoice before', () => {
  const linked = new Map(tellings('invoice_payment.paid').map(one => [one.id, one.amount_paid]));
  const charges = byId(tellings('charge.succeeded'));
  for (const fact of [...facts('payment_allocated'), ...facts('paid_out_of_band')]) {
    const era = world.company.customers.find(customer => customer.id === fact.customerId)?.era;
    if (era === 'current') expect(linked.get(fact.invoicePaymentId)).toBe(fact.amountMinor);
    else if (fact.kind === 'payment_allocated') {
      expect(charges.get(fact.chargeId)).toMatchObject({ invoice: fact.invoiceId, amount: fact.amountMinor });
    }
  }
  const outOfBand = tellings('invoice.paid').filter(invoice => invoice.paid_out_of_band === true);
  expect(outOfBand.length).toBeGreaterThan(0);
});
