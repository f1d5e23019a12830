import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { standardWebhooksReceiver } from './receive.ts';

const secret = `whsec_${Buffer.from('a secret of thirty-two bytes, ok').toString('base64')}`;
const older = `whsec_${Buffer.from('another secret that is still ok.').toString('base64')}`;
const nowMs = 1_800_000_000_000;
const id = 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W';
const body = '{"id":"e1","type":"support.case_opened","timestamp":"2026-11-23T10:00:00Z","data":{}}';

function signed(key: string, text = body, at = nowMs) {
  const when = new Date(at);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(at / 1000),
    'webhook-signature': new Webhook(key).sign(id, when, text),
  };
}

const verify = (headers: Record<string, string>, rawBody: string | Uint8Array = body, at = nowMs) =>
  standardWebhooksReceiver.verify({
    headers,
    rawBody: Buffer.from(rawBody as string),
    secrets: [
      { id: 'new', secret },
      { id: 'old', secret: older },
    ],
    nowMs: at,
    toleranceMs: 300_000,
  });

describe('Standard Webhooks signatures', () => {
  test('what the official SDK signs is accepted by each active secret', () => {
    expect(verify(signed(secret))).toEqual({ ok: true, secretId: 'new' });
    expect(verify(signed(older))).toEqual({ ok: true, secretId: 'old' });
  });

  test('one of several signatures is enough; other schemes are left alone', () => {
    const headers = signed(older);
    const list = `v1a,AAAA v1,${Buffer.alloc(32).toString('base64')} ${headers['webhook-signature']}`;
    expect(verify({ ...headers, 'webhook-signature': list })).toEqual({ ok: true, secretId: 'old' });
  });

  test('two-sided tolerance', () => {
    expect(verify(signed(secret), body, nowMs + 300_001)).toEqual({ ok: false, reason: 'stale' });
    expect(verify(signed(secret), body, nowMs - 300_001)).toEqual({ ok: false, reason: 'stale' });
  });

  test.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('without %s it is missing', name => {
    expect(verify({ ...signed(secret), [name]: '' })).toEqual({ ok: false, reason: 'missing' });
  });

  test('an id with the joining dot is malformed: id and time could be cut elsewhere', () => {
    const at = nowMs / 1000;
    const headers = {
      'webhook-id': 'a.1',
      'webhook-timestamp': String(at),
      'webhook-signature': new Webhook(secret).sign('a.1', new Date(nowMs), body),
    };
    expect(verify(headers)).toEqual({ ok: false, reason: 'malformed' });
  });

  test('no mutated request is accepted', () => {
    const headers = signed(secret);
    const inBody = fc.tuple(fc.nat(body.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, by]) => {
      const raw = Buffer.from(body);
      raw[at] = (raw[at] ?? 0) ^ by;
      return [headers, raw] as const;
    });
    const inHeader = fc.constantFrom(...(Object.keys(headers) as (keyof typeof headers)[])).chain(name =>
      fc
        .tuple(fc.nat(headers[name].length - 1), fc.constantFrom(...'0123456789ABCabcxyz+/=.,v '))
        .filter(([at, by]) => headers[name][at] !== by)
        .map(([at, by]) => {
          const value = headers[name].slice(0, at) + by + headers[name].slice(at + 1);
          return [{ ...headers, [name]: value }, Buffer.from(body)] as const;
        }),
    );
    fc.assert(
      fc.property(fc.oneof(inBody, inHeader), ([mutated, raw]) => {
        expect(verify(mutated, raw).ok).toBe(false);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('keys', () => {
  const split = (data: unknown, headers = {}) =>
    standardWebhooksReceiver.split(Buffer.from(JSON.stringify({ id: 'e1', data })), {
      account: 'partner',
      headers,
    })[0];

  test('by the subject; the delivery is named by its header', () => {
    expect(split({ subject: 'stripe:acct_1:cus_1' }, { 'webhook-id': 'msg_1' })).toMatchObject({
      alias: 'stripe:acct_1:cus_1',
      deliveryId: 'msg_1',
      account: 'partner',
    });
  });

  test.each([{}, { subject: 'cus_1' }, { subject: 7 }, null])('%j is keyed by the account', data => {
    expect(split(data)).toMatchObject({ alias: 'standard-webhooks:partner:partner', deliveryId: 'e1' });
  });
});
