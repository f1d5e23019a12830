import type { LocalStore } from '../state-store/index.ts';
import type { Commit, Committed, Transactor } from '../transaction.ts';
import type { RoomContext } from './room-context.ts';
import type { Holding } from './takeover.ts';
import { sendAgainBlindly } from './unsafe.ts';

export interface CommitOptions {
  readonly room: RoomContext;
  readonly partition: number;
  readonly held: Holding;
  readonly local: LocalStore;
  /** For the control without re-reading alone: the task goes on with this producer. */
  readonly renew: (transactor: Transactor) => void;
}

/** Commits the work in hand and every input's position, then makes the stores' part of it local. */
export async function commitWork(options: CommitOptions): Promise<void> {
  const { room, partition, held, local } = options;
  const { work, inboxes, committed } = held;
  const offsets = new Map([...inboxes].map(([topic, inbox]) => [topic, inbox.position()]));
  const done = await send(options, { groupId: room.groupId, partition, offsets, records: work.records() });
  for (const [topic, offset] of offsets) committed.set(topic, offset);
  room.counts.transactions++;
  room.metrics.transaction();
  if (work.stores.some(store => store.pending() > 0)) settle(room, local, held, partition, done);
  work.clear();
}

function settle(
  room: RoomContext,
  local: LocalStore,
  { work, clusterId }: Holding,
  partition: number,
  done: Committed,
): void {
  local.write(() => {
    for (const store of work.stores) {
      const offset = done.nextOffset(store.topic, partition);
      store.settle();
      if (offset === undefined) continue;
      const generation = room.options.generationOf?.(store.topic) ?? 1;
      local.table(store.topic).setCheckpoint({ offset, clusterId, generation, timeMs: room.now() });
    }
  });
}

async function send({ room, partition, held, renew }: CommitOptions, commit: Commit): Promise<Committed> {
  try {
    return await held.transactor.commit(commit);
  } catch (error) {
    if (room.options.unsafe?.withoutReread !== true) throw error;
    return sendAgainBlindly(room, partition, commit, renew, error);
  }
}
