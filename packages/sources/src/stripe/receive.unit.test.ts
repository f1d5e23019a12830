import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createHmac } from 'node:crypto';
import Stripe from 'stripe';
import { stripeReceiver } from './receive.ts';

const nowMs = 1_800_000_000_000;
const secrets = [
  { id: 'new', secret: 'whsec_new_0123456789' },
  { id: 'old', secret: 'whsec_old_0123456789' },
];
const body = '{"id":"evt_1","object":"event","data":{"object":{"object":"customer","id":"cus_1"}}}';

const sign = (payload: string, secret: string, seconds = nowMs / 1000): string =>
  Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: seconds });

const verify = (header: string | undefined, rawBody: string | Buffer = body, at = nowMs) =>
  stripeReceiver.verify({
    headers: header === undefined ? {} : { 'stripe-signature': header },
    rawBody: Buffer.from(rawBody),
    secrets,
    nowMs: at,
    toleranceMs: 300_000,
  });

describe('Stripe signatures', () => {
  test('what the official SDK signs is accepted by each active secret, and named', () => {
    expect(verify(sign(body, 'whsec_new_0123456789'))).toEqual({ ok: true, secretId: 'new' });
    expect(verify(sign(body, 'whsec_old_0123456789'))).toEqual({ ok: true, secretId: 'old' });
  });

  test('during a rotation one of several signatures is enough', () => {
    const [time, signature] = sign(body, 'whsec_old_0123456789').split(',');
    const header = `${time},v1=${'0'.repeat(64)},${signature},v0=${'1'.repeat(64)}`;
    expect(verify(header)).toEqual({ ok: true, secretId: 'old' });
  });

  test('two-sided tolerance, to the second', () => {
    const header = sign(body, 'whsec_new_0123456789');
    expect(verify(header, body, nowMs + 300_000).ok).toBe(true);
    expect(verify(header, body, nowMs - 300_000).ok).toBe(true);
    expect(verify(header, body, nowMs + 300_001)).toEqual({ ok: false, reason: 'stale' });
    expect(verify(header, body, nowMs - 300_001)).toEqual({ ok: false, reason: 'stale' });
  });

  test('an unauthentic request is forged, however old', () => {
    expect(verify(sign(body, 'whsec_other'), body, nowMs + 900_000)).toEqual({ ok: false, reason: 'forged' });
  });

  test.each([
    [undefined, 'missing'],
    ['', 'missing'],
    ['v1=abc', 'malformed'],
    ['t=1800000000', 'malformed'],
    [`t=soon,v1=${'a'.repeat(64)}`, 'malformed'],
    [`t=01800000000,v1=${'a'.repeat(64)}`, 'malformed'],
    [`t=1800000000,v1=${'A'.repeat(64)}`, 'malformed'],
    [`t=1800000000,t=1800000001,v1=${'a'.repeat(64)}`, 'malformed'],
    [`t=1800000000${`,v1=${'a'.repeat(64)}`.repeat(11)}`, 'malformed'],
    [`t=1800000000,v1=${'a'.repeat(64)}`, 'forged'],
  ])('%s is %s', (header, reason) => {
    expect(verify(header)).toEqual({ ok: false, reason });
  });

  test('the signature is over the raw bytes: an equal JSON text is another request', () => {
    expect(verify(sign(body, 'whsec_new_0123456789'), body.replace('{"id"', '{ "id"'))).toMatchObject({
      ok: false,
    });
  });

  test('bytes that are no text at all are signed and verified too', () => {
    const raw = Buffer.from([0xff, 0x00, 0xc3, 0x28]);
    const signed = createHmac('sha256', 'whsec_new_0123456789')
      .update(`${nowMs / 1000}.`)
      .update(raw)
      .digest('hex');
    expect(verify(`t=${nowMs / 1000},v1=${signed}`, raw)).toEqual({ ok: true, secretId: 'new' });
  });

  test('no mutated request is accepted', () => {
    const header = sign(body, 'whsec_new_0123456789');
    const bodyMutation = fc
      .tuple(fc.nat(body.length - 1), fc.integer({ min: 1, max: 255 }))
      .map(([at, by]) => {
        const raw = Buffer.from(body);
        raw[at] = (raw[at] ?? 0) ^ by;
        return [header, raw] as const;
      });
    const headerMutation = fc
      .tuple(fc.nat(header.length - 1), fc.constantFrom(...'0123456789abcdef,=tv. '))
      .filter(([at, by]) => header[at] !== by)
      .map(([at, by]) => [header.slice(0, at) + by + header.slice(at + 1), Buffer.from(body)] as const);
    const longer = fc
      .uint8Array({ minLength: 1, maxLength: 20 })
      .map(more => [header, Buffer.concat([Buffer.from(body), more])] as const);
    fc.assert(
      fc.property(fc.oneof(bodyMutation, headerMutation, longer), ([mutated, raw]) => {
        expect(verify(mutated, raw).ok).toBe(false);
      }),
      { numRuns: 3000 },
    );
  });

  test('agrees with the official SDK on any body', () => {
    const official = new Stripe('sk_test_1');
    fc.assert(
      fc.property(fc.json(), fc.constantFrom('whsec_new_0123456789', 'whsec_other'), (payload, secret) => {
        const header = sign(payload, secret, Math.floor(Date.now() / 1000));
        const theirs = (() => {
          try {
            return official.webhooks.constructEvent(payload, header, 'whsec_new_0123456789') !== undefined;
          } catch {
            return false;
          }
        })();
        expect(verify(header, payload, Date.now()).ok).toBe(theirs);
      }),
      { numRuns: 200 },
    );
  });
});

describe('keys', () => {
  const aliasOf = (event: unknown): string | undefined =>
    stripeReceiver.split(Buffer.from(JSON.stringify(event)), { account: 'acct_1', headers: {} })[0]?.alias;
  const about = (object: unknown): string | undefined => aliasOf({ id: 'evt_1', data: { object } });

  test.each([
    [{ object: 'customer', id: 'cus_1' }, 'cus_1'],
    [{ object: 'invoice', id: 'in_1', customer: 'cus_1' }, 'cus_1'],
    [{ object: 'invoice', id: 'in_1', customer: { id: 'cus_1', object: 'customer' } }, 'cus_1'],
    [{ object: 'charge', id: 'ch_1', customer: null }, 'acct_1'],
    [{ object: 'refund', id: 're_1', charge: 'ch_1', payment_intent: 'pi_1' }, 'ch_1'],
    [{ object: 'refund', id: 're_1', charge: { id: 'ch_1' } }, 'ch_1'],
    [{ object: 'refund', id: 're_1', charge: null, payment_intent: 'pi_1' }, 'pi_1'],
    [{ object: 'dispute', id: 'dp_1', charge: 'ch_1' }, 'ch_1'],
    [{ object: 'invoice_payment', id: 'inpay_1', invoice: 'in_1' }, 'in_1'],
    [{ object: 'payment_intent', id: 'pi_1' }, 'acct_1'],
    [{ object: 'payout', id: 'po_1' }, 'acct_1'],
    [{ object: 'price', id: 'price_1', product: 'prod_1' }, 'acct_1'],
    [{ object: 'constructor', id: 'x' }, 'acct_1'],
    [['not an object'], 'acct_1'],
    [null, 'acct_1'],
  ])('%j is keyed by %s', (object, id) => {
    expect(about(object)).toBe(`stripe:acct_1:${id}`);
  });

  test("the event's account wins over the configured one (Connect)", () => {
    const event = { id: 'evt_1', account: 'acct_2', data: { object: { object: 'payout', id: 'po_1' } } };
    const [delivery] = stripeReceiver.split(Buffer.from(JSON.stringify(event)), {
      account: 'acct_1',
      headers: {},
    });
    expect(delivery).toMatchObject({ deliveryId: 'evt_1', account: 'acct_2', alias: 'stripe:acct_2:acct_2' });
  });

  test('whatever the bytes, there is one delivery with them, keyed by the account when they cannot be read', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map(text => Buffer.from(text)),
        ),
        bytes => {
          const payload = Buffer.from(bytes);
          const deliveries = stripeReceiver.split(payload, { account: 'acct_1', headers: {} });
          expect(deliveries).toHaveLength(1);
          expect(deliveries[0]?.payload).toBe(payload);
          expect(deliveries[0]?.alias).toMatch(/^stripe:acct_1:/);
        },
      ),
    );
  });
});
