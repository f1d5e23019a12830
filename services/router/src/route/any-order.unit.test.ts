import { expect, test } from '@jest/globals';
import { documentIdOf, topics } from '@keelson/contracts';
import type { ContractState, CustomerState, EventHead, Fact } from '@keelson/contracts';
import fc from 'fast-check';
import {
  alias,
  allocated,
  contractBody,
  contractId,
  customerBody,
  day,
  disputed,
  finalized,
  immutable,
  invoiceBody,
  invoiceId,
  snapshot,
  t0,
  usd,
} from '../testing/facts.ts';
import { routeBench } from '../testing/rooms.ts';
import type { RouteBench } from '../testing/rooms.ts';
import { routeStores } from './unit.ts';

const contractTold = (at: number, more = {}): Fact =>
  snapshot('contract.changed', contractBody(more), at, { contract_id: contractId });
const entitled = (feature: string, at: number): Fact =>
  snapshot(
    'contract.entitlement_changed',
    {
      'keelson.fact.EntitlementSet': {
        contract_id: null,
        entitlements: [{ feature_key: feature, value: null, valid_from: null, valid_to: null }],
      },
    },
    at,
  );

const creditNote = documentIdOf('credit_note', alias('cn_1'));
/** A life: everything that may come about one customer, in the order in which it happened. */
const life: readonly Fact[] = [
  snapshot('customer.upserted', customerBody(), t0),
  contractTold(t0, { status: 'incomplete' }),
  contractTold(t0 + 1, { status: 'active' }),
  finalized(t0 + 2),
  snapshot(
    'customer.upserted',
    customerBody({ legal_name: 'B', tax_ids: [], tax_ids_told: false }),
    t0 + day,
  ),
  allocated(4_000, t0 + day),
  entitled('sso', t0 + day),
  allocated(3_000, t0 + 2 * day, 'ch_2'),
  immutable(
    'billing.credit_note_issued',
    creditNote,
    {
      'keelson.fact.CreditNote': {
        credit_note_id: creditNote,
        number: null,
        invoice_id: invoiceId,
        voided: false,
        issued_at: t0,
        voided_at: null,
        lines: [],
        net: usd(1_000),
        tax: usd(0),
        total: usd(1_000),
        to_receivable: usd(1_000),
        to_refund: usd(0),
        to_customer_credit: usd(0),
        out_of_band: usd(0),
        refund_id: null,
      },
    },
    t0 + 3 * day,
  ),
  contractTold(t0 + 4 * day, { status: 'past_due', current_period_start: t0 + 4 * day }),
  disputed('payment.dispute_opened', t0 + 5 * day),
  disputed('payment.dispute_opened', t0 + 5 * day, 'dp_2'),
  disputed('payment.dispute_closed', t0 + 6 * day),
  entitled('audit', t0 + 6 * day),
  immutable(
    'billing.invoice_uncollectible',
    invoiceId,
    invoiceBody({ status: 'uncollectible' }),
    t0 + 7 * day,
    {
      contract_id: contractId,
    },
  ),
  contractTold(t0 + 8 * day, { status: 'ended', ended_at: t0 + 8 * day }),
  snapshot(
    'customer.upserted',
    customerBody({ legal_name: 'C', tax_ids: [], tax_ids_told: false }),
    t0 + 9 * day,
  ),
];

/** Versions count the changes that were seen, and contracts stand as they became known: both differ by right. */
const customerOf = ({ context }: RouteBench) =>
  Object.values(context.entries(routeStores.customers)).map((state): Partial<CustomerState> => ({
    ...state,
    version: 0,
    contract_ids: [...state.contract_ids].sort(),
  }));
const contractsOf = ({ context }: RouteBench) =>
  Object.values(context.entries(routeStores.contracts)).map((state): Partial<ContractState> => ({
    ...state,
    version: 0,
  }));
const documentsOf = ({ context }: RouteBench) =>
  Object.values(context.entries(routeStores.documents)).map(document => ({
    ...document,
    version: 0,
    links: [...document.links].map(({ document_id }) => document_id).sort(),
    facts: document.facts.map(({ fact_id }) => fact_id).sort(),
  }));
const statesOf = (bench: RouteBench) => [customerOf(bench), contractsOf(bench), documentsOf(bench)];

const inOrder = routeBench();
inOrder.handle(...life);
const expected = statesOf(inOrder);

const indexes = life.map((_, index) => index);
/** Every fact at least once, some of them again, anywhere; told by their places in the life. */
const shuffledWithDuplicates = fc
  .tuple(
    fc.shuffledSubarray(indexes, { minLength: life.length }),
    fc.array(fc.tuple(fc.nat(life.length - 1), fc.nat(life.length)), { maxLength: 8 }),
  )
  .map(([order, copies]) => copies.reduce((all, [which, where]) => all.toSpliced(where, 0, which), order));
const factsOf = (order: readonly number[]): Fact[] => order.flatMap(index => life[index] ?? []);

test('in order, the life ends as it should', () => {
  expect(customerOf(inOrder)).toMatchObject([
    {
      legal_name: 'C',
      tax_ids: [{ type: 'eu_vat' }],
      disputes_open: 1,
      entitlements: [{ feature_key: 'audit' }],
    },
  ]);
  expect(contractsOf(inOrder)).toMatchObject([
    {
      status: 'ended',
      open_balance: usd(0),
      last_payment_at: t0 + 2 * day,
      entitlements: [{ feature_key: 'audit' }],
    },
  ]);
});

test('any order and duplication publishes each immutable fact once, and ends in the same states', () => {
  fc.assert(
    fc.property(shuffledWithDuplicates, fc.nat(30), (order, takeover) => {
      const facts = factsOf(order);
      const bench = routeBench();
      facts.forEach((fact, index) => {
        if (index === takeover) bench.restart();
        bench.handle(fact);
      });
      expect(statesOf(bench)).toEqual(expected);

      const published = bench.context.written.filter(({ topic }) => topic.endsWith('.events'));
      const ids = published.map(({ headers }) => headers['ce_id']);
      expect(new Set(ids).size).toBe(ids.length);
      for (const fact of life.filter(({ kind }) => kind === 'immutable'))
        expect(ids.filter(id => id === fact.event_id)).toHaveLength(1);
      // The second sum: each fact ends once.
      expect(bench.outcomes()).toHaveLength(facts.length);
      expect(
        bench.outcomes().every(outcome => ['published', 'duplicate', 'superseded'].includes(outcome)),
      ).toBe(true);
      // Works in receipts are the works on the sinks' topics.
      const receipts = bench.context.on(topics.receipts, 'keelson.internal.Receipt');
      const works = bench.context.written.filter(({ topic }) => topic.startsWith('sink.'));
      expect(receipts.flatMap(receipt => receipt.works)).toHaveLength(works.length);
    }),
    { numRuns: 60 },
  );
});

test('a contract’s versions only ever count up', () => {
  fc.assert(
    fc.property(shuffledWithDuplicates, order => {
      const bench = routeBench();
      bench.handle(...factsOf(order));
      const versions = bench.context.written
        .filter(({ topic }) => topic === 'contract.events')
        .map(({ value }) => (value as { head: EventHead }).head)
        .filter(head => head.contract_id === contractId)
        .map(head => head.subject_version);
      expect(versions.length).toBeGreaterThan(0);
      expect(versions).toEqual([...versions].sort((a, b) => a - b));
    }),
    { numRuns: 20 },
  );
});
