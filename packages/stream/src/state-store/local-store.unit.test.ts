import { cpSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { openLocalStore, type LocalStore } from './local-store.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keelson-store-'));
});

const bytes = (text: string): Uint8Array => Buffer.from(text);
const read = (store: LocalStore, key: string): string | undefined => {
  const value = store.table('t').get(key);
  return value && Buffer.from(value).toString();
};
/** A store whose table `t` is open. */
const open = (): LocalStore => {
  const store = openLocalStore(directory, '0');
  store.table('t');
  return store;
};
const checkpoint = { offset: 2n ** 60n, clusterId: 'c', generation: 1, timeMs: 1_700_000_000_000 };

describe('a local store', () => {
  test('survives its process, checkpoint included', () => {
    const first = open();
    first.write(() => {
      first.table('t').put('k', bytes('v'), 1);
      first.table('t').setCheckpoint(checkpoint);
    });
    first.close();
    const second = open();
    expect(read(second, 'k')).toBe('v');
    expect(second.table('t').checkpoint()).toEqual(checkpoint);
    second.close();
  });

  test('forgets a write that failed, checkpoint included', () => {
    const store = open();
    const failing = (): void =>
      store.write(() => {
        store.table('t').put('k', bytes('v'), 1);
        store.table('t').setCheckpoint(checkpoint);
        throw new Error('no');
      });
    expect(failing).toThrow('no');
    expect(read(store, 'k')).toBeUndefined();
    expect(store.table('t').checkpoint()).toBeUndefined();
    store.close();
  });

  test('is never open twice: whoever comes second gets a file of its own', () => {
    const first = open();
    first.write(() => first.table('t').put('k', bytes('v'), 1));
    const second = open();
    expect(read(second, 'k')).toBeUndefined();
    first.close();
    const third = open();
    expect(read(third, 'k')).toBe('v');
    second.close();
    third.close();
  });

  test('that is damaged is made anew', () => {
    writeFileSync(join(directory, '0.sqlite'), Buffer.alloc(8192, 'x'));
    const store = open();
    store.write(() => store.table('t').put('k', bytes('v'), 1));
    expect(read(store, 'k')).toBe('v');
    store.close();
    expect(readdirSync(directory)).toContain('0.sqlite');
  });

  describe('that was left open', () => {
    /** The files of a store with one entry as its process leaves them when it dies. */
    const leaveOpen = (bootId: string | null): string => {
      const store = openLocalStore(directory, '0', { bootId });
      store.table('t');
      store.write(() => store.table('t').put('k', bytes('v'), 1));
      const copy = mkdtempSync(join(tmpdir(), 'keelson-store-'));
      cpSync(directory, copy, { recursive: true });
      store.close();
      return copy;
    };
    const reopened = (from: string, bootId: string | null): string | undefined => {
      const store = openLocalStore(from, '0', { bootId });
      const found = read(store, 'k');
      store.close();
      return found;
    };

    test('is as it was under the same boot, and after it was closed under any', () => {
      expect(reopened(leaveOpen('monday'), 'monday')).toBe('v');
      expect(reopened(directory, 'tuesday')).toBe('v');
      expect(reopened(directory, null)).toBe('v');
    });

    test('is emptied under another boot: what was never forced to disk may be torn', () => {
      expect(reopened(leaveOpen('monday'), 'tuesday')).toBeUndefined();
      expect(reopened(leaveOpen('wednesday'), null)).toBeUndefined();
    });

    test('is as it was where the boot is unknown: it is forced to disk there', () => {
      expect(reopened(leaveOpen(null), null)).toBe('v');
      expect(reopened(leaveOpen(null), 'monday')).toBe('v');
    });
  });

  test('expires by time and wipes by table', () => {
    const store = open();
    const seen = store.table('seen', { expires: true });
    store.write(() => {
      seen.put('old', bytes('1'), 1);
      seen.put('new', bytes('2'), 5);
      store.table('t').put('k', bytes('v'), 1);
    });
    expect(seen.expire(5)).toBe(1);
    expect(seen.count()).toBe(1);
    seen.wipe();
    expect(seen.count()).toBe(0);
    expect(read(store, 'k')).toBe('v');
    store.close();
  });
});
