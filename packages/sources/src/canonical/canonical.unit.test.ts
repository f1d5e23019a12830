import { describe, expect, test } from '@jest/globals';
import { customerIdOf, documentIdOf, events } from '@keelson/contracts';
import type { EventType, Ingress } from '@keelson/contracts';
import fc from 'fast-check';
import { context, delivered } from '../testing/samples.ts';
import { checkEnvelope } from './envelope.ts';
import { fromJson } from './from-json.ts';
import { mapCanonical } from './map.ts';
import { nounSchema } from './nouns.ts';

const subject = 'crm:main:acc-7';
const eur = (amount: unknown) => ({ amount_minor: amount, currency: 'EUR', exponent: 2 });
const refund = { subject, refund_id: 'R-1', status: 'succeeded', amount: eur(500) };
const event = (type: string, data: unknown, changes = {}) => ({
  id: 'e-1',
  type,
  timestamp: '2026-11-23T10:00:00.250+01:00',
  data,
  ...changes,
});
const check = (json: unknown) => checkEnvelope(Buffer.from(JSON.stringify(json)));
const faults = (json: unknown) => {
  const checked = check(json);
  return checked.ok ? [] : checked.faults.map(({ path, message }) => `${path} ${message}`);
};

const ingress = (json: unknown, changes: Partial<Ingress> = {}): Ingress => ({
  delivery_id: 'e-1',
  source: 'api',
  account: 'own',
  received_at: 0,
  content_type: null,
  headers: {},
  payload: Buffer.from(JSON.stringify(json)),
  alias: subject,
  secret_id: null,
  origin: 'api',
  ...changes,
});
const api = { ...context, source: { ...context.source, kind: 'api' as const } };
const map = (json: unknown, changes: Partial<Ingress> = {}) =>
  delivered(mapCanonical(ingress(json, changes), api)).facts[0];

describe('what others send', () => {
  test('is read by the schema: defaults filled in, times and amounts as the record has them', () => {
    const checked = check(event('payment.refund_created', refund));
    expect(checked).toMatchObject({
      ok: true,
      envelope: {
        timestamp: 1_795_424_400_250_000,
        livemode: true,
        noun: { refund_id: 'R-1', amount: eur(500n), payment_id: null, reason: null },
      },
    });
  });

  test('every fault is told, with its place', () => {
    expect(
      faults({
        id: '',
        type: 'payment.refund_created',
        timestamp: '2026-02-30T10:00:00Z',
        extra: 1,
        data: {
          subject: 'acc-7',
          refund_id: 7,
          status: 'lost',
          amount: { amount_minor: 1.5, currency: 'EUR', exponent: 2, note: 'x' },
          surprise: true,
        },
      }),
    ).toEqual([
      '/extra not a field of an event',
      '/id not text of 1 to 255 characters',
      '/timestamp not a time of ISO 8601 with its offset',
      '/data/subject not an alias: system:account:id',
      '/data/surprise not a field of this event',
      '/data/refund_id not text',
      '/data/status not one of pending, succeeded, failed, canceled',
      '/data/amount/note not a field of this event',
      '/data/amount/amount_minor not an integer of 64 bits, as a number or as text',
    ]);
  });

  test.each([
    [eur('9007199254740993'), []],
    [eur(2 ** 53), ['/data/amount/amount_minor not an integer of 64 bits, as a number or as text']],
    [
      eur('9223372036854775808'),
      ['/data/amount/amount_minor not an integer of 64 bits, as a number or as text'],
    ],
    [{ amount_minor: 1, currency: 'EUR', exponent: 3 }, ['/data/amount/exponent not 2']],
    [{ amount_minor: 1, currency: 'XXX', exponent: 2 }, ['/data/amount/currency not a currency of ISO 4217']],
    [{ amount_minor: 1, currency: 'EUR' }, ['/data/amount/exponent missing', '/data/amount/exponent not 2']],
  ])('money %j', (amount, expected) => {
    expect(faults(event('payment.refund_created', { ...refund, amount }))).toEqual(expected);
  });

  test.each(['not json', '"text"', '[]', 'null', ''])('%s is one fault', text => {
    expect(checkEnvelope(Buffer.from(text))).toMatchObject({ ok: false, faults: [{ path: '' }] });
  });

  test('whatever comes, the check answers', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom(...Object.keys(events)),
        fc.jsonValue(),
        (body, type, data) => {
          expect(typeof check(body).ok).toBe('boolean');
          expect(typeof check(event(type, data)).ok).toBe('boolean');
        },
      ),
    );
  });

  test('each event of the contract has a schema that reads it', () => {
    for (const type of Object.keys(events) as EventType[]) {
      const schema = nounSchema(events[type].noun);
      expect(schema.names.get(`keelson.fact.${events[type].noun}`)?.type).toBe('record');
      expect(fromJson(schema, {}).faults.every(fault => fault.message === 'missing')).toBe(true);
    }
  });
});

describe('facts of what others send', () => {
  test('money is an immutable fact, the same whatever event tells it', () => {
    const fact = map(event('payment.refund_created', refund));
    const again = map(event('payment.refund_created', refund, { id: 'e-2' }));
    expect(fact).toMatchObject({ kind: 'immutable', document_id: documentIdOf('refund', 'api:own:R-1') });
    expect(again?.fact_id).toBe(fact?.fact_id);
    expect(again?.content_hash).toBe(fact?.content_hash);
    expect(map(event('payment.refund_created', { ...refund, amount: eur(501) }))?.content_hash).not.toBe(
      fact?.content_hash,
    );
  });

  test('a state is a snapshot, versioned by its time', () => {
    expect(map(event('customer.upserted', { subject, legal_name: 'Noord BV' }))).toMatchObject({
      kind: 'snapshot',
      source_version: { at: 1_795_424_400_250_000, rank: 0, id: 'e-1' },
      body: { 'keelson.fact.Customer': { legal_name: 'Noord BV', tax_ids_told: false, emails: [] } },
      house: false,
      alias: subject,
    });
  });

  test('an id is canonical already, an alias, or the sender’s own', () => {
    const canonical = documentIdOf('payment', 'stripe:acct_1:ch_1');
    for (const name of [canonical, 'stripe:acct_1:ch_1']) {
      expect(map(event('payment.refund_created', { ...refund, payment_id: name }))).toMatchObject({
        body: {
          'keelson.fact.Refund': { payment_id: canonical, refund_id: documentIdOf('refund', 'api:own:R-1') },
        },
      });
    }
    const merged = map(event('customer.merged', { subject, merged_into: 'stripe:acct_1:cus_1' }));
    expect(merged).toMatchObject({
      body: { 'keelson.fact.Customer': { merged_into: customerIdOf('stripe:acct_1:cus_1') } },
    });
  });

  test('a test event stays one; the account’s own alias is the house', () => {
    const fact = map(
      event(
        'support.case_opened',
        { subject: 'api:own:own', case_id: 'c', status: 'open' },
        { livemode: false },
      ),
      {
        alias: 'api:own:own',
      },
    );
    expect(fact).toMatchObject({ livemode: false, house: true, document_id: null });
  });

  test('what the contract does not allow is an invalid event, with all faults', () => {
    expect(() => map({ type: 'no.such' })).toThrow(/\/id: .*; \/timestamp: .*; \/type: .*; \/data: /);
  });
});
