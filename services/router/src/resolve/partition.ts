import { microsOfMs, topics } from '@keelson/contracts';
import type { Link, Seen } from '@keelson/contracts';
import type { StateStore, StoreDefinition, TaskContext } from '@keelson/stream';
import { standingStore } from '../discards.ts';
import type { Discards } from '../discards.ts';
import type { Lanes } from '../parked-lanes.ts';
import type { RoomPorts } from '../ports.ts';
import type { Alias, SourceRules } from './sources.ts';
import type { WaitingRoom } from './waiting-room.ts';

/** As long as any source tries again (three days), and four days more. */
const seenRetentionMs = 7 * 86_400_000;

export const resolveStores = {
  links: { topic: topics.links, record: 'keelson.internal.Link' },
  waiting: { topic: topics.waiting, record: 'keelson.internal.Waiting' },
  seen: { topic: topics.seen, record: 'keelson.internal.Seen', retentionMs: seenRetentionMs },
  parked: { topic: topics.parked('router'), record: 'keelson.internal.Parked' },
  standing: standingStore,
} as const satisfies Record<string, StoreDefinition>;

/** One partition's side of the resolve room: it alone decides about the aliases of its partition. */
export interface ResolvePartition {
  readonly ports: RoomPorts;
  readonly sources: ReadonlyMap<string, SourceRules>;
  readonly links: StateStore<Link>;
  readonly seen: StateStore<Seen>;
  readonly waiting: WaitingRoom;
  readonly lanes: Lanes;
  readonly discards: Discards;
  /** Aliases that are known by now, and behind which there is still a line. */
  readonly opening: Set<string>;
  /** The account's house customer. */
  readonly houseOf: (alias: Alias) => string;
}

/** One call of the handler. */
export interface Turn {
  readonly task: TaskContext;
  /** Its instant; a discard moves it on by one, so that what the same batch parks behind it is later. */
  nowMicros: number;
  /** How many that stood in line may still go on: a long line takes several batches, and no transaction grows with it. */
  left: number;
}

export const maxFromLines = 2000;

export const beginTurn = (task: TaskContext): Turn => ({
  task,
  nowMicros: microsOfMs(task.now()),
  left: maxFromLines,
});
