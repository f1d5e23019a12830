import { topics } from '@keelson/contracts';
import type { Fact, Ingress, Parked, Receipt, Waiting } from '@keelson/contracts';

/** A record as the tally sees it: what stands on the topics, and nothing else. */
export interface Observed {
  readonly topic: string;
  readonly key: string;
  readonly record: string | null;
  readonly value: unknown;
}

/** One of the three sums, for one source and hour or in all. `open` plus `concluded` must reach `entered`. */
export interface Sum {
  readonly entered: number;
  /** By outcome. */
  readonly concluded: Readonly<Record<string, number>>;
  /** Waiting, parked, stepped aside or scheduled: known to be unfinished. */
  readonly open: Readonly<Record<string, number>>;
  /** entered − concluded − open: on its way. Never negative; zero once everything has come to rest. */
  readonly inFlight: number;
}

export interface Sums {
  /** 1: each delivery on ingress. */
  readonly deliveries: Sum;
  /** 2: each fact that a delivery yielded. */
  readonly facts: Sum;
  /** 3: each work of a target. */
  readonly works: Readonly<Record<string, Sum>>;
}

interface Cell {
  entered: number;
  concluded: Map<string, number>;
  open: Map<string, number>;
}

/** Cells are told apart by `sum|source|hour`. */
type Cells = Map<string, Cell>;

const hourOf = (micros: number): string =>
  new Date(Math.floor(micros / 3_600_000_000) * 3_600_000).toISOString().slice(0, 13);

export interface Tally {
  observe(record: Observed): void;
  /** Everything, or one source and hour (`2026-11-23T18`, UTC). */
  sums(of?: { readonly source: string; readonly hour: string }): Sums;
  /** The sources and hours that were seen. */
  cells(): readonly { readonly source: string; readonly hour: string }[];
}

/**
 * Counts conservation on topics alone: what entered must have ended once or be open. Knows the contract and no service.
 * Feed it each record of ingress.*, router.resolved, router.waiting, parked.*, sink.*, receipts once, in offset order.
 * What was received before `since` (µs) is left out of every sum.
 */
export function createTally(targets: readonly string[], since = 0): Tally {
  const cells: Cells = new Map();
  const openEntries = new Map<string, { cell: string; kind: string }>();
  const works = new Map(
    targets.flatMap(target => [
      [topics.sink(target), target] as const,
      [topics.sinkBulk(target), target] as const,
    ]),
  );
  const parked = new Map([...targets, 'router'].map(target => [topics.parked(target), target] as const));

  const cellOf = (name: string): Cell => {
    let cell = cells.get(name);
    if (cell === undefined) cells.set(name, (cell = { entered: 0, concluded: new Map(), open: new Map() }));
    return cell;
  };
  const enter = (sum: string, source: string, receivedAt: number): void => {
    if (receivedAt >= since) cellOf(cellName(sum, source, receivedAt)).entered++;
  };
  const add = (counts: Map<string, number>, key: string, by: number): void => {
    counts.set(key, (counts.get(key) ?? 0) + by);
  };
  /** A live key is open; overwriting or a tombstone closes what stood under it before. */
  const setOpen = (
    entry: string,
    now: { readonly cell: string; readonly kind: string; readonly receivedAt: number } | null,
  ): void => {
    const before = openEntries.get(entry);
    if (before !== undefined) add(cellOf(before.cell).open, before.kind, -1);
    if (now === null || now.receivedAt < since) openEntries.delete(entry);
    else {
      openEntries.set(entry, now);
      add(cellOf(now.cell).open, now.kind, 1);
    }
  };
  const cellName = (sum: string, source: string, receivedAt: number): string =>
    `${sum}|${source}|${hourOf(receivedAt)}`;

  function observe({ topic, key, record, value }: Observed): void {
    const target = works.get(topic);
    const parkedOf = parked.get(topic);
    if (topic.startsWith('ingress.')) {
      const { source, received_at } = value as Ingress;
      enter('deliveries', source, received_at);
    } else if (topic === topics.resolved && record === 'keelson.internal.Fact') {
      const { source, received_at } = value as Fact;
      enter('facts', source, received_at);
    } else if (topic === topics.waiting) {
      const waiting = value as Waiting | null;
      setOpen(
        `${topic}|${key}`,
        waiting && {
          cell: cellName('deliveries', waiting.delivery.source, waiting.delivery.received_at),
          kind: 'waiting',
          receivedAt: waiting.delivery.received_at,
        },
      );
    } else if (target !== undefined) {
      const { source, head } = value as { source: string; head: { received_at: number } };
      enter(target, source, head.received_at);
    } else if (parkedOf !== undefined) {
      const entry = value as Parked | null;
      setOpen(
        `${topic}|${key}`,
        entry && {
          cell: cellName(sumOfParked(parkedOf, entry), sourceOfParked(entry), entry.received_at),
          kind: entry.kind,
          receivedAt: entry.received_at,
        },
      );
    } else if (topic === topics.receipts) {
      conclude(value as Receipt);
    }
  }

  function conclude({ target, outcome, source, received_at, attempts, rule, replay_id }: Receipt): void {
    if (replay_id !== null || received_at < since) return;
    const sum = target === 'resolve' ? 'deliveries' : target === 'route' ? 'facts' : target;
    // The router says of a target without work that it is filtered; nothing was tried, so no work is concluded.
    if (outcome === 'filtered' && attempts === 0 && rule === 'unsupported') return;
    add(cellOf(cellName(sum, source, received_at)).concluded, outcome, 1);
  }

  function sumOf(name: string, of?: { source: string; hour: string }): Sum {
    const concluded: Record<string, number> = {};
    const open: Record<string, number> = {};
    let entered = 0;
    for (const [key, cell] of cells) {
      const [sum, source, hour] = key.split('|');
      if (sum !== name || (of !== undefined && (source !== of.source || hour !== of.hour))) continue;
      entered += cell.entered;
      for (const [outcome, count] of cell.concluded) concluded[outcome] = (concluded[outcome] ?? 0) + count;
      for (const [kind, count] of cell.open) if (count !== 0) open[kind] = (open[kind] ?? 0) + count;
    }
    const ended =
      Object.values(concluded).reduce((a, b) => a + b, 0) + Object.values(open).reduce((a, b) => a + b, 0);
    return { entered, concluded, open, inFlight: entered - ended };
  }

  return {
    observe,
    sums: of => ({
      deliveries: sumOf('deliveries', of),
      facts: sumOf('facts', of),
      works: Object.fromEntries(targets.map(target => [target, sumOf(target, of)])),
    }),
    cells: () => {
      const seen = new Set([...cells.keys()].map(key => key.slice(key.indexOf('|') + 1)));
      return [...seen].sort().map(cell => {
        const [source = '', hour = ''] = cell.split('|');
        return { source, hour };
      });
    },
  };
}

/** An entry of parked.router is a delivery in the first room, a fact in the second. */
const sumOfParked = (target: string, { topic }: Parked): string =>
  target !== 'router' ? target : topic.startsWith('ingress.') ? 'deliveries' : 'facts';

/** The source stands in the position of the delivery that caused it: ingress.<source>/partition/offset. */
const sourceOfParked = ({ position }: Parked): string =>
  /^ingress\.([^/]+)\//.exec(position)?.[1] ?? 'unknown';
