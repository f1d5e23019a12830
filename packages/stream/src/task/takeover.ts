import type { TaskHandler } from '../api.ts';
import { createLogReader, type LogReader } from '../client/index.ts';
import { restore } from '../restore.ts';
import { createStateStore, type LocalStore, type OverlaidStore } from '../state-store/index.ts';
import type { Transactor } from '../transaction.ts';
import { createBatchWork, type BatchWork } from './batch-work.ts';
import { createInbox, type Inbox } from './inbox.ts';
import type { RoomContext } from './room-context.ts';
import { openTransactor } from './transactor.ts';

/** Everything that a task has in hand between two takeovers; a doubt throws all of it away. */
export interface Holding {
  readonly transactor: Transactor;
  readonly inboxes: ReadonlyMap<string, Inbox>;
  readonly work: BatchWork;
  readonly handler: TaskHandler;
  readonly clusterId: string;
  /** What the group's offsets are known to be. */
  readonly committed: Map<string, bigint>;
}

export interface TakeoverOptions {
  readonly room: RoomContext;
  readonly partition: number;
  readonly local: LocalStore;
  readonly signal: AbortSignal;
  readonly wake: () => void;
  readonly onProgress: () => void;
}

/**
 * Makes this task the one owner of its partition, and brings it to the state of the last commit: shut out whoever was
 * before, then read what was committed, then restore. In this order; each step relies on the one before.
 */
export async function takeOver({
  room,
  partition,
  local,
  signal,
  wake,
  onProgress,
}: TakeoverOptions): Promise<Holding> {
  const { definition, options, groupId, logger } = room;
  const transactor = openTransactor(room, partition);
  // Of its own: a reader that has failed is no use to anybody, and none waits behind another task's restore.
  const reader = createLogReader(options.kafka, logger);
  try {
    await transactor.fence();
    onProgress();
    await reader.connect([...definition.inputs, ...definition.stores.map(({ topic }) => topic)]);
    const committed = await reader.committed(groupId, definition.inputs, partition);
    const inboxes = await openInboxes(room, reader, partition, committed);
    const stores = await restoreStores({ room, partition, local, signal, wake, onProgress }, reader);
    const work = createBatchWork({ partition, options, stores, signal, now: () => room.now(), wake });
    const handler = await definition.createHandler(work.context);
    return { transactor, inboxes, work, handler, committed, clusterId: reader.clusterId() };
  } catch (error) {
    void transactor.close().catch(() => undefined);
    throw error;
  } finally {
    void reader.close().catch(() => undefined);
  }
}

async function openInboxes(
  room: RoomContext,
  reader: LogReader,
  partition: number,
  committed: ReadonlyMap<string, bigint>,
): Promise<Map<string, Inbox>> {
  const inboxes = new Map<string, Inbox>();
  for (const topic of room.definition.inputs) {
    const { earliest, stableEnd } = await reader.bounds(topic, partition);
    const offset = committed.get(topic);
    const lost = offset !== undefined && (offset < earliest || offset > stableEnd);
    if (lost) {
      // Records were deleted unread, or the topic is another one now. Reading again from the start loses the least.
      room.metrics.offsetsOutOfRange(topic);
      const fields = {
        topic,
        partition,
        offset: String(offset),
        earliest: String(earliest),
        stableEnd: String(stableEnd),
      };
      room.logger.error(fields, 'committed offset is out of range: reading from the start of the log');
    }
    inboxes.set(topic, createInbox(lost || offset === undefined ? earliest : offset));
  }
  return inboxes;
}

async function restoreStores(
  { room, partition, local, signal, onProgress }: TakeoverOptions,
  reader: LogReader,
): Promise<OverlaidStore<unknown>[]> {
  const { definition, options, logger } = room;
  options.faultPoint?.('restoring');
  const stores: OverlaidStore<unknown>[] = [];
  for (const store of definition.stores) {
    const generation = options.generationOf?.(store.topic) ?? 1;
    const startedMs = room.now();
    const now = (): number => room.now();
    const restored = await restore({
      definition: store,
      partition,
      generation,
      reader,
      local,
      now,
      signal,
      onPage: onProgress,
    });
    const { wiped, records } = restored;
    logger.debug(
      { store: store.topic, partition, records, wiped, durationMs: room.now() - startedMs },
      'restored',
    );
    stores.push(createStateStore(store, local.table(store.topic), { codec: options.codec, now }));
  }
  return stores;
}
