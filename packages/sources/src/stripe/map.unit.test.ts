import { describe, expect, test } from '@jest/globals';
import { KeelsonError } from '@keelson/contracts';
import fc from 'fast-check';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  alias,
  delivered,
  ingressOf,
  mapJson,
  mapSample,
  objectOf,
  sample,
  sampleNames,
} from '../testing/samples.ts';
import { context } from '../testing/samples.ts';
import type { Era } from '../testing/samples.ts';
import { mapStripe } from './map.ts';

const eras: readonly Era[] = ['old', 'current', 'fetched'];
const all = eras.flatMap(era => sampleNames(era).map(name => [era, name] as const));

const kindOf = (run: () => unknown): string => {
  try {
    run();
    return 'ok';
  } catch (error) {
    return error instanceof KeelsonError ? `${error.kind}/${error.code}` : `unforeseen: ${String(error)}`;
  }
};

describe('every sample', () => {
  test.each(all)('%s %s is mapped or filtered, the same way each time', (era, name) => {
    const mapping = mapSample(era, name);
    expect(mapSample(era, name)).toEqual(mapping);
    if (mapping.outcome === 'filtered') return;
    for (const fact of mapping.facts) {
      expect(fact.alias).toBe(ingressOf(Buffer.from(JSON.stringify(sample(era, name)))).alias);
      expect((fact.kind === 'immutable') === (fact.fact_id !== null)).toBe(true);
      expect((fact.kind === 'snapshot') === (fact.source_version !== null)).toBe(true);
      expect(Object.keys(fact.body)).toHaveLength(1);
    }
    expect(new Set(mapping.facts.map(fact => fact.event_id)).size).toBe(mapping.facts.length);
  });

  test('no immutable fact is told in two ways: one id, one content, one body', () => {
    const told = new Map<string, { content: string | null; occurredAt: number; where: string }>();
    for (const [era, name] of all) {
      // These samples tell another story about the same objects.
      if (name.includes('out-of-band') || name.includes('record-paid')) continue;
      const mapping = mapSample(era, name);
      for (const fact of mapping.outcome === 'facts' ? mapping.facts : []) {
        if (fact.fact_id === null) continue;
        const before = told.get(fact.fact_id);
        const where = `${era} ${name} ${fact.type}`;
        if (before !== undefined)
          expect([before.where, before.content]).toEqual([before.where, fact.content_hash]);
        else told.set(fact.fact_id, { content: fact.content_hash, occurredAt: fact.occurred_at, where });
      }
    }
    expect(told.size).toBeGreaterThan(20);
  });

  test.each(['old', 'current'] as const)(
    '%s: what one era tells of an invoice agrees with the other',
    era => {
      const names = ['invoice-finalized', 'invoice-paid', 'invoice-voided', 'invoice-marked-uncollectible'];
      const finalized = names.map(name => delivered(mapSample(era, name)).facts[0]);
      const reference = delivered(mapSample('old', 'invoice-finalized')).facts[0];
      for (const fact of finalized) {
        expect(fact?.type).toBe('billing.invoice_finalized');
        expect(fact?.fact_id).toBe(reference?.fact_id);
        expect(fact?.content_hash).toBe(reference?.content_hash);
        expect(fact?.occurred_at).toBe(reference?.occurred_at);
        const other = fact?.body as {
          'keelson.fact.Invoice': { net: unknown; tax: unknown; total: unknown };
        };
        const same = reference?.body as typeof other;
        const { net, tax, total } = other['keelson.fact.Invoice'];
        expect({ net, tax, total }).toEqual({
          net: same['keelson.fact.Invoice'].net,
          tax: same['keelson.fact.Invoice'].tax,
          total: same['keelson.fact.Invoice'].total,
        });
      }
    },
  );
});

describe('content hash', () => {
  test.each([undefined, 2])(
    'two tries of one delivery agree, though pending_webhooks differs (indent %p)',
    indent => {
      const event = sample('current', 'charge-succeeded');
      const hashOf = (pending_webhooks: number): string =>
        mapStripe(
          ingressOf(Buffer.from(JSON.stringify({ ...event, pending_webhooks }, null, indent))),
          context,
        ).contentHash;
      expect(hashOf(0)).toBe(hashOf(12));
    },
  );

  test('what others call so is content', () => {
    const hashOf = (pending_webhooks: string): string => {
      const event = sample('current', 'charge-succeeded');
      objectOf(event)['metadata'] = { pending_webhooks };
      return mapJson({ ...event, pending_webhooks: undefined }).contentHash;
    };
    expect(hashOf('1')).not.toBe(hashOf('2'));
  });

  test('the same event id with another content does not', () => {
    const event = sample('current', 'charge-succeeded');
    const other = sample('current', 'charge-succeeded');
    objectOf(other)['amount'] = 1;
    expect(mapJson(other).contentHash).not.toBe(mapJson(event).contentHash);
    expect(mapJson({ ...event, type: 'charge.updated' }).contentHash).not.toBe(mapJson(event).contentHash);
  });
});

describe('what cannot be read', () => {
  const payload = (text: string | Buffer) => () => mapStripe(ingressOf(Buffer.from(text)), context);
  const changed = (name: string, change: (object: Record<string, unknown>) => void) => () => {
    const event = sample('current', name);
    change(objectOf(event));
    return mapJson(event);
  };

  test.each([
    ['not JSON', payload('{'), 'invalid_event/not_json'],
    ['not UTF-8', payload(Buffer.from([0x22, 0xff, 0x22])), 'invalid_event/not_utf8'],
    ['not an object', payload('[]'), 'invalid_event/schema'],
    ['not an event', payload('{"object":"charge","id":"ch_1"}'), 'invalid_event/schema'],
    [
      'no data',
      payload('{"object":"event","id":"evt_1","type":"charge.succeeded","created":1}'),
      'invalid_event/schema',
    ],
    [
      'unknown currency',
      changed('charge-succeeded', o => (o['currency'] = 'zzz')),
      'invalid_event/unknown_currency',
    ],
    ['no currency', changed('charge-succeeded', o => delete o['currency']), 'invalid_event/schema'],
    ['a fraction', changed('charge-succeeded', o => (o['amount_captured'] = 1.5)), 'invalid_event/schema'],
    [
      'an amount as text',
      changed('charge-succeeded', o => (o['amount_captured'] = '100')),
      'invalid_event/schema',
    ],
    [
      'beyond exactness',
      changed('charge-succeeded', o => (o['amount_captured'] = 2 ** 60)),
      'invalid_event/schema',
    ],
    ['no id', changed('charge-succeeded', o => delete o['id']), 'invalid_event/schema'],
    ['a time in text', changed('charge-succeeded', o => (o['created'] = 'now')), 'invalid_event/schema'],
    ['lines that are none', changed('invoice-finalized', o => (o['lines'] = 'none')), 'invalid_event/schema'],
  ])('%s is an invalid event', (_what, run, kind) => {
    expect(kindOf(run)).toBe(kind);
  });

  test('whatever is sent, it is mapped, filtered or an invalid event: nothing unforeseen', () => {
    const anyway = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(null, -1, 1.5, '', [], {}, true, 'x'.repeat(300)),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...all),
        fc.nat(),
        fc.nat(),
        anyway,
        ([era, name], which, deeper, value) => {
          const json = sample(era, name);
          const object = era === 'fetched' ? json : objectOf(json);
          const keys = Object.keys(object);
          const key = keys[which % keys.length] ?? '';
          const inner = object[key];
          const list = (inner as { data?: unknown[] } | null)?.data;
          const target =
            deeper % 2 === 0 || !Array.isArray(list) || list.length === 0
              ? object
              : (list[deeper % list.length] as Record<string, unknown>);
          const innerKeys = Object.keys(target);
          target[target === object ? key : (innerKeys[deeper % innerKeys.length] ?? '')] = value;
          const kind = kindOf(() => mapJson(json, era === 'fetched' ? { origin: 'fetch' } : {}));
          expect(kind === 'ok' || kind.startsWith('invalid_event/') ? kind : `${name} ${key}: ${kind}`).toBe(
            kind,
          );
        },
      ),
      { numRuns: 3000 },
    );
  });
});

test('nesting that nobody reads may be as deep as it likes', () => {
  const deep = '['.repeat(20_000) + ']'.repeat(20_000);
  const object = `{"object":"customer","id":"cus_1","metadata":${deep}}`;
  const text = `{"object":"event","id":"evt_1","created":1,"type":"customer.updated","data":{"object":${object}}}`;
  expect(mapStripe(ingressOf(Buffer.from(text)), context).outcome).toBe('facts');
});

test('names of JavaScript itself are types like any other', () => {
  for (const type of ['constructor', '__proto__', 'toString']) {
    const mapping = mapJson({
      id: 'evt_1',
      object: 'event',
      created: 1,
      type,
      livemode: false,
      data: { object: { object: type, id: 'x_1' } },
    });
    expect(mapping).toMatchObject({ outcome: 'filtered', rule: 'unsupported-type' });
  }
});

test('house facts are those under the account’s own alias', () => {
  const house = delivered(mapSample('current', 'payout-paid')).facts[0];
  expect(house).toMatchObject({ house: true, alias: alias('acct_1') });
  expect(delivered(mapSample('current', 'charge-succeeded')).facts[0]).toMatchObject({ house: false });
});

/** Events that nobody here wrote, where they are present. */
const outside = process.env['KEELSON_SAMPLES'];
const folder = outside === undefined ? '' : join(outside, 'stripe/events');
const others = existsSync(folder) ? readdirSync(folder) : [];
if (others.length > 0) {
  test.each(others)('%s, which others wrote, is mapped or filtered, never refused', file => {
    expect(kindOf(() => mapStripe(ingressOf(readFileSync(join(folder, file))), context))).toBe('ok');
  });
}
