import { describe, expect, test } from '@jest/globals';
import type { FetchRequest } from '@keelson/contracts';
import type { SourceAnswer } from '../poller.ts';
import { stripePoller } from './poll.ts';

const request = (
  objectType: string,
  objectId: string,
  changes: Partial<FetchRequest> = {},
): FetchRequest => ({
  source: 'stripe',
  account: 'acct_1',
  alias: 'stripe:acct_1:cus_1',
  object_type: objectType,
  object_id: objectId,
  reason: 'test',
  position: 'ingress.stripe/0/1',
  requested_at: 0,
  ...changes,
});

function fakeStripe(answers: Record<string, unknown>) {
  const asked: { path: string; headers: Readonly<Record<string, string>> }[] = [];
  return {
    asked,
    get: async (path: string, headers: Readonly<Record<string, string>>): Promise<SourceAnswer> => {
      asked.push({ path, headers });
      const found = answers[path];
      return { status: found === undefined ? 404 : 200, body: Buffer.from(JSON.stringify(found ?? {})) };
    },
  };
}

const poll = stripePoller({ apiKey: 'sk_test_1', account: 'acct_1' });
const payloadOf = (fetched: { payload: Buffer }): unknown => JSON.parse(fetched.payload.toString());

describe('fetching by id', () => {
  test('a balance transaction keeps the alias of who asked, and says the mode of the key', async () => {
    const movement = {
      object: 'balance_transaction',
      id: 'txn_1',
      source: { id: 'ch_1', customer: 'cus_2' },
    };
    const stripe = fakeStripe({ '/v1/balance_transactions/txn_1?expand[]=source': movement });
    const fetched = await poll(request('balance_transaction', 'txn_1'), stripe);
    expect(fetched).toMatchObject({ alias: 'stripe:acct_1:cus_1', headers: { 'keelson-livemode': 'false' } });
    expect(payloadOf(fetched)).toEqual(movement);
    expect(stripe.asked[0]?.headers).toEqual({
      authorization: 'Bearer sk_test_1',
      'stripe-version': '2026-09-30.endive',
    });
  });

  test("a charge goes to its customer; a guest's to the account", async () => {
    const path = '/v1/charges/ch_1?expand[]=refunds';
    const asked = request('charge', 'ch_1', { alias: 'stripe:acct_1:ch_1' });
    const named = await poll(
      asked,
      fakeStripe({ [path]: { object: 'charge', id: 'ch_1', customer: 'cus_9' } }),
    );
    expect(named.alias).toBe('stripe:acct_1:cus_9');
    const guest = await poll(asked, fakeStripe({ [path]: { object: 'charge', id: 'ch_1', customer: null } }));
    expect(guest.alias).toBe('stripe:acct_1:acct_1');
  });

  test("another account's object is asked for in its name", async () => {
    const stripe = fakeStripe({});
    await poll(request('payout', 'po_1', { account: 'acct_2' }), stripe);
    expect(stripe.asked[0]?.headers['stripe-account']).toBe('acct_2');
  });

  test.each([
    ['charge', 'stripe:acct_1:acct_1'],
    ['payment_intent', 'stripe:acct_1:acct_1'],
    ['invoice', 'stripe:acct_1:acct_1'],
    ['balance_transaction', 'stripe:acct_1:cus_1'],
    ['spaceship', 'stripe:acct_1:cus_1'],
  ])('a %s that is not there is told as such, to %s', async (objectType, alias) => {
    const fetched = await poll(request(objectType, 'x_1'), fakeStripe({}));
    expect(fetched.alias).toBe(alias);
    expect(payloadOf(fetched)).toEqual({ object: 'keelson.not_found', object_type: objectType, id: 'x_1' });
  });

  test('all pages of an invoice’s lines', async () => {
    const line = (id: string) => ({ id, object: 'line_item' });
    const stripe = fakeStripe({
      '/v1/invoices/in_1?expand[]=payments': {
        object: 'invoice',
        id: 'in_1',
        customer: 'cus_1',
        lines: { object: 'list', data: [line('a'), line('b')], has_more: true },
      },
      '/v1/invoices/in_1/lines?&limit=100&starting_after=b': { data: [line('c')], has_more: true },
      '/v1/invoices/in_1/lines?&limit=100&starting_after=c': { data: [line('d')], has_more: false },
    });
    expect(payloadOf(await poll(request('invoice', 'in_1'), stripe))).toMatchObject({
      lines: { data: [{ id: 'a' }, { id: 'b' }, { id: 'c' }, { id: 'd' }], has_more: false },
    });
  });

  test('a page that is missing is no end of the list', async () => {
    const stripe = fakeStripe({
      '/v1/invoices/in_1?expand[]=payments': {
        object: 'invoice',
        id: 'in_1',
        lines: { data: [{ id: 'a' }], has_more: true },
      },
    });
    await expect(poll(request('invoice', 'in_1'), stripe)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test("a customer's entitlements are put together", async () => {
    const stripe = fakeStripe({
      '/v1/entitlements/active_entitlements?customer=cus_1&limit=100': {
        object: 'list',
        data: [{ id: 'ent_1', lookup_key: 'a' }],
        has_more: true,
      },
      '/v1/entitlements/active_entitlements?customer=cus_1&limit=100&starting_after=ent_1': {
        data: [{ id: 'ent_2', lookup_key: 'b' }],
        has_more: false,
      },
    });
    const fetched = await poll(request('entitlements.active_entitlement_summary', 'cus_1'), stripe);
    expect(fetched.alias).toBe('stripe:acct_1:cus_1');
    expect(payloadOf(fetched)).toMatchObject({
      customer: 'cus_1',
      entitlements: { data: [{}, {}], has_more: false },
    });
  });

  test('ids cannot reach other paths', async () => {
    const stripe = fakeStripe({});
    await poll(request('payout', '../charges/ch_1?x'), stripe);
    expect(stripe.asked[0]?.path).toBe('/v1/payouts/..%2Fcharges%2Fch_1%3Fx');
  });

  test('an answer that is no JSON is no answer', async () => {
    const client = { get: async () => ({ status: 200, body: Buffer.from('<html>') }) };
    await expect(poll(request('payout', 'po_1'), client)).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
