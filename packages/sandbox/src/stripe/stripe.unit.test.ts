import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Stripe from 'stripe';
import { API_VERSIONS } from '../world/model.ts';
import { createWorld } from '../world/world.ts';
import type { StripeStandIn } from './server.ts';
import { startStripe } from './server.ts';

const KEY = 'sk_test_of_this_test';
const world = createWorld({ seed: 3, events: 1200 });
let directory: string;
let standIn: StripeStandIn;

const open = (): Promise<StripeStandIn> => startStripe({ port: 0, dataDirectory: directory, apiKeys: [KEY] });
const clientOf = (at: StripeStandIn, key = KEY): Stripe => {
  const { hostname, port } = new URL(at.url);
  return new Stripe(key, {
    host: hostname,
    port: Number(port),
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
  });
};
const setFaults = (change: object): Promise<Response> =>
  fetch(`${standIn.url}/_sandbox/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(change),
  });

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keelson-stripe-'));
  standIn = await open();
  standIn.addWorld(world);
});
afterEach(async () => {
  await standIn.close();
  await rm(directory, { recursive: true });
});

describe('the stand-in', () => {
  test('answers the SDK for every resource', async () => {
    const client = clientOf(standIn);
    const some = (prefix: string): string =>
      [...world.company.objects.keys()].find(id => id.startsWith(prefix)) ?? prefix;
    const found = await Promise.all([
      client.balanceTransactions.retrieve(some('txn_')),
      client.charges.retrieve(some('ch_')),
      client.refunds.retrieve(some('re_')),
      client.invoices.retrieve(some('in_')),
      client.customers.retrieve(some('cus_')),
      client.subscriptions.retrieve(some('sub_')),
      client.paymentIntents.retrieve(some('pi_')),
      client.disputes.retrieve(some('du_')),
      client.payouts.retrieve(some('po_')),
      client.creditNotes.retrieve(some('cn_')),
      client.invoicePayments.retrieve(some('inpay_')),
    ]);
    expect(found.map(one => one.object)).toEqual([
      'balance_transaction', 'charge', 'refund', 'invoice', 'customer', 'subscription', 'payment_intent', 'dispute',
      'payout', 'credit_note', 'invoice_payment',
    ]); // prettier-ignore
  });

  test('knows the movements of a payout, which add up to it, page by page', async () => {
    const client = clientOf(standIn);
    const id = [...world.company.objects.keys()].find(key => key.startsWith('po_')) ?? '';
    const payout = await client.payouts.retrieve(id);
    const movements: Stripe.BalanceTransaction[] = [];
    for await (const movement of client.balanceTransactions.list({ payout: id, limit: 5 }))
      movements.push(movement);
    expect(movements.length).toBeGreaterThan(5);
    expect(new Set(movements.map(one => one.id)).size).toBe(movements.length);
    const members = movements.filter(one => one.type !== 'payout');
    expect(members.reduce((sum, one) => sum + one.net, 0)).toBe(payout.amount);
  });

  test('puts in what is asked for', async () => {
    const client = clientOf(standIn);
    const { customers, invoices } = world.company;
    const company = customers.find(customer => customer.taxId !== null && customer.deletedAt === null);
    const customer = await client.customers.retrieve(company?.id ?? '', { expand: ['tax_ids'] });
    expect((customer as Stripe.Customer).tax_ids?.data.map(taxId => taxId.value)).toEqual([
      company?.taxId?.value,
    ]);
    const refunded = invoices.find(invoice => (invoice.charge?.refunds.length ?? 0) > 1);
    const charge = await client.charges.retrieve(refunded?.charge?.id ?? '', {
      expand: ['refunds', 'balance_transaction'],
    });
    expect(charge.refunds?.data.length).toBe(refunded?.charge?.refunds.length);
    expect(charge.balance_transaction).toMatchObject({ object: 'balance_transaction', source: charge.id });
    const invoice = await client.invoices.retrieve(refunded?.id ?? '', { expand: ['payments'] });
    expect(invoice.payments?.data.map(payment => payment.amount_paid)).toEqual([refunded?.paidMinor]);
  });

  test('answers in the version asked for', async () => {
    const id = world.company.subscriptions[0]?.id ?? '';
    const get = async (version: string): Promise<Record<string, unknown>> => {
      const response = await fetch(`${standIn.url}/v1/subscriptions/${id}`, {
        headers: { authorization: `Bearer ${KEY}`, 'stripe-version': version },
      });
      return (await response.json()) as Record<string, unknown>;
    };
    expect(await get(API_VERSIONS.old)).toHaveProperty('current_period_end');
    expect(await get(API_VERSIONS.current)).not.toHaveProperty('current_period_end');
  });

  test('turns a wrong key away, and knows what it does not have', async () => {
    await expect(clientOf(standIn, 'sk_test_wrong').charges.retrieve('ch_1')).rejects.toMatchObject({
      statusCode: 401,
    });
    await expect(clientOf(standIn).charges.retrieve('ch_1')).rejects.toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
    });
    const invoice = world.company.invoices[0]?.id ?? '';
    await expect(clientOf(standIn).charges.retrieve(invoice)).rejects.toMatchObject({ statusCode: 404 });
  });

  test('remembers after a restart', async () => {
    await standIn.close();
    standIn = await open();
    const id = world.company.invoices[0]?.id ?? '';
    expect((await clientOf(standIn).invoices.retrieve(id)).id).toBe(id);
  });

  test('slows senders down and fails when it is told to', async () => {
    await setFaults({ fail: 1 });
    await expect(clientOf(standIn).charges.retrieve('ch_1')).rejects.toMatchObject({ statusCode: 500 });
    // The SDK itself tries once more when a kept connection is closed.
    await setFaults({ resetBefore: 2 });
    await expect(clientOf(standIn).charges.retrieve('ch_1')).rejects.toMatchObject({
      type: 'StripeConnectionError',
    });
    await setFaults({ requestsPerSecond: 1 });
    const answers = await Promise.all(
      Array.from({ length: 4 }, () =>
        fetch(`${standIn.url}/v1/charges/ch_1`, { headers: { authorization: `Bearer ${KEY}` } }),
      ),
    );
    const refused = answers.filter(answer => answer.status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(2);
    expect(refused[0]?.headers.get('retry-after')).toBe('1');
  });

  test('plays a world that another process names', async () => {
    const other = createWorld({ seed: 4, events: 50 });
    const response = await fetch(`${standIn.url}/_sandbox/worlds`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ seed: 4, events: 50 }),
    });
    expect(response.status).toBe(201);
    const id = other.company.customers[0]?.id ?? '';
    expect((await clientOf(standIn).customers.retrieve(id)).id).toBe(id);
  });
});
