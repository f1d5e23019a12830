import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { schemas } from '@keelson/contracts';
import fc from 'fast-check';
import { createCodec, UnknownWriter } from '../codec/index.ts';
import { codecFor, record, sample, type Sample } from '../testing/support.ts';
import { openLocalStore, type LocalStore } from './local-store.ts';
import { createStateStore, type OverlaidStore } from './state-store.ts';

const codec = codecFor(['t']);
let local: LocalStore;
beforeEach(() => {
  local = openLocalStore(mkdtempSync(join(tmpdir(), 'keelson-store-')), '0');
  local.table('t');
});
afterEach(() => local.close());

const open = (cacheEntries = 10): OverlaidStore<Sample> =>
  createStateStore({ topic: 't', record }, local.table('t'), { codec, now: () => 1_000, cacheEntries });
const thrownBy = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};
const settle = (store: OverlaidStore<Sample>): void => local.write(() => store.settle());

describe('a state store', () => {
  test('reads its batch’s own writes, and the stored ones again when the batch is discarded', () => {
    const store = open();
    store.put('k', sample('stored'));
    settle(store);
    store.put('k', sample('pending'));
    expect(store.get('k')?.delivery_id).toBe('pending');
    store.discard();
    expect(store.get('k')?.delivery_id).toBe('stored');
    store.delete('k');
    expect(store.get('k')).toBeUndefined();
    store.discard();
    expect(store.get('k')?.delivery_id).toBe('stored');
  });

  test('tells the changelog the last write of each key, tombstones included', () => {
    const store = open();
    store.put('a', sample('1'));
    store.put('a', sample('2'), { timestampMs: 7, headers: { h: 'x' } });
    store.put('b', sample('3'));
    store.delete('b');
    const changes = [...store.changes()].map(({ key, value, timestampMs, headers }) => ({
      key,
      value,
      timestampMs,
      headers,
    }));
    expect(changes).toEqual([
      { key: 'a', value: codec.encode('t', record, sample('2')), timestampMs: 7, headers: { h: 'x' } },
      { key: 'b', value: null, timestampMs: 1_000, headers: undefined },
    ]);
  });

  test('reads what another release wrote as soon as its schema is learned, and throws until then', async () => {
    const store = open();
    store.put('old', sample('1'));
    settle(store);
    const text = schemas[record] ?? '';
    const { fields, ...head } = JSON.parse(text) as { fields: object[] };
    const added = { name: 'added', type: 'string', default: 'none' };
    const next = createCodec({
      schemas: { [record]: JSON.stringify({ ...head, fields: [...fields, added] }) },
      ids: { [`t-${record}`]: 9_999 },
      fetchSchema: async () => text,
    });
    const later = createStateStore({ topic: 't', record }, local.table('t'), { codec: next, now: Date.now });
    expect(() => later.get('old')).toThrow(UnknownWriter);
    expect(() => [...later.entries()]).toThrow(UnknownWriter);
    const { schemaId } = thrownBy(() => later.get('old')) as UnknownWriter;
    await next.learn(schemaId);
    expect(later.get('old')).toEqual({ ...sample('1'), added: 'none' });
    expect([...later.entries()]).toEqual([['old', { ...sample('1'), added: 'none' }]]);
  });

  test('what it hands out and what it is given cannot be changed behind its back', () => {
    const store = open();
    const value = { ...sample('1') };
    store.put('k', value);
    expect(() => Object.assign(value, { delivery_id: '2' })).toThrow(TypeError);
    settle(store);
    expect(() => Object.assign(open().get('k') ?? {}, { delivery_id: '2' })).toThrow(TypeError);
  });

  test('expired entries are gone from the cache too', () => {
    const store = open();
    store.put('k', sample('1'), { timestampMs: 1 });
    settle(store);
    expect(store.get('k')).toBeDefined();
    store.expire(2);
    expect(store.get('k')).toBeUndefined();
  });

  test('behaves like a map, whatever is put, deleted, committed and discarded, with however small a cache', () => {
    const key = fc.constantFrom('a', 'ab', 'b', 'ü', '\u{1f600}', '\uffee', 'a/1', 'a/10');
    const step = fc.oneof(
      fc.record({ do: fc.constant('put' as const), key, text: fc.string() }),
      fc.record({ do: fc.constant('delete' as const), key }),
      fc.record({ do: fc.constantFrom('settle' as const, 'discard' as const) }),
    );
    const bytewise = (a: [string, string], b: [string, string]): number =>
      Buffer.compare(Buffer.from(a[0]), Buffer.from(b[0]));
    fc.assert(
      fc.property(
        fc.array(step),
        fc.constantFrom('', 'a', 'a/', 'zz'),
        fc.integer({ min: 1, max: 4 }),
        (steps, prefix, cache) => {
          local.write(() => local.table('t').wipe());
          const store = open(cache);
          let committed = new Map<string, string>();
          let current = new Map<string, string>();
          for (const each of steps) {
            if (each.do === 'put') {
              store.put(each.key, sample(each.text));
              current.set(each.key, each.text);
            } else if (each.do === 'delete') {
              store.delete(each.key);
              current.delete(each.key);
            } else if (each.do === 'settle') {
              settle(store);
              committed = new Map(current);
            } else {
              store.discard();
              current = new Map(committed);
            }
            for (const name of ['a', 'b', 'ü']) expect(store.get(name)?.delivery_id).toBe(current.get(name));
          }
          const entries = [...store.entries(prefix)].map(([name, value]) => [name, value.delivery_id]);
          expect(entries).toEqual([...current].filter(([name]) => name.startsWith(prefix)).sort(bytewise));
        },
      ),
    );
  });

  test('iterates over more than a page, and may be written to meanwhile', () => {
    const store = open();
    for (let index = 0; index < 700; index++)
      store.put(`k/${String(index).padStart(4, '0')}`, sample(String(index)));
    settle(store);
    const seen: string[] = [];
    for (const [key] of store.entries('k/')) {
      seen.push(key);
      store.delete(key);
      expect([...store.entries('k/0699')].length).toBeLessThanOrEqual(1);
    }
    expect(seen).toHaveLength(700);
    expect([...store.entries('k/')]).toEqual([]);
  });
});
