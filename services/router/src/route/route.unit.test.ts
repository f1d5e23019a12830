import { describe, expect, test } from '@jest/globals';
import { documentIdOf, topics } from '@keelson/contracts';
import type { Policy, Fact } from '@keelson/contracts';
import {
  account,
  alias,
  allocated,
  command,
  contractBody,
  contractId,
  customerAlias,
  customerBody,
  customerId,
  day,
  disputed,
  finalized,
  houseId,
  immutable,
  invoiceBody,
  invoiceId,
  snapshot,
  t0,
  usd,
} from '../testing/facts.ts';
import { policy, routeBench } from '../testing/rooms.ts';
import type { RouteBench } from '../testing/rooms.ts';
import { routeStores } from './unit.ts';

const receipts = ({ context }: RouteBench) => context.on(topics.receipts, 'keelson.internal.Receipt');
const customerOf = ({ context }: RouteBench, id = customerId) => context.entries(routeStores.customers)[id];
const contractOf = ({ context }: RouteBench) => context.entries(routeStores.contracts)[contractId];
const parkedOf = ({ context }: RouteBench) => Object.entries(context.entries(routeStores.parked));
const invoicesOf = ({ context }: RouteBench) =>
  context.on('billing.events', 'keelson.billing.InvoiceFinalized');

const upserted = (at = t0, more = {}) => snapshot('customer.upserted', customerBody(more), at);
const contractTold = (at = t0, more = {}) =>
  snapshot('contract.changed', contractBody(more), at, { contract_id: contractId });

describe('immutable facts', () => {
  test('are published once, and come a second time as duplicates', () => {
    const bench = routeBench();
    const fact = finalized();
    bench.handle(fact, { ...fact, position: 'ingress.stripe/0/99', origin: 'fetch' });
    expect(invoicesOf(bench)).toHaveLength(1);
    expect(bench.outcomes()).toEqual(['published', 'duplicate']);
    expect(bench.context.on(topics.sink('finance'), 'keelson.work.FinanceWork')).toHaveLength(1);
    expect(bench.context.on(topics.sinkBulk('odoo'), 'keelson.work.OdooWork')).toHaveLength(1);
  });

  test('with other content from the same mapping are a conflict, parked alone with both versions', () => {
    const bench = routeBench();
    bench.handle(finalized(), finalized(t0, { content_hash: 'content-2' }), upserted());
    expect(bench.outcomes()).toEqual(['published', 'published']);
    const [[, entry] = []] = parkedOf(bench);
    expect(entry).toMatchObject({ lane: null, error_code: 'fact_conflict', target: 'route' });
    expect(entry?.reason).toContain('content-1');
    expect(entry?.reason).toContain('content-2');
  });

  test('with other content from a newer mapping, outside a correction, are duplicates', () => {
    const bench = routeBench();
    bench.handle(finalized(), finalized(t0, { content_hash: 'content-2', mapping_version: 2 }));
    expect(bench.outcomes()).toEqual(['published', 'duplicate']);
  });

  test('a correction is a fact of its own, once', () => {
    const bench = routeBench();
    const fact = finalized();
    const correction = finalized(t0, { revision: 1, event_id: 'correction-1', corrects: fact.event_id });
    bench.handle(fact);
    bench.handleWith({ 'keelson-replay': 'replay-1' }, correction);
    bench.handleWith({ 'keelson-replay': 'replay-1' }, correction);
    expect(bench.outcomes()).toEqual(['published', 'published', 'duplicate']);
    expect(invoicesOf(bench)[1]?.head).toMatchObject({ revision: 1, corrects: fact.event_id });
    expect(receipts(bench).at(-1)?.replay_id).toBe('replay-1');
    expect(bench.context.written.at(-1)?.headers).toEqual({ 'keelson-replay': 'replay-1' });
  });

  test('invoice paid before it is finalised: both are published, and the document ends paid', () => {
    const bench = routeBench();
    bench.handle(allocated(10_000, t0 + day), finalized());
    expect(bench.outcomes()).toEqual(['published', 'published']);
    expect(bench.context.entries(routeStores.documents)[invoiceId]).toMatchObject({
      status: 'paid',
      version: 2,
      kind: 'invoice',
    });
    expect(contractOf(bench)).toMatchObject({ last_payment_at: t0 + day });
    expect(contractOf(bench)?.open_balance?.amount_minor).toBe(0n);
  });

  test('head and headers', () => {
    const bench = routeBench();
    const fact = finalized();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    bench.handleWith({ traceparent, other: 'dropped' }, fact);
    const event = bench.context.written.find(({ topic }) => topic === 'billing.events');
    expect(event?.key).toBe(customerId);
    expect(event?.headers).toEqual({
      traceparent,
      ce_id: fact.event_id,
      ce_type: 'billing.invoice_finalized',
      ce_source: `/stripe/${account}`,
      ce_time: '2026-11-01T00:00:00.000Z',
      ce_specversion: '1.0',
      'keelson-position': fact.position,
    });
    expect(invoicesOf(bench)[0]?.head).toMatchObject({
      event_id: fact.event_id,
      fact_id: fact.fact_id,
      subject_version: 1,
      schema_version: 1,
    });
    const work = bench.context.written.find(({ topic }) => topic === topics.sink('finance'));
    expect(work?.headers).toEqual({ traceparent });
    expect(work?.timestampMs).toBe(t0 / 1000);
  });
});

describe('state', () => {
  test('never goes back in time', () => {
    const bench = routeBench();
    bench.handle(upserted(t0 + day, { legal_name: 'New' }), upserted(t0, { legal_name: 'Old' }));
    expect(bench.outcomes()).toEqual(['published', 'superseded']);
    expect(customerOf(bench)).toMatchObject({ legal_name: 'New', version: 1 });
  });

  test('the same telling again is a duplicate', () => {
    const bench = routeBench();
    bench.handle(upserted(), upserted());
    expect(bench.outcomes()).toEqual(['published', 'duplicate']);
  });

  test('a telling that changes nothing yields no event, but is remembered as the newest', () => {
    const bench = routeBench();
    bench.handle(upserted(), upserted(t0 + 2 * day), upserted(t0 + day, { legal_name: 'Late' }));
    expect(bench.outcomes()).toEqual(['published', 'published', 'superseded']);
    expect(bench.context.on('customer.events', 'keelson.customer.CustomerUpserted')).toHaveLength(1);
    expect(customerOf(bench)).toMatchObject({ legal_name: 'Ada', version: 1 });
  });

  test('an event names the fields that changed', () => {
    const bench = routeBench();
    bench.handle(upserted(), upserted(t0 + day, { legal_name: 'Ada B', delinquent: true }));
    const [, event] = bench.context.on('customer.events', 'keelson.customer.CustomerUpserted');
    expect(event?.customer.changed_fields).toEqual(['legal_name', 'delinquent']);
    expect(event?.head.subject_version).toBe(2);
  });

  test('tax ids stay when a newer telling does not carry them, and an older one may bring them', () => {
    const bench = routeBench();
    bench.handle(upserted(t0 + day, { tax_ids: [], tax_ids_told: false }), upserted(t0));
    expect(bench.outcomes()).toEqual(['published', 'published']);
    expect(customerOf(bench)?.tax_ids).toHaveLength(1);
    bench.handle(upserted(t0 + 2 * day, { tax_ids: [], tax_ids_told: false, legal_name: 'B' }));
    expect(customerOf(bench)).toMatchObject({ legal_name: 'B', tax_ids: [{ type: 'eu_vat' }] });
  });

  test('who was erased does not come back', () => {
    const bench = routeBench();
    bench.handle(upserted());
    const held = customerOf(bench);
    if (held === undefined) throw new Error('no customer');
    bench.context.store(routeStores.customers).put(customerId, { ...held, legal_name: null, erased_at: t0 });
    bench.handle(upserted(t0 + day));
    expect(bench.outcomes()).toEqual(['published', 'filtered']);
    expect(customerOf(bench)?.legal_name).toBeNull();
  });

  test('what has ended stays ended', () => {
    const bench = routeBench();
    bench.handle(contractTold(t0, { status: 'ended' }), contractTold(t0 + day, { status: 'active' }));
    expect(bench.outcomes()).toEqual(['published', 'superseded']);
    expect(contractOf(bench)?.status).toBe('ended');
  });

  test('one snapshot may give several events, each with an id of its own', () => {
    const bench = routeBench();
    bench.handle(contractTold());
    const created = bench.context.on('contract.events', 'keelson.contract.ContractCreated');
    const activated = bench.context.on('contract.events', 'keelson.contract.ContractActivated');
    expect([created.length, activated.length]).toEqual([1, 1]);
    expect(created[0]?.head.event_id).not.toBe(activated[0]?.head.event_id);
    expect(receipts(bench).find(({ target }) => target === 'route')?.works).toEqual(['support', 'support']);
  });

  test('a customer that is first named by a document becomes known by its id, and later by its name', () => {
    const bench = routeBench();
    bench.handle(finalized());
    expect(customerOf(bench)).toMatchObject({
      version: 1,
      legal_name: null,
      aliases: [customerAlias],
      contract_ids: [contractId],
    });
    bench.handle(upserted());
    expect(customerOf(bench)).toMatchObject({ version: 2, legal_name: 'Ada', contract_ids: [contractId] });
  });

  test('open balance, past due and band of a contract', () => {
    const bench = routeBench();
    bench.handle(contractTold(t0, { status: 'past_due' }), finalized(), allocated(4_000, t0 + day));
    expect(contractOf(bench)).toMatchObject({
      mrr_band: '100-499',
      past_due_since: t0,
      last_payment_at: t0 + day,
      open_balance: usd(6_000),
    });
    bench.handle(
      immutable('billing.invoice_voided', invoiceId, invoiceBody({ status: 'void' }), t0 + 2 * day, {
        contract_id: contractId,
      }),
      contractTold(t0 + 2 * day),
    );
    expect(contractOf(bench)).toMatchObject({ past_due_since: null, open_balance: usd(0) });
  });

  test('open disputes are counted from the disputes, also when their end comes first', () => {
    const bench = routeBench();
    bench.handle(
      disputed('payment.dispute_closed', t0 + day),
      disputed('payment.dispute_opened', t0),
      disputed('payment.dispute_opened', t0, 'dp_2'),
    );
    expect(customerOf(bench)?.disputes_open).toBe(1);
    bench.handle(disputed('payment.dispute_closed', t0 + day, 'dp_2'));
    expect(customerOf(bench)?.disputes_open).toBe(0);
  });

  test('entitlements of a customer hold for contracts that come later', () => {
    const bench = routeBench();
    const entitlements = [{ feature_key: 'sso', value: null, valid_from: null, valid_to: null }];
    const body = { 'keelson.fact.EntitlementSet': { contract_id: null, entitlements } };
    bench.handle(snapshot('contract.entitlement_changed', body, t0 + day), contractTold());
    expect(contractOf(bench)?.entitlements).toEqual(entitlements);
    bench.handle(snapshot('contract.entitlement_changed', body, t0));
    expect(bench.outcomes()).toEqual(['published', 'published', 'superseded']);
  });

  test('a product and its price share a key in the house customer’s partition', () => {
    const bench = routeBench();
    const productId = documentIdOf('product', alias('prod_1'));
    const house = { customer_id: houseId, house: true, alias: alias(account) };
    bench.handle(
      snapshot(
        'catalog.product_upserted',
        {
          'keelson.fact.Product': {
            product_id: productId,
            product_ref: 'prod_1',
            name: 'Pro',
            active: true,
            deleted: false,
          },
        },
        t0,
        { ...house, document_id: productId },
      ),
      snapshot(
        'catalog.price_upserted',
        {
          'keelson.fact.Price': {
            price_id: documentIdOf('price', alias('price_1')),
            price_ref: 'price_1',
            product_ref: 'prod_1',
            nickname: null,
            active: true,
            currency: 'USD',
            unit_amount: '1',
            interval: 'month',
            interval_count: 1,
            deleted: false,
          },
        },
        t0,
        { ...house, document_id: documentIdOf('price', alias('price_1')) },
      ),
    );
    const events = bench.context.written.filter(({ topic }) => topic === 'catalog.events');
    expect(events.map(({ key, partition }) => [key, partition])).toEqual([
      [productId, 0],
      [productId, 0],
    ]);
  });
});

describe('a customer who is gone', () => {
  const created = snapshot('customer.upserted', customerBody(), t0);
  const updated = snapshot('customer.upserted', customerBody({ legal_name: 'Ada B' }), t0 + 1);
  const deleted = snapshot('customer.deleted', customerBody({ legal_name: 'Ada B', deleted: true }), t0 + 2);
  /** What a fetch by id answers afterwards. */
  const fetched = snapshot(
    'customer.deleted',
    customerBody({ legal_name: null, emails: [], phone: null, address: null, country: null, deleted: true }),
    t0 + 100,
  );
  const orders = (facts: readonly Fact[]): Fact[][] =>
    facts.length < 2
      ? [[...facts]]
      : facts.flatMap(first => orders(facts.filter(each => each !== first)).map(rest => [first, ...rest]));

  test.each([
    ['and whose deletion is told', [created, updated, deleted, fetched]],
    ['and of whom only a fetch says so', [created, updated, fetched]],
  ])('%s is as last described, in any order', (_, facts) => {
    for (const order of orders(facts)) {
      const bench = routeBench();
      bench.handle(...order);
      const state = bench.context.store(routeStores.customers).get(customerId);
      expect(state).toMatchObject({ legal_name: 'Ada B', emails: ['ada@example.test'], deleted: true });
      const told = bench.outcomes().length;
      bench.handle(fetched);
      expect(bench.context.store(routeStores.customers).get(customerId)).toEqual(state);
      expect(bench.outcomes()).toHaveLength(told + 1);
    }
  });
});

describe('routing', () => {
  const withTargets = (change: (targets: Policy['targets']) => void): Policy => {
    const changed = structuredClone<Policy>(policy);
    change(changed.targets);
    return changed;
  };
  const routeReceipt = (bench: RouteBench) =>
    receipts(bench)
      .filter(({ target }) => target === 'route')
      .at(-1);

  test('the receipt lists works, and who got none by which rule; what a sink cannot do yet has a receipt of its own', () => {
    const bench = routeBench();
    const fact = immutable('billing.invoice_voided', invoiceId, invoiceBody({ status: 'void' }));
    bench.handle(fact);
    expect(routeReceipt(bench)).toMatchObject({
      works: ['finance'],
      filtered: { odoo: 'unsupported', support: 'no-amounts-in-support' },
    });
    expect(receipts(bench).filter(({ target }) => target === 'odoo')).toMatchObject([
      { outcome: 'filtered', rule: 'unsupported', event_id: fact.event_id, position: fact.position },
    ]);
  });

  test('the house customer goes where the row does not leave it out', () => {
    const bench = routeBench();
    bench.handle({ ...upserted(), customer_id: houseId, house: true, alias: alias(account) });
    expect(routeReceipt(bench)).toMatchObject({
      works: [],
      filtered: { odoo: 'house-customer', support: 'house-customer', finance: 'not-financial' },
    });
    expect(customerOf(bench, houseId)).toMatchObject({ house: true });
  });

  test('a target that is off gets nothing; one in shadow gets its mode told', () => {
    const bench = routeBench(
      withTargets(targets => {
        if (targets['finance']) targets['finance'].mode = 'off';
        if (targets['odoo']) targets['odoo'].mode = 'shadow';
      }),
    );
    bench.handle(finalized());
    expect(routeReceipt(bench)).toMatchObject({ works: ['odoo'], filtered: { finance: 'target-off' } });
    expect(bench.context.on(topics.sinkBulk('odoo'), 'keelson.work.OdooWork')[0]).toMatchObject({
      mode: 'shadow',
      rule: 'invoice',
      class: 'bulk',
    });
  });

  test('test events never reach a live target', () => {
    const bench = routeBench(
      withTargets(targets => {
        if (targets['finance']) targets['finance'].environment = 'live';
      }),
    );
    bench.handle(finalized(t0, { livemode: false }));
    expect(routeReceipt(bench)).toMatchObject({ works: ['odoo'], filtered: { finance: 'test-event' } });
    bench.handle(immutable('billing.invoice_voided', invoiceId, invoiceBody(), t0 + day));
    expect(routeReceipt(bench)?.works).toEqual(['finance']);
  });

  test('scheduled work goes the urgent way and waits there', () => {
    const changed = structuredClone<Policy>(policy);
    changed.routes['billing.invoice_finalized'] = {
      ...changed.routes['billing.invoice_finalized'],
      odoo: { class: 'nightly', rule: 'invoice', house: true },
    };
    const bench = routeBench(changed);
    bench.handle(finalized());
    expect(bench.context.on(topics.sink('odoo'), 'keelson.work.OdooWork')).toMatchObject([
      { class: 'nightly' },
    ]);
  });

  test('context: Odoo all of it, the desk what it may see, finance none', () => {
    const bench = routeBench();
    bench.handle(upserted(), contractTold(), finalized());
    const [odoo] = bench.context.on(topics.sinkBulk('odoo'), 'keelson.work.OdooWork');
    expect(odoo?.customer?.legal_name).toBe('Ada');
    expect(odoo?.contracts.map(({ contract_id }) => contract_id)).toEqual([contractId]);
    const desk = bench.context.on(topics.sink('support'), 'keelson.work.SupportWork').at(-1);
    expect(desk?.body).toBeNull();
    expect(desk?.customer).toMatchObject({ legal_name: 'Ada' });
    expect(desk?.contracts[0]).toMatchObject({ plan: 'Pro', mrr_band: '100-499' });
    expect(desk?.contracts[0]).not.toHaveProperty('mrr');
  });
});

describe('an error that nobody foresaw', () => {
  const broken = () => ({ ...finalized(), type: 'no.such_event', event_id: 'broken-1' });

  test('parks the customer, in order; others go on', () => {
    const bench = routeBench();
    const other = { ...upserted(), customer_id: 'other' };
    bench.handle(broken(), upserted(), other);
    expect(bench.outcomes()).toEqual(['published']);
    expect(parkedOf(bench).map(([key, { error_code, lane }]) => [key, error_code, lane])).toEqual([
      [`${customerId}/router.resolved/1/0000000000000000000`, 'unknown_type', customerId],
      [`${customerId}/router.resolved/1/0000000000000000001`, 'behind', customerId],
    ]);
  });

  test('a takeover finds the customer parked still', () => {
    const bench = routeBench();
    bench.handle(broken());
    bench.restart();
    bench.handle(upserted());
    expect(parkedOf(bench)).toHaveLength(2);
    expect(bench.outcomes()).toEqual([]);
  });

  test('a half-computed fact leaves nothing behind', () => {
    const bench = routeBench();
    bench.handle({ ...finalized(), kind: 'snapshot', type: 'no.such_event' });
    expect(customerOf(bench)).toBeUndefined();
    expect(bench.context.written).toEqual([]);
  });

  test('release tries the head again; discard closes it with a receipt, and the line goes on in order', () => {
    const bench = routeBench();
    bench.handle(broken(), upserted(t0), upserted(t0 + day, { legal_name: 'Later' }));
    bench.command(customerId, command('release', { lane: customerId }));
    expect(parkedOf(bench)).toHaveLength(3);
    expect(parkedOf(bench)[0]?.[1].attempts).toBe(2);
    bench.command(customerId, command('discard', { lane: customerId, entry: parkedOf(bench)[0]?.[0] ?? '' }));
    expect(bench.outcomes()).toEqual(['discarded', 'published', 'published']);
    expect(receipts(bench)[0]).toMatchObject({ event_id: 'broken-1', error_code: 'unknown_type' });
    expect(parkedOf(bench)).toEqual([]);
    expect(customerOf(bench)?.legal_name).toBe('Later');
    bench.handle(finalized());
    expect(bench.outcomes().at(-1)).toBe('published');
  });

  test('release lets a line go on whose reason is gone, for all customers too', () => {
    const bench = routeBench();
    bench.handle(broken(), upserted());
    const parked = bench.context.store(routeStores.parked);
    const [[key, entry] = []] = parkedOf(bench);
    if (key === undefined || entry === undefined) throw new Error('nothing is parked');
    const mended = bench.context.input(topics.resolved, customerId, 'keelson.internal.Fact', finalized());
    parked.put(key, { ...entry, value: mended.bytes ?? Buffer.alloc(0) });
    bench.command('all', command('release'));
    expect(bench.outcomes()).toEqual(['published', 'published']);
    expect(parkedOf(bench)).toEqual([]);
  });

  test('a record that cannot be read parks its customer with the bytes as they were', () => {
    const bench = routeBench();
    bench.poison(customerId, Buffer.from('rubbish'));
    bench.handle(upserted());
    expect(parkedOf(bench)[0]?.[1]).toMatchObject({
      error_code: 'undecodable',
      value: Buffer.from('rubbish'),
    });
    bench.command(customerId, command('discard', { lane: customerId }));
    expect(bench.outcomes()).toEqual(['discarded', 'discarded']);
  });

  test('what was parked after a discard was heard is not closed by it, and goes on', () => {
    const bench = routeBench();
    bench.handle(broken());
    const [[, first] = []] = parkedOf(bench);
    bench.context.set(bench.context.now() + 1);
    bench.handle(upserted());
    const heard = { ...command('discard'), issued_at: first?.parked_at ?? 0 };
    bench.context.store(routeStores.standing).put('route/command-1', heard);
    bench.tick();
    expect(bench.outcomes()).toEqual(['discarded', 'published']);
    expect(parkedOf(bench)).toEqual([]);
  });

  test('a conflict is released or discarded alone', () => {
    const bench = routeBench();
    bench.handle(finalized(), finalized(t0, { content_hash: 'content-2' }));
    bench.command(customerId, command('release', { lane: customerId }));
    const [[key, entry] = []] = parkedOf(bench);
    expect(entry).toMatchObject({ attempts: 2, lane: null });
    bench.command(customerId, command('discard', { entry: key ?? '' }));
    expect(bench.outcomes()).toEqual(['published', 'discarded']);
  });

  test('commands for others, and for what is not there, do nothing', () => {
    const bench = routeBench();
    bench.handle(broken());
    bench.command(customerId, command('discard', { lane: customerId, target: 'odoo' }));
    bench.command(customerId, command('discard', { entry: 'nothing/router.resolved/1/0' }));
    bench.command('other', command('release', { lane: 'other' }));
    expect(parkedOf(bench)).toHaveLength(1);
  });
});
