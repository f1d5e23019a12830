import { describe, expect, test } from '@jest/globals';
import { customerIdOf, documentIdOf, houseCustomerIdOf, toDecimal } from '@keelson/contracts';
import { alias, delivered, factOf, mapJson, mapSample, objectOf, sample } from '../testing/samples.ts';
import type { Json } from '../testing/samples.ts';

const types = (mapping: ReturnType<typeof mapSample>): readonly string[] =>
  delivered(mapping).facts.map(fact => fact.type);
const amounts = (body: Record<string, unknown>, ...keys: string[]): readonly string[] =>
  keys.map(key => toDecimal(body[key] as never));

describe.each(['old', 'current'] as const)('%s', era => {
  test('customer', () => {
    const { fact, body } = factOf(mapSample(era, 'customer-updated'), 'customer.upserted');
    expect(body).toMatchObject({
      legal_name: 'Weverij Noord BV',
      emails: ['boekhouding@example.test'],
      country: 'BE',
      language: 'nl-BE',
      currency: 'EUR',
      tax_ids_told: era === 'old',
      changed_fields: ['emails', 'address'],
    });
    expect(fact.source_version).toMatchObject({ at: 1_767_225_660_000_000, rank: 1 });
    expect(factOf(mapSample(era, 'customer-deleted'), 'customer.deleted').body).toMatchObject({
      deleted: true,
    });
  });

  test('an invoice: lines after discounts without tax, tax by rate, credit applied, sums that agree', () => {
    const mapping = mapSample(era, 'invoice-finalized');
    expect(types(mapping)).toEqual(['billing.invoice_finalized', 'billing.customer_credit_changed']);
    const { fact, body } = factOf(mapping, 'billing.invoice_finalized');
    expect(amounts(body, 'net', 'tax', 'total', 'credit_applied', 'amount_due')).toEqual([
      '130.00', '27.30', '157.30', '10.00', '147.30',
    ]); // prettier-ignore
    const lines = body['lines'] as {
      net: never;
      taxes: { rate: string }[];
      proration: boolean;
      product_ref: string;
    }[];
    expect(lines.map(line => toDecimal(line.net))).toEqual(['140.00', '-10.00']);
    expect(lines.map(line => line.taxes.map(tax => tax.rate))).toEqual([['21'], ['21']]);
    expect(lines.map(line => [line.proration, line.product_ref])).toEqual([
      [false, 'prod_Loom'],
      [true, 'prod_Loom'],
    ]);
    expect(fact.contract_id).toBe(documentIdOf('contract', alias('sub_Sample1')));
    expect(fact.document_id).toBe(documentIdOf('invoice', alias('in_Sample1')));
    expect(amounts(factOf(mapping, 'billing.customer_credit_changed').body, 'amount')).toEqual(['-10.00']);
    expect(delivered(mapping).claims.map(claim => claim.alias)).toEqual([alias('in_Sample1')]);
  });

  test('invoice.paid before invoice.finalized loses nothing; its body is the one of the issuing', () => {
    const paid = factOf(mapSample(era, 'invoice-paid'), 'billing.invoice_finalized');
    const finalized = factOf(mapSample(era, 'invoice-finalized'), 'billing.invoice_finalized');
    expect(paid.body).toEqual(finalized.body);
    expect(paid.fact.event_id).toBe(finalized.fact.event_id);
  });

  test('voided and uncollectible carry the issuing first', () => {
    expect(types(mapSample(era, 'invoice-voided'))).toEqual([
      'billing.invoice_finalized', 'billing.customer_credit_changed', 'billing.invoice_voided',
      'billing.customer_credit_changed',
    ]); // prettier-ignore
    expect(types(mapSample(era, 'invoice-marked-uncollectible')).at(-1)).toBe(
      'billing.invoice_uncollectible',
    );
  });

  test('a void gives back the credit that the invoice used, as a movement of its own', () => {
    const changes = delivered(mapSample(era, 'invoice-voided')).facts.filter(
      fact => fact.type === 'billing.customer_credit_changed',
    );
    const bodies = changes.map(fact => Object.values(fact.body)[0] as Record<string, unknown>);
    expect(bodies.map(body => [...amounts(body, 'amount'), body['reason']])).toEqual([
      ['-10.00', 'applied_to_invoice'],
      ['10.00', 'returned_by_void'],
    ]);
    expect(new Set(changes.map(fact => fact.fact_id)).size).toBe(2);
    expect(new Set(bodies.map(body => body['movement_id'])).size).toBe(2);
    expect(changes[1]?.occurred_at).toBe(1_767_315_600_000_000);
  });

  test('the allocation of a payment to its invoice has one id in both shapes', () => {
    const name = era === 'old' ? 'invoice-paid' : 'invoice-payment-paid';
    const { fact, body } = factOf(mapSample(era, name), 'payment.allocated');
    const { fact: fetched } = factOf(mapSample('fetched', 'invoice'), 'payment.allocated');
    expect(fact.fact_id).toBe(fetched.fact_id);
    expect(fact.content_hash).toBe(fetched.content_hash);
    expect(body).toMatchObject({ source: 'payment', payment_intent_ref: 'pi_Sample1' });
    expect(amounts(body, 'amount')).toEqual(['147.30']);
  });

  test('paid out of band', () => {
    const name = era === 'old' ? 'invoice-paid-out-of-band' : 'invoice-payment-record-paid';
    const { body } = factOf(mapSample(era, name), 'payment.allocated');
    expect(body).toMatchObject({ source: 'out_of_band', payment_id: null });
    expect(amounts(body, 'amount')).toEqual(['147.30']);
  });

  test('a charge that is paid and captured is money, claims its ids, and has its balance transaction fetched', () => {
    const mapping = delivered(mapSample(era, 'charge-succeeded'));
    expect(amounts(factOf(mapping, 'payment.succeeded').body, 'amount')).toEqual(['147.30']);
    expect(mapping.claims.map(claim => claim.alias)).toEqual([alias('ch_Sample1'), alias('pi_Sample1')]);
    expect(mapping.fetches).toEqual([
      { objectType: 'balance_transaction', objectId: 'txn_Charge1', reason: 'fee-and-net' },
    ]);
    expect(delivered(mapSample(era, 'charge-pending')).facts).toEqual([]);
  });

  test("a guest's charge is the house's, and so are its aliases", () => {
    const mapping = delivered(mapSample(era, 'charge-succeeded-guest'));
    expect(mapping.facts[0]).toMatchObject({ house: true, alias: alias('acct_1') });
    expect(mapping.claims.map(claim => claim.alias)).toEqual([alias('ch_Guest1')]);
    expect(houseCustomerIdOf('stripe', 'acct_1')).not.toBe(customerIdOf(alias('acct_1')));
  });

  test('a failed charge and its failed payment intent tell one fact', () => {
    const charge = factOf(mapSample(era, 'charge-failed'), 'payment.failed').fact;
    const intent = factOf(mapSample(era, 'payment-intent-payment-failed'), 'payment.failed').fact;
    expect(intent.fact_id).toBe(charge.fact_id);
    expect(intent.content_hash).toBe(charge.content_hash);
    expect(mapSample(era, 'payment-intent-succeeded')).toMatchObject({ rule: 'told-by-charge' });
  });

  test('a refund leaves, settles, comes back', () => {
    expect(types(mapSample(era, 'refund-created'))).toEqual([
      'payment.refund_created',
      'payment.refund_settled',
    ]);
    const failed = mapSample(era, era === 'old' ? 'charge-refund-updated' : 'refund-failed');
    expect(types(failed)).toEqual(['payment.refund_created', 'payment.refund_failed']);
    expect(delivered(failed).fetches.map(fetch => fetch.objectId)).toEqual([
      'txn_Refund1',
      'txn_RefundBack1',
    ]);
    expect(mapSample(era, 'refund-requires-action')).toMatchObject({ rule: 'refund-not-made' });
  });

  test.each(['pending', 'succeeded', 'failed', 'canceled'])(
    'a refund that no balance transaction tells of has moved nothing, though it is %s',
    status => {
      const event = sample(era, 'refund-created');
      Object.assign(objectOf(event), { status, balance_transaction: null });
      expect(mapJson(event)).toMatchObject({ rule: 'refund-not-made' });
    },
  );

  test.each([
    ['credit-note-created', ['24.20', '0.00', '0.00', '0.00']],
    ['credit-note-refunded', ['0.00', '48.40', '0.00', '0.00']],
    ['credit-note-to-balance', ['0.00', '0.00', '48.40', '0.00']],
  ])('%s is settled as the note says', (name, expected) => {
    const { body } = factOf(mapSample(era, name), 'billing.credit_note_issued');
    expect(amounts(body, 'to_receivable', 'to_refund', 'to_customer_credit', 'out_of_band')).toEqual(
      expected,
    );
    expect(body['invoice_id']).toBe(documentIdOf('invoice', alias('in_Sample1')));
  });

  test('a voided credit note', () => {
    expect(types(mapSample(era, 'credit-note-voided'))).toEqual([
      'billing.credit_note_issued', 'billing.credit_note_voided',
    ]); // prettier-ignore
  });

  test('a dispute: opened, withdrawn with its fee, reinstated, closed; an inquiry moves nothing', () => {
    expect(types(mapSample(era, 'charge-dispute-created'))).toEqual(['payment.dispute_opened']);
    const withdrawn = factOf(
      mapSample(era, 'charge-dispute-funds-withdrawn'),
      'payment.dispute_funds_withdrawn',
    ).body;
    expect(amounts(withdrawn, 'amount', 'fee')).toEqual(['147.30', '20.00']);
    expect(types(mapSample(era, 'charge-dispute-closed'))).toEqual([
      'payment.dispute_opened', 'payment.dispute_funds_withdrawn', 'payment.dispute_funds_reinstated',
      'payment.dispute_closed',
    ]); // prettier-ignore
    const inquiry = mapSample(era, 'dispute-inquiry');
    expect(types(inquiry)).toEqual(['payment.dispute_opened']);
    expect(factOf(inquiry, 'payment.dispute_opened').body).toMatchObject({ inquiry: true });
  });

  test('a payout that failed had left before', () => {
    expect(mapSample(era, 'payout-created')).toMatchObject({ rule: 'told-by-payout-paid' });
    expect(types(mapSample(era, 'payout-paid'))).toEqual(['payment.payout_paid']);
    expect(types(mapSample(era, 'payout-failed'))).toEqual(['payment.payout_paid', 'payment.payout_failed']);
  });

  test('a subscription: one snapshot, ranked by its status', () => {
    const rank = (name: string) => delivered(mapSample(era, name)).facts[0]?.source_version?.rank ?? -1;
    const { fact, body } = factOf(mapSample(era, 'customer-subscription-updated'), 'contract.changed');
    expect(fact.contract_id).toBe(documentIdOf('contract', alias('sub_Sample1')));
    expect(body).toMatchObject({
      status: 'active',
      plan: era === 'old' ? 'Loom monthly' : 'loom-monthly',
      currency: 'EUR',
      current_period_start: 1_767_225_600_000_000,
      current_period_end: 1_769_904_000_000_000,
    });
    expect(amounts(body, 'mrr')).toEqual(['147.00']);
    expect(rank('customer-subscription-created')).toBeLessThan(rank('customer-subscription-updated'));
    expect(rank('customer-subscription-updated')).toBeLessThan(rank('customer-subscription-deleted'));
    const paused = factOf(mapSample(era, 'subscription-collection-paused'), 'contract.changed').body;
    expect(paused).toMatchObject({
      collection_paused: true,
      service_paused: false,
      cancel_at: 1_769_904_000_000_000,
    });
    expect(factOf(mapSample(era, 'customer-subscription-paused'), 'contract.paused').body).toMatchObject({
      service_paused: true,
    });
    const ended = factOf(mapSample(era, 'customer-subscription-deleted'), 'contract.ended').body;
    expect(ended).toMatchObject({ status: 'ended', ended_at: 1_771_545_600_000_000 });
    expect(amounts(ended, 'mrr')).toEqual(['0.00']);
  });
});

describe('one shape only', () => {
  test('a charge of old versions brings its refunds', () => {
    expect(types(mapSample('old', 'charge-refunded'))).toEqual([
      'payment.succeeded', 'payment.refund_created', 'payment.refund_settled',
    ]); // prettier-ignore
    const inside = factOf(mapSample('old', 'charge-refunded'), 'payment.refund_created').fact;
    const alone = factOf(mapSample('old', 'refund-created'), 'payment.refund_created').fact;
    expect(inside.fact_id).toBe(alone.fact_id);
    expect(inside.content_hash).toBe(alone.content_hash);
  });

  test('what was authorised and let go, never captured, is neither a payment nor a refund', () => {
    const event = sample('old', 'charge-refunded');
    const charge = objectOf(event);
    const refunds = (charge['refunds'] as { data: Json[] }).data;
    for (const refund of refunds)
      Object.assign(refund, { balance_transaction: null, reason: 'expired_uncaptured_charge' });
    Object.assign(charge, { captured: false, amount_captured: 0, balance_transaction: null });
    expect(delivered(mapJson(event))).toMatchObject({ facts: [], fetches: [] });
  });

  test('a credit note split over all ways; an old one that does not say how is fetched', () => {
    const { body } = factOf(mapSample('current', 'credit-note-split'), 'billing.credit_note_issued');
    expect(amounts(body, 'to_receivable', 'to_refund', 'to_customer_credit', 'out_of_band')).toEqual([
      '12.10', '10.00', '20.00', '6.30',
    ]); // prettier-ignore
    expect(delivered(mapSample('old', 'credit-note-split'))).toMatchObject({
      facts: [],
      fetches: [{ objectType: 'credit_note', objectId: 'cn_Sample4' }],
    });
  });

  test("tax ids of today's customers are fetched when they change", () => {
    expect(delivered(mapSample('current', 'customer-tax-id-created')).fetches).toEqual([
      { objectType: 'customer', objectId: 'cus_Sample1', reason: 'tax-id-changed' },
    ]);
  });

  test('entitlements', () => {
    const mapping = mapSample('current', 'entitlements-active-entitlement-summary-updated');
    expect(factOf(mapping, 'contract.entitlement_changed').body).toMatchObject({
      entitlements: [{ feature_key: 'priority-support' }],
    });
  });

  test('a type that no mapping knows', () => {
    expect(mapSample('current', 'radar-early-fraud-warning-created')).toMatchObject({
      rule: 'unsupported-type',
    });
  });
});

describe('fetched', () => {
  test('a balance transaction has the fee and the net', () => {
    const { body } = factOf(mapSample('fetched', 'balance-transaction'), 'payment.balance_moved');
    expect(amounts(body, 'amount', 'fee', 'net')).toEqual(['147.30', '5.12', '142.18']);
    expect(body).toMatchObject({ category: 'charge', source_ref: 'ch_Sample1', exchange_rate: null });
  });

  test('one in another currency says what the charge was', () => {
    const { body } = factOf(mapSample('fetched', 'balance-transaction-usd'), 'payment.balance_moved');
    expect(body).toMatchObject({ exchange_rate: '1.1', source_ref: 'ch_Sample1' });
    expect(amounts(body, 'amount', 'original_amount')).toEqual(['162.03', '147.30']);
  });

  test('its mode comes with the key where the object does not say', () => {
    const test_ = mapSample('fetched', 'balance-transaction', { headers: { 'keelson-livemode': 'false' } });
    expect(delivered(test_).facts[0]?.livemode).toBe(false);
    expect(delivered(mapSample('fetched', 'balance-transaction')).facts[0]?.livemode).toBe(true);
  });

  test('what the source does not have: others who wait behind it go to the house', () => {
    expect(delivered(mapSample('fetched', 'charge-not-found'))).toMatchObject({
      facts: [],
      claims: [{ alias: alias('ch_Gone1'), rule: 'not-found-at-source' }],
    });
    expect(mapSample('fetched', 'product-not-found')).toMatchObject({ rule: 'not-found-at-source' });
  });

  test('a payment intent says whose it is', () => {
    expect(delivered(mapSample('fetched', 'payment-intent')).claims).toEqual([
      { alias: alias('pi_Sample1'), rule: 'payment-intent-names-customer' },
    ]);
  });

  test('a customer who is gone', () => {
    expect(types(mapSample('fetched', 'customer-deleted'))).toEqual(['customer.deleted']);
  });

  test('what is not whole is fetched once, not for ever', () => {
    const event = sample('current', 'invoice-finalized');
    (objectOf(event)['lines'] as Json)['has_more'] = true;
    const mapping = delivered(mapJson(event));
    expect(mapping.facts).toEqual([]);
    expect(mapping.claims).toHaveLength(1);
    expect(mapping.fetches).toEqual([
      { objectType: 'invoice', objectId: 'in_Sample1', reason: 'more-lines' },
    ]);
    expect(() => mapJson(objectOf(event), { origin: 'fetch' })).toThrow('more-lines');
  });
});

describe('invoices that do not add up by their lines', () => {
  const changed = (change: (invoice: Json) => void) => {
    const event = sample('old', 'invoice-finalized');
    change(objectOf(event));
    return factOf(mapJson(event), 'billing.invoice_finalized').body;
  };

  test('the rest is a line of its own, and the sums agree', () => {
    const body = changed(invoice => {
      invoice['total'] = 16_730;
    });
    const lines = body['lines'] as { line_id: string; net: never; taxes: never[] }[];
    expect(lines.at(-1)?.line_id).toBe('in_Sample1:rest');
    expect(toDecimal(lines.at(-1)?.net as never)).toBe('10.00');
    expect(amounts(body, 'net', 'tax', 'total')).toEqual(['140.00', '27.30', '167.30']);
  });

  test('a tax of the whole document too', () => {
    const body = changed(invoice => {
      for (const line of (invoice['lines'] as { data: Json[] }).data) line['tax_amounts'] = [];
    });
    expect(amounts(body, 'net', 'tax', 'total')).toEqual(['130.00', '27.30', '157.30']);
  });

  test('a tax inside the price is not counted twice', () => {
    const body = changed(invoice => {
      const [line] = (invoice['lines'] as { data: Json[] }).data;
      if (line === undefined) throw new Error('no line');
      line['amount'] = 12_100;
      line['discount_amounts'] = [];
      line['tax_amounts'] = [{ amount: 2100, inclusive: true, tax_rate: 'txr_BE21', taxable_amount: 10_000 }];
      (invoice['lines'] as { data: Json[] }).data = [line];
      Object.assign(invoice, { total: 12_100, tax: 2100, total_tax_amounts: [] });
    });
    expect(amounts(body, 'net', 'tax', 'total')).toEqual(['100.00', '21.00', '121.00']);
    expect(body['lines'] as unknown[]).toHaveLength(1);
  });
});
