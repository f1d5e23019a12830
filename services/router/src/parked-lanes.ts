import type { Parked } from '@keelson/contracts';
import type { StateStore } from '@keelson/stream';

/** One room's open exceptions, by the customer (in resolve: the alias) that they are of. */
export interface Lanes {
  /** Whether a line stands behind an exception. */
  has(name: string): boolean;
  names(): readonly string[];
  /** The first of one line, in the order in which it came. */
  entries(name: string, limit?: number): (readonly [key: string, entry: Parked])[];
  /** Those that stand alone, with nobody behind them. */
  alone(name: string): (readonly [key: string, entry: Parked])[];
  /** Everything of one name, or of all, in the order of the keys. */
  all(name: string | null): Iterable<readonly [key: string, entry: Parked]>;
  get(key: string): Parked | undefined;
  put(key: string, entry: Parked): void;
  delete(key: string): void;
  /** Who has entries that stand alone. */
  namesAlone(): readonly string[];
  /** Remembers, also beyond a takeover, that all that is parked under the name is to be tried again. */
  callUp(name: string): void;
  calledUp(): readonly string[];
  size(): number;
}

/** Reads the store once; both rooms keep their exceptions there, each looks at its own alone. */
export function createLanes(store: StateStore<Parked>, room: 'resolve' | 'route'): Lanes {
  const lanes = new Map<string, number>();
  const alone = new Map<string, number>();
  const called = new Map<string, number>();
  let size = 0;
  const add = (counts: Map<string, number>, name: string, difference: number): void => {
    const left = (counts.get(name) ?? 0) + difference;
    if (left === 0) counts.delete(name);
    else counts.set(name, left);
  };
  const count = ({ key, lane, released }: Parked, difference: number): void => {
    size += difference;
    add(lane === null ? alone : lanes, key, difference);
    if (released) add(called, key, difference);
  };
  const own = (key: string): Parked | undefined => {
    const entry = store.get(key);
    return entry?.target === room ? entry : undefined;
  };
  const entriesOf = (name: string, inLane: boolean, limit = Infinity): (readonly [string, Parked])[] => {
    const found: (readonly [string, Parked])[] = [];
    if (limit <= 0) return found;
    for (const each of store.entries(`${name}/`)) {
      const [, entry] = each;
      if (entry.target !== room || entry.key !== name || (entry.lane !== null) !== inLane) continue;
      if (found.push(each) >= limit) break;
    }
    return found;
  };
  const put = (key: string, entry: Parked): void => {
    const held = own(key);
    if (held !== undefined) count(held, -1);
    count(entry, 1);
    store.put(key, entry);
  };
  for (const [, entry] of store.entries()) if (entry.target === room) count(entry, 1);
  return {
    has: name => lanes.has(name),
    names: () => [...lanes.keys()],
    namesAlone: () => [...alone.keys()],
    entries: (name, limit) => (lanes.has(name) ? entriesOf(name, true, limit) : []),
    alone: name => (alone.has(name) ? entriesOf(name, false) : []),
    *all(name) {
      for (const each of store.entries(name === null ? '' : `${name}/`))
        if (each[1].target === room && (name === null || each[1].key === name)) yield each;
    },
    get: own,
    put,
    delete(key) {
      const held = own(key);
      if (held === undefined) return;
      count(held, -1);
      store.delete(key);
    },
    callUp(name) {
      // One says it for all.
      const [first] = [...entriesOf(name, true, 1), ...entriesOf(name, false, 1)];
      if (first !== undefined && !first[1].released) put(first[0], { ...first[1], released: true });
    },
    calledUp: () => [...called.keys()],
    size: () => size,
  };
}
