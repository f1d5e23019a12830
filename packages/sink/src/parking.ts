import type { Parked, ParkedKind } from '@keelson/contracts';
import type { StateStore } from '@keelson/stream';
import { traceOf } from './records.ts';

export type ParkedEntry = readonly [key: string, entry: Parked];

/** Whether an exception is about to be closed, by its lane and when it was parked, in µs. */
export type Closing = (lane: string | null, parkedAt: number) => boolean;

/**
 * The open entries of one partition, and what must be found among them quickly. Entries are on the broker; here are only
 * their keys. A lane's entries stand as they came, those of the more urgent topic first.
 */
export interface Parking {
  get(key: string): Parked | undefined;
  put(key: string, entry: Parked): void;
  delete(key: string): void;
  /** A live exception stands in this lane. */
  blocks(lane: string): boolean;
  /** Scheduled work of this lane is held. */
  holds(lane: string): boolean;
  /** The lane's exceptions in order, the first `limit` of them. */
  lane(lane: string, limit?: number): ParkedEntry[];
  /** The same, one at a time: a lane may be longer than memory should hold. */
  entriesOf(lane: string): Iterable<ParkedEntry>;
  laneNames(): IterableIterator<string>;
  /** Customers' works that stepped aside, in order. */
  steppedAside(customer: string): ParkedEntry[];
  /** Stepped aside or scheduled, and their time has come; at most `limit`. */
  due(nowMs: number, limit: number): ParkedEntry[];
  /** Lanes that were released and go on, but for those whose released entry is `closing`. */
  releasedLanes(closing: Closing): string[];
  /** Released entries that stand alone, but for those that are `closing`; at most `limit`. */
  releasedAlone(limit: number, closing: Closing): ParkedEntry[];
  /** Every exception, with a lane or alone, in the order of their keys. */
  exceptions(): Iterable<ParkedEntry>;
  /** Keys of the exceptions that stand alone. */
  alone(): IterableIterator<string>;
  counts(): Readonly<Record<ParkedKind, number>>;
  /** No entry was parked later, in µs; -Infinity when there never was one. */
  latestAt(): number;
}

/** Reads the whole store once. `topics`: where works come from, the most urgent first. */
export function createParking(store: StateStore<Parked>, topics: readonly string[]): Parking {
  const counts: Record<ParkedKind, number> = { exception: 0, stepped_aside: 0, scheduled: 0 };
  const lanes = new Map<string, { readonly customer: string; entries: number }>();
  const scheduled = new Map<string, number>();
  const stepped = new Map<string, Set<string>>();
  const due = new Map<string, number>();
  const alone = new Set<string>();
  const released = new Map<string, { readonly lane: string | null; readonly parkedAt: number }>();
  let latestAt = -Infinity;

  function index(key: string, entry: Parked): void {
    counts[entry.kind]++;
    latestAt = Math.max(latestAt, entry.parked_at);
    if (entry.released) released.set(key, { lane: entry.lane, parkedAt: entry.parked_at });
    if (entry.kind !== 'exception') due.set(key, (entry.not_before ?? 0) / 1000);
    switch (entry.kind) {
      case 'exception':
        if (entry.lane === null) alone.add(key);
        else {
          const lane = lanes.get(entry.lane);
          if (lane === undefined) lanes.set(entry.lane, { customer: entry.key, entries: 1 });
          else lane.entries++;
        }
        return;
      case 'stepped_aside':
        stepped.set(entry.key, (stepped.get(entry.key) ?? new Set()).add(key));
        return;
      case 'scheduled':
        if (entry.lane !== null) scheduled.set(entry.lane, (scheduled.get(entry.lane) ?? 0) + 1);
        return;
    }
  }

  function unindex(key: string, entry: Parked): void {
    counts[entry.kind]--;
    released.delete(key);
    due.delete(key);
    alone.delete(key);
    if (entry.kind === 'stepped_aside') {
      stepped.get(entry.key)?.delete(key);
      if (stepped.get(entry.key)?.size === 0) stepped.delete(entry.key);
    }
    if (entry.lane === null) return;
    if (entry.kind === 'exception') {
      const lane = lanes.get(entry.lane);
      if (lane !== undefined && --lane.entries === 0) lanes.delete(entry.lane);
    } else if (entry.kind === 'scheduled') {
      const left = (scheduled.get(entry.lane) ?? 1) - 1;
      if (left === 0) scheduled.delete(entry.lane);
      else scheduled.set(entry.lane, left);
    }
  }

  for (const [key, entry] of store.entries()) index(key, entry);

  const read = (keys: Iterable<string>): ParkedEntry[] =>
    [...keys].sort().flatMap(key => {
      const entry = store.get(key);
      return entry === undefined ? [] : [[key, entry] as const];
    });

  function* entriesOf(lane: string): Generator<ParkedEntry> {
    const customer = lanes.get(lane)?.customer;
    if (customer === undefined) return;
    for (const topic of topics)
      for (const [key, entry] of store.entries(`${customer}/${topic}/`))
        if (entry.kind === 'exception' && entry.lane === lane) yield [key, entry];
  }

  return {
    get: key => store.get(key),
    put(key, entry) {
      const before = store.get(key);
      if (before !== undefined) unindex(key, before);
      store.put(key, entry, {
        timestampMs: Math.round(entry.received_at / 1000),
        headers: traceOf(entry.headers),
      });
      index(key, entry);
    },
    delete(key) {
      const before = store.get(key);
      if (before === undefined) return;
      unindex(key, before);
      store.delete(key);
    },
    blocks: lane => lanes.has(lane),
    holds: lane => scheduled.has(lane),
    lane(lane, limit = Infinity) {
      const found: ParkedEntry[] = [];
      for (const entry of entriesOf(lane)) if (found.push(entry) >= limit) break;
      return found;
    },
    entriesOf,
    laneNames: () => lanes.keys(),
    steppedAside: customer => read(stepped.get(customer) ?? []),
    due(nowMs, limit) {
      const keys: string[] = [];
      for (const [key, at] of due) {
        if (at > nowMs) continue;
        keys.push(key);
        if (keys.length === limit) break;
      }
      return read(keys);
    },
    releasedLanes(closing) {
      const names = new Set<string>();
      for (const { lane, parkedAt } of released.values())
        if (lane !== null && !closing(lane, parkedAt)) names.add(lane);
      return [...names];
    },
    releasedAlone(limit, closing) {
      const keys: string[] = [];
      for (const [key, { lane, parkedAt }] of released) {
        if (lane !== null || !alone.has(key) || closing(lane, parkedAt)) continue;
        keys.push(key);
        if (keys.length === limit) break;
      }
      return read(keys);
    },
    *exceptions() {
      for (const each of store.entries()) if (each[1].kind === 'exception') yield each;
    },
    alone: () => alone.keys(),
    counts: () => counts,
    latestAt: () => latestAt,
  };
}
