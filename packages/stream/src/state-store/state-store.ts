import type { RecordByName, RecordName } from '@keelson/contracts';
import type { StateStore, StoreDefinition } from '../api.ts';
import type { Codec } from '../codec/index.ts';
import { createDecodedCache } from './decoded-cache.ts';
import { deepFreeze } from './freeze.ts';
import type { LocalTable } from './local-store.ts';
import { mergeEntries } from './merge.ts';

/** A record for the changelog; null is a tombstone. */
export interface Change {
  readonly key: string;
  readonly value: Buffer | null;
  readonly timestampMs: number;
  readonly headers: Readonly<Record<string, string>> | undefined;
}

interface Pending<V> extends Change {
  readonly decoded: V | undefined;
}

/** A store as its task drives it: collect, send to Kafka, and only after the commit make it local. */
export interface OverlaidStore<V> extends StateStore<V> {
  readonly topic: string;
  /** What this batch wrote, one per key, the last write winning. */
  changes(): Iterable<Change>;
  pending(): number;
  /** After the commit, within a local write: the batch's writes become the stored ones. */
  settle(): void;
  /** The batch never happened. */
  discard(): void;
  /** Drops what was written before `timestampMs`, here only: the changelog forgets by itself. */
  expire(timestampMs: number): void;
}

export interface StateStoreOptions {
  readonly codec: Codec;
  readonly now: () => number;
  readonly cacheEntries?: number;
}

/**
 * Reads see the batch's own writes first, then the local table. Values are encoded when they are put, and frozen: what is
 * read is what was or will be committed, whatever is done to the object afterwards.
 */
export function createStateStore<R extends RecordName>(
  { topic, record }: StoreDefinition<R>,
  table: LocalTable,
  { codec, now, cacheEntries = 2_000 }: StateStoreOptions,
): OverlaidStore<RecordByName[R]> {
  type V = RecordByName[R];
  const overlay = new Map<string, Pending<V>>();
  const cache = createDecodedCache<V>(cacheEntries);
  const decode = (bytes: Uint8Array): V =>
    deepFreeze(codec.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).value as V);

  return {
    topic,
    get(key) {
      const pending = overlay.get(key);
      if (pending !== undefined) return pending.decoded;
      const cached = cache.get(key);
      if (cached !== undefined) return cached;
      const bytes = table.get(key);
      if (bytes === undefined) return undefined;
      const value = decode(bytes);
      cache.set(key, value);
      return value;
    },
    put(key, value, { timestampMs = now(), headers } = {}) {
      const encoded = codec.encode(topic, record, value);
      overlay.set(key, { key, value: encoded, decoded: deepFreeze(value), timestampMs, headers });
    },
    delete(key) {
      overlay.set(key, { key, value: null, decoded: undefined, timestampMs: now(), headers: undefined });
    },
    *entries(prefix = '') {
      const own = [...overlay.values()].filter(({ key }) => key.startsWith(prefix));
      for (const { key, own: pending, stored } of mergeEntries(table, own, prefix)) {
        if (pending !== undefined) {
          if (pending.decoded !== undefined) yield [key, pending.decoded] as const;
        } else if (stored !== undefined) yield [key, cache.get(key) ?? decode(stored)] as const;
      }
    },
    changes: () => overlay.values(),
    pending: () => overlay.size,
    settle() {
      for (const { key, value, decoded, timestampMs } of overlay.values()) {
        if (value === null || decoded === undefined) {
          table.delete(key);
          cache.delete(key);
        } else {
          table.put(key, value, timestampMs);
          cache.set(key, decoded);
        }
      }
      overlay.clear();
    },
    discard: () => overlay.clear(),
    expire(timestampMs) {
      if (table.expire(timestampMs) > 0) cache.clear();
    },
  };
}
