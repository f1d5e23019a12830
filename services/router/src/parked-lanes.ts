import type { Parked } from '@keelson/contracts';
import type { StateStore } from '@keelson/stream';

/** One room's open exceptions, by the customer (in resolve: the alias) that they are of. */
export interface Lanes {
  /** Whether a line stands behind an exception. */
  has(name: string): boolean;
  names(): readonly string[];
  /** One line, in the order in which it came. */
  entries(name: string): (readonly [key: string, entry: Parked])[];
  /** Those that stand alone, with nobody behind them. */
  alone(name: string): (readonly [key: string, entry: Parked])[];
  get(key: string): Parked | undefined;
  put(key: string, entry: Parked): void;
  delete(key: string): void;
  /** Who has entries that stand alone. */
  namesAlone(): readonly string[];
}

/** Reads the store once; both rooms keep their exceptions there, each looks at its own alone. */
export function createLanes(store: StateStore<Parked>, room: 'resolve' | 'route'): Lanes {
  const lanes = new Map<string, number>();
  const alone = new Map<string, number>();
  const count = (entry: Parked, difference: number): void => {
    const counts = entry.lane === null ? alone : lanes;
    const left = (counts.get(entry.key) ?? 0) + difference;
    if (left === 0) counts.delete(entry.key);
    else counts.set(entry.key, left);
  };
  const own = (key: string): Parked | undefined => {
    const entry = store.get(key);
    return entry?.target === room ? entry : undefined;
  };
  const entriesOf = (name: string, inLane: boolean): (readonly [string, Parked])[] =>
    [...store.entries(`${name}/`)].filter(
      ([, entry]) => entry.target === room && entry.key === name && (entry.lane !== null) === inLane,
    );
  for (const [, entry] of store.entries()) if (entry.target === room) count(entry, 1);
  return {
    has: name => lanes.has(name),
    names: () => [...lanes.keys()],
    namesAlone: () => [...alone.keys()],
    entries: name => (lanes.has(name) ? entriesOf(name, true) : []),
    alone: name => (alone.has(name) ? entriesOf(name, false) : []),
    get: own,
    put(key, entry) {
      const held = own(key);
      if (held !== undefined) count(held, -1);
      count(entry, 1);
      store.put(key, entry);
    },
    delete(key) {
      const held = own(key);
      if (held === undefined) return;
      count(held, -1);
      store.delete(key);
    },
  };
}
