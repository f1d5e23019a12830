import type { Waiting } from '@keelson/contracts';
import type { StateStore } from '@keelson/stream';
import { parkedKey } from '../parked-entry.ts';
import type { Delivery } from './delivery.ts';

/** Who waits behind one alias; `since` of the first in line. */
export interface Queue {
  readonly alias: string;
  readonly source: string;
  readonly keys: readonly string[];
  readonly since: number;
  readonly fetchRequested: boolean;
}

/** Deliveries whose customer is not known yet, in line behind their alias. They are on the broker; here are their keys. */
export interface WaitingRoom {
  has(alias: string): boolean;
  add(delivery: Delivery, generation: number, nowMicros: number): void;
  /** Takes out the first in line. */
  shift(alias: string): Waiting | undefined;
  /** Remembers that the alias was asked for. */
  markFetched(alias: string, nowMicros: number): void;
  head(alias: string): Waiting | undefined;
  /** The key of the first in line. */
  headKey(alias: string): string | undefined;
  queues(): IterableIterator<Queue>;
  size(): number;
}

interface Line {
  readonly alias: string;
  source: string;
  keys: string[];
  since: number;
  fetchRequested: boolean;
}

/** Reads the store once. */
export function createWaitingRoom(store: StateStore<Waiting>): WaitingRoom {
  const lines = new Map<string, Line>();
  let size = 0;

  function enter(key: string, { alias, delivery, waiting_since, fetch_requested_at }: Waiting): void {
    size++;
    const line = lines.get(alias);
    const fetchRequested = fetch_requested_at !== null;
    if (line === undefined) {
      lines.set(alias, { alias, source: delivery.source, keys: [key], since: waiting_since, fetchRequested });
      return;
    }
    const last = line.keys.at(-1);
    line.keys.push(key);
    // One that comes back from being parked takes its old place.
    if (last !== undefined && last > key) line.keys.sort();
    line.fetchRequested ||= fetchRequested;
  }

  function leave(key: string): Waiting | undefined {
    const waiting = store.get(key);
    store.delete(key);
    size--;
    return waiting;
  }

  for (const [key, waiting] of store.entries()) enter(key, waiting);

  return {
    has: alias => lines.has(alias),
    add({ ingress, alias, position, headers, topic, offset }, generation, nowMicros) {
      const waiting: Waiting = {
        alias: alias.text,
        position,
        delivery: ingress,
        headers,
        waiting_since: nowMicros,
        fetch_requested_at: null,
      };
      const key = parkedKey(alias.text, topic, generation, offset);
      store.put(key, waiting);
      enter(key, waiting);
    },
    shift(alias) {
      const line = lines.get(alias);
      const key = line?.keys.shift();
      if (line === undefined || key === undefined) return undefined;
      const waiting = leave(key);
      const next = line.keys[0];
      if (next === undefined) lines.delete(alias);
      else line.since = store.get(next)?.waiting_since ?? line.since;
      return waiting;
    },
    markFetched(alias, nowMicros) {
      const line = lines.get(alias);
      const key = line?.keys[0];
      const waiting = key === undefined ? undefined : store.get(key);
      if (line === undefined || key === undefined || waiting === undefined) return;
      line.fetchRequested = true;
      store.put(key, { ...waiting, fetch_requested_at: nowMicros });
    },
    head(alias) {
      const key = lines.get(alias)?.keys[0];
      return key === undefined ? undefined : store.get(key);
    },
    headKey: alias => lines.get(alias)?.keys[0],
    queues: () => lines.values(),
    size: () => size,
  };
}
