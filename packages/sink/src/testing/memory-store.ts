import type { StateStore } from '@keelson/stream';

/** A changelog's partition in memory: what is written counts once it is committed. */
export interface MemoryStore<V> extends StateStore<V> {
  readonly committed: ReadonlyMap<string, V>;
  commit(): void;
  undo(): void;
}

/** `check` throws on what does not fit its schema. */
export function createMemoryStore<V>(check: (value: V) => void): MemoryStore<V> {
  const committed = new Map<string, V>();
  const overlay = new Map<string, V | null>();
  const get = (key: string): V | undefined =>
    overlay.has(key) ? (overlay.get(key) ?? undefined) : committed.get(key);
  return {
    committed,
    get,
    put(key, value) {
      check(value);
      overlay.set(key, value);
    },
    delete: key => void overlay.set(key, null),
    *entries(prefix = '') {
      for (const key of [...new Set([...committed.keys(), ...overlay.keys()])].sort()) {
        const value = get(key);
        if (key.startsWith(prefix) && value !== undefined) yield [key, value] as const;
      }
    },
    commit() {
      for (const [key, value] of overlay) {
        if (value === null) committed.delete(key);
        else committed.set(key, value);
      }
      overlay.clear();
    },
    undo: () => overlay.clear(),
  };
}
