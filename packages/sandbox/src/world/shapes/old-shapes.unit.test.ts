import { expect, test } from '@jest/globals';
import type { Json } from '../company.ts';
import { createWorld } from '../world.ts';

type Keys = { has: string[]; lacks: string[] };

/** What tells the old version's objects from today's, where a mapping must look in another place. */
const OLD: Record<string, Keys> = {
  charge: { has: ['invoice', 'refunds', 'dispute', 'balance_transaction', 'customer'], lacks: [] },
  credit_note: { has: ['refund', 'tax_amounts'], lacks: ['refunds', 'total_taxes', 'post_payment_amount'] },
  customer: { has: ['tax_ids', 'sources', 'subscriptions'], lacks: ['customer_account'] },
  invoice: {
    has: [
      'subscription',
      'charge',
      'payment_intent',
      'paid',
      'paid_out_of_band',
      'tax',
      'total_tax_amounts',
      'discount',
    ],
    lacks: ['parent', 'total_taxes', 'total_excluding_tax'],
  },
  payment_intent: { has: ['invoice'], lacks: ['customer_account'] },
  subscription: {
    has: ['current_period_start', 'current_period_end', 'plan', 'quantity', 'tax_percent', 'discount'],
    lacks: ['discounts', 'billing_mode', 'currency'],
  },
};

const world = createWorld({ seed: 11, events: 2000 });
const objectsOf = (era: 'old' | 'current', name: string): Json[] =>
  world.providerEvents
    .filter(event => event.era === era)
    .map(event => (event.body.data as { object: Json }).object)
    .filter(object => object.object === name);

test.each(Object.entries(OLD))('an old %s has its own fields', (name, { has, lacks }) => {
  const objects = objectsOf('old', name);
  expect(objects.length).toBeGreaterThan(0);
  for (const object of objects) {
    for (const key of has) expect(object).toHaveProperty([key]);
    for (const key of lacks) expect(object).not.toHaveProperty([key]);
  }
});

test('the period is on the subscription in the old version, on its items today', () => {
  const item = (object: Json): Json => (object.items as { data: Json[] }).data[0] as Json;
  for (const object of objectsOf('old', 'subscription'))
    expect(item(object)).not.toHaveProperty('current_period_end');
  for (const object of objectsOf('current', 'subscription')) {
    expect(object).not.toHaveProperty('current_period_end');
    expect(typeof item(object).current_period_end).toBe('number');
  }
});

test('only today tells of the payment of an invoice by an event of its own', () => {
  expect(objectsOf('old', 'invoice_payment')).toEqual([]);
  const payments = objectsOf('current', 'invoice_payment');
  expect(new Set(payments.map(payment => (payment.payment as { type: string }).type))).toEqual(
    new Set(['payment_intent', 'payment_record']),
  );
  for (const object of objectsOf('current', 'charge')) expect(object).not.toHaveProperty('invoice');
});
