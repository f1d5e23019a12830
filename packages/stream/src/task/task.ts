import type { TaskRecord } from '../api.ts';
import {
  isFenced,
  isKafkaError,
  messageOf,
  type FetchedPartition,
  type KafkaMessage,
  type PartitionPosition,
} from '../client/index.ts';
import { UnknownWriter } from '../codec/index.ts';
import { openLocalStore, type LocalStore } from '../state-store/index.ts';
import { inBatchSpan } from '../trace.ts';
import type { Lag } from '../metrics.ts';
import { commitWork } from './commit.ts';
import { decodeAll } from './decode-record.ts';
import { learnWriter } from './learn-writer.ts';
import { sessionTimeoutMs } from './membership.ts';
import type { TaskPhase, TaskStatus } from './options.ts';
import type { RoomContext } from './room-context.ts';
import { createWake, delay } from './signal.ts';
import { takeOver, type Holding } from './takeover.ts';

/** One partition of a room, from its assignment until it is lost. */
export interface Task {
  readonly partition: number;
  /** Resolves when it runs for the first time, or has ended. */
  readonly started: Promise<void>;
  /** Resolves when its loop has ended and its store is closed. */
  readonly ended: Promise<void>;
  /** What it would fetch now. */
  wanted(): readonly PartitionPosition[];
  deliver(fetched: FetchedPartition): void;
  /** Its position of `topic` is gone from the log: take over again. */
  outOfRange(topic: string): void;
  lags(): Lag[];
  status(): TaskStatus;
  /** How long a handler has been at work without coming back, in ms. */
  busyForMs(): number;
  /** Ends outside calls, finishes or discards what is in hand. */
  end(): void;
}

const firstRetryMs = 100;
const lastRetryMs = 10_000;
const expiryIntervalMs = 600_000;

interface Taken {
  readonly topic: string;
  readonly partition: number;
  readonly message: KafkaMessage;
}

export function createTask(room: RoomContext, partition: number, before: Promise<void>): Task {
  const { definition, options, maxBatchRecords, lingerMs, tickMs, logger } = room;
  const lifetime = new AbortController();
  const { signal } = lifetime;
  const wake = createWake();
  const started = Promise.withResolvers<void>();
  let holding: Holding | undefined;
  let phase: TaskPhase = 'taking_over';
  let problem: string | undefined;
  let rangeLost = false;
  let failures = 0;
  let busySinceMs = Infinity;
  let lastBatchMs = -Infinity;
  let lastTickMs = -Infinity;
  let lastExpiryMs = -Infinity;
  let oldestMs = new Map<string, number>();

  async function run(): Promise<void> {
    await before;
    const local = signal.aborted
      ? undefined
      : openLocalStore(`${options.stateDirectory}/${room.groupId}`, String(partition));
    try {
      while (local !== undefined && !signal.aborted) {
        try {
          await step(local);
        } catch (error) {
          if (error instanceof UnknownWriter) await learn(error);
          else await doubt(error);
        }
      }
    } finally {
      phase = 'ended';
      await drop();
      local?.close();
      started.resolve();
    }
  }

  /** One thing at a time: take over, or a batch, or a tick, or wait. */
  async function step(local: LocalStore): Promise<void> {
    if (holding === undefined) {
      phase = 'taking_over';
      if (await confirmed()) await takeOverNow(local);
      return;
    }
    const sizes = demands(holding);
    const total = sizes.reduce((sum, { take }) => sum + take, 0);
    const now = room.clock();
    const batchInMs = total === 0 ? Infinity : total >= maxBatchRecords ? 0 : lastBatchMs + lingerMs - now;
    const tickInMs = lastTickMs + tickMs - now;
    if (rangeLost) throw new Error('a position is out of range');
    // A tick that is due goes first: a task that always has a batch would never come to it.
    if (tickInMs <= 0) await runTick(local, holding);
    else if (batchInMs <= 0) await runBatch(local, holding, sizes);
    else await wake.wait(Math.min(batchInMs, tickInMs));
  }

  async function takeOverNow(local: LocalStore): Promise<void> {
    const wakeUp = (): void => wake.set();
    const taken = await guarded(() =>
      takeOver({ room, partition, local, signal, wake: wakeUp, onProgress: busyNow }),
    );
    if (signal.aborted) {
      await taken.transactor.close().catch(() => undefined);
      return;
    }
    holding = taken;
    oldestMs = new Map();
    rangeLost = false;
    lastTickMs = room.clock();
    if (!taken.work.isEmpty()) await commit(local, taken);
    phase = 'running';
    problem = undefined;
    started.resolve();
    room.kickFetch();
  }

  /** From the first input as much as its handler wants, then from the next, up to a batch. */
  function demands({ inboxes, handler }: Holding): { topic: string; take: number }[] {
    let left = maxBatchRecords;
    const sizes: { topic: string; take: number }[] = [];
    for (const topic of definition.inputs) {
      const size = inboxes.get(topic)?.size() ?? 0;
      if (size === 0 || left === 0) continue;
      const take = Math.min(size, left, handler.demand?.(topic) ?? maxBatchRecords);
      if (take > 0) sizes.push({ topic, take });
      left -= Math.max(0, take);
    }
    return sizes;
  }

  async function runBatch(
    local: LocalStore,
    held: Holding,
    sizes: readonly { topic: string; take: number }[],
  ): Promise<void> {
    if (!(await confirmed())) return;
    lastBatchMs = room.clock();
    const taken: Taken[] = [];
    for (const { topic, take } of sizes)
      for (const message of held.inboxes.get(topic)?.take(take) ?? [])
        taken.push({ topic, partition, message });
    room.kickFetch();
    const records = await decodeAll(options.codec, taken, signal, cannotRead);
    if (records === undefined) return;
    options.faultPoint?.('fetched');
    await work(held, records);
    options.faultPoint?.('computed');
    await commit(local, held);
    failures = 0;
    problem = undefined;
    noteAges(held, taken);
    for (const { topic, take } of sizes) room.metrics.batch(take, topic);
  }

  async function work(held: Holding, records: readonly TaskRecord[]): Promise<void> {
    const topic = records[0]?.topic ?? '';
    await inBatchSpan({ topic, partition, groupId: room.groupId, records }, () =>
      guarded(async () => held.handler.process(records, held.work.context)),
    );
  }

  async function runTick(local: LocalStore, held: Holding): Promise<void> {
    lastTickMs = room.clock();
    if (held.handler.tick !== undefined && (await confirmed())) {
      await guarded(async () => held.handler.tick?.(held.work.context));
    }
    // Control and aborted records at the end of an input are behind us too: say so, once, or the lag never gets to 0.
    const moved = [...held.inboxes].some(
      ([topic, inbox]) => inbox.size() === 0 && inbox.position() !== held.committed.get(topic),
    );
    if (moved || !held.work.isEmpty()) await commit(local, held);
    expire(local, held);
  }

  async function commit(local: LocalStore, held: Holding): Promise<void> {
    busyNow();
    try {
      await commitWork({
        room,
        partition,
        held,
        local,
        renew: transactor => (holding = { ...held, transactor }),
      });
    } finally {
      busySinceMs = Infinity;
    }
  }

  /**
   * A takeover and a handler start only while the group has lately confirmed us. After a long stop (of the process, of
   * Kafka) this waits: either a heartbeat is answered, or the group has given our partition away and ends this task.
   */
  async function confirmed(): Promise<boolean> {
    if (options.unsafe?.withoutHeartbeatRule === true) return true;
    while (room.clock() - room.membership.confirmedAt() > sessionTimeoutMs / 2) {
      if (!(await room.membership.nextHeartbeat(signal))) return false;
    }
    return !signal.aborted;
  }

  /**
   * State, or what is kept in it, was written under a schema that is not known here: ours of an earlier release. Stores
   * answer at once and cannot wait for a registry, so what is in hand is discarded, the schema learned, and the batch
   * read again.
   */
  async function learn({ schemaId, message }: UnknownWriter): Promise<void> {
    phase = 'taking_over';
    problem = message;
    await drop();
    logger.info({ room: room.groupId, partition, schemaId }, 'state of another schema: learning it');
    await learnWriter(options.codec, schemaId, signal, cannotRead);
  }

  function cannotRead(why: string): void {
    if (problem !== why)
      logger.error({ room: room.groupId, partition, error: why }, 'cannot read a record: waiting');
    problem = why;
  }

  /**
   * Something failed, and nobody knows what of it happened: discard everything and take over again. When somebody has
   * fenced us, the group says first whether the partition is still ours; else two members would fence each other.
   */
  async function doubt(error: unknown): Promise<void> {
    const fenced = isFenced(error);
    phase = 'in_doubt';
    problem = messageOf(error);
    await drop();
    if (signal.aborted) return;
    room.counts.doubts++;
    room.metrics.doubt(fenced ? 'fenced' : 'failed');
    const fields = {
      room: room.groupId,
      partition,
      error: problem,
      ...(error instanceof TypeError && { stack: error.stack }),
    };
    if (fenced) {
      room.counts.fences++;
      room.metrics.fence();
      logger.warn(fields, 'fenced: somebody else took over, or the broker ended our transaction');
      if (options.unsafe?.withoutHeartbeatRule !== true) await room.membership.nextHeartbeat(signal);
      return;
    }
    // Kafka's being away is no news here, whatever else goes wrong is.
    logger[isKafkaError(error) ? 'warn' : 'error'](
      fields,
      'in doubt: discarding what is in hand and taking over again',
    );
    await delay(Math.min(lastRetryMs, firstRetryMs * 2 ** failures++), signal);
  }

  async function drop(): Promise<void> {
    const dropped = holding;
    holding = undefined;
    busySinceMs = Infinity;
    dropped?.work.clear();
    // Not awaited while there is more to do: a dead connection answers late or never, and the fence shuts it out anyway.
    const closed = dropped?.transactor.close().catch(() => undefined);
    if (signal.aborted)
      await Promise.race([closed, new Promise(resolve => setTimeout(resolve, 1_000).unref())]);
  }

  function busyNow(): void {
    busySinceMs = room.clock();
  }

  async function guarded<T>(call: () => Promise<T>): Promise<T> {
    busyNow();
    try {
      return await call();
    } finally {
      busySinceMs = Infinity;
    }
  }

  function noteAges(held: Holding, taken: readonly Taken[]): void {
    for (const { topic, message } of taken) oldestMs.set(topic, Number(message.timestamp));
    for (const [topic, inbox] of held.inboxes)
      if (inbox.size() === 0 && inbox.fetchOffset() >= inbox.stableEnd()) oldestMs.delete(topic);
  }

  function expire(local: LocalStore, held: Holding): void {
    if (room.clock() - lastExpiryMs < expiryIntervalMs) return;
    lastExpiryMs = room.clock();
    local.write(() => {
      for (const { topic, retentionMs } of definition.stores) {
        if (retentionMs !== undefined)
          held.work.stores.find(store => store.topic === topic)?.expire(room.now() - retentionMs);
        // We own the log's end: our copy is as fresh as now, however long ago it was written.
        const checkpoint = local.table(topic).checkpoint();
        if (checkpoint !== undefined) local.table(topic).setCheckpoint({ ...checkpoint, timeMs: room.now() });
      }
    });
  }

  const ended = run().catch((error: unknown) => {
    problem = messageOf(error);
    logger.error({ room: room.groupId, partition, error: problem }, 'task ended');
  });

  function lags(): Lag[] {
    return [...(holding?.inboxes ?? [])].map(([topic, inbox]) => {
      const records = Math.max(0, Number(inbox.stableEnd() - inbox.position()));
      const oldest = oldestMs.get(topic);
      return {
        topic,
        partition,
        records,
        seconds: records === 0 || oldest === undefined ? 0 : Math.max(0, room.now() - oldest) / 1000,
      };
    });
  }

  return {
    partition,
    started: started.promise,
    ended,
    wanted() {
      if (holding === undefined || signal.aborted) return [];
      const wanted: PartitionPosition[] = [];
      for (const [topic, inbox] of holding.inboxes)
        if (inbox.bytes() < room.inboxBytes) wanted.push({ topic, partition, offset: inbox.fetchOffset() });
      return wanted;
    },
    deliver(fetched) {
      const accepted = holding?.inboxes.get(fetched.topic)?.push(fetched) ?? false;
      if (accepted && fetched.messages.length > 0) wake.set();
    },
    outOfRange(topic) {
      logger.error({ room: room.groupId, topic, partition }, 'records were deleted before they were read');
      room.metrics.offsetsOutOfRange(topic);
      rangeLost = true;
      wake.set();
    },
    lags,
    status: () => ({
      partition,
      phase,
      problem,
      inputs: lags().map(({ topic, records, seconds }) => ({
        topic,
        position: holding?.inboxes.get(topic)?.position() ?? 0n,
        lagRecords: records,
        lagSeconds: seconds,
      })),
    }),
    busyForMs: () => Math.max(0, room.clock() - busySinceMs),
    end() {
      lifetime.abort();
      wake.set();
    },
  };
}
