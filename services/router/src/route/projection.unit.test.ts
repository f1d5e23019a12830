import { expect, test } from '@jest/globals';
import { documentIdOf, schemas, topics } from '@keelson/contracts';
import type { Fact } from '@keelson/contracts';
import {
  alias,
  contractBody,
  contractId,
  customerBody,
  finalized,
  immutable,
  invoiceBody,
  snapshot,
  t0,
  usd,
} from '../testing/facts.ts';
import { routeBench } from '../testing/rooms.ts';

const canary = 'CANARY';

/** Every text tagged as personal in the facts' schema; the canary goes into each. */
function personalFields(): string[] {
  const found = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) return node.forEach(visit);
    const { name, pii, ...rest } = node as { name?: string; pii?: string };
    if (pii !== undefined && pii !== 'payload' && name !== undefined) found.add(name);
    Object.values(rest).forEach(visit);
  };
  visit(JSON.parse(schemas['keelson.internal.Fact']));
  return [...found].sort();
}

/** The same value with every text under a personal name replaced by a canary that tells its field. */
function withCanaries(value: unknown, personal: ReadonlySet<string>, within: string | null = null): unknown {
  if (typeof value === 'string') return within === null ? value : `${canary}-${within}`;
  if (Array.isArray(value)) return value.map(item => withCanaries(item, personal, within));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      withCanaries(item, personal, personal.has(name) ? name : within),
    ]),
  );
}

const charge = documentIdOf('payment', alias('ch_1'));
const facts: Fact[] = [
  snapshot('customer.upserted', customerBody()),
  snapshot('contract.changed', contractBody(), t0, { contract_id: contractId }),
  finalized(),
  immutable('billing.credit_note_issued', documentIdOf('credit_note', alias('cn_1')), {
    'keelson.fact.CreditNote': {
      credit_note_id: documentIdOf('credit_note', alias('cn_1')),
      number: null,
      invoice_id: 'in',
      voided: false,
      issued_at: t0,
      voided_at: null,
      lines: [
        { line_id: 'l', invoice_line_id: null, description: 'x', quantity: '1', net: usd(1), taxes: [] },
      ],
      net: usd(1),
      tax: usd(0),
      total: usd(1),
      to_receivable: usd(1),
      to_refund: usd(0),
      to_customer_credit: usd(0),
      out_of_band: usd(0),
      refund_id: null,
    },
  }),
  immutable('payment.succeeded', charge, {
    'keelson.fact.Payment': {
      payment_id: charge,
      status: 'succeeded',
      amount: usd(1),
      invoice_id: null,
      payment_intent_ref: null,
      balance_transaction_ref: null,
      method_type: 'card',
      brand: 'visa',
      last4: '4242',
      failure_code: null,
      settled_at: t0,
    },
  }),
  snapshot('support.case_opened', {
    'keelson.fact.SupportCase': {
      case_id: 'case',
      status: 'open',
      priority: null,
      channel: null,
      subject: 'x',
      opened_at: t0,
      closed_at: null,
    },
  }),
  immutable('billing.invoice_voided', 'in', invoiceBody()),
];

test('the canary sits in every kind of personal field', () => {
  expect(personalFields()).toEqual([
    'address',
    'city',
    'description',
    'emails',
    'last4',
    'legal_name',
    'line1',
    'line2',
    'phone',
    'postal_code',
    'state',
    'subject',
    'tax_ids',
    'value',
  ]);
});

test('no personal value reaches a public topic or finance; the desk gets name and e-mail alone', () => {
  const personal = new Set(personalFields());
  const bench = routeBench();
  bench.handle(...facts.map(fact => ({ ...fact, body: withCanaries(fact.body, personal) as Fact['body'] })));
  expect(new Set(bench.outcomes())).toEqual(new Set(['published']));

  const canaries = (chosen: (topic: string) => boolean): string[] => {
    const texts = bench.context.written
      .filter(({ topic }) => chosen(topic))
      .map(({ bytes }) => bytes.toString('latin1'));
    expect(texts.length).toBeGreaterThan(0);
    return [...new Set(texts.flatMap(text => text.match(/CANARY-[a-z0-9_]+/g) ?? []))].sort();
  };
  expect(canaries(topic => topic.endsWith('.events'))).toEqual([]);
  expect(canaries(topic => topic === topics.sink('finance'))).toEqual([]);
  expect(canaries(topic => topic === topics.receipts)).toEqual([]);
  expect(canaries(topic => topic === topics.sink('support'))).toEqual(['CANARY-emails', 'CANARY-legal_name']);
  // The control: what may have all of it has it, so the canaries were there to be found.
  expect(canaries(topic => topic === topics.sinkBulk('odoo'))).toEqual(
    expect.arrayContaining(['CANARY-description', 'CANARY-legal_name', 'CANARY-line1', 'CANARY-phone']),
  );
});
