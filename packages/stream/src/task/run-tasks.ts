import { KeelsonError } from '@keelson/contracts';
import type { TaskDefinition } from '../api.ts';
import { createLogReader, messageOf } from '../client/index.ts';
import { createRoomMetrics } from '../metrics.ts';
import { createFetchLoop, type FetchLoop } from './fetch-loop.ts';
import { createMembership } from './membership.ts';
import type { RunningTasks, TaskOptions } from './options.ts';
import type { RoomContext } from './room-context.ts';
import { delay } from './signal.ts';
import { checkTopics } from './start-checks.ts';
import { createTask, type Task } from './task.ts';
import { startWatchdog } from './watchdog.ts';

const stopLimitMs = 20_000;
const startRetryMs = 1_000;

/**
 * Runs a room: joins its group, and for every partition that this member gets runs one task. Survives whatever happens to
 * Kafka while it runs; nothing is lost, and on the topics nothing is there twice, whenever the process dies.
 */
export function runTasks(definition: TaskDefinition, options: TaskOptions): RunningTasks {
  const groupId = definition.groupId ?? `${definition.service}-${definition.room}`;
  const { logger } = options;
  const now = options.now ?? Date.now;
  const clock = (): number => performance.now();
  const ending = new AbortController();
  const topics = [...definition.inputs, ...definition.stores.map(({ topic }) => topic)];
  const reader = createLogReader(options.kafka, logger);
  const tasks = new Map<number, Task>();
  const leaving = new Map<number, Promise<void>>();
  const ready = Promise.withResolvers<void>();
  let stopping: Promise<void> | undefined;

  const membership = createMembership({
    connection: options.kafka,
    groupId,
    topics: definition.inputs,
    logger,
    clock,
    owned: () => [...tasks.keys()],
    onAssigned: assign,
  });
  const loop: FetchLoop = createFetchLoop({
    reader,
    logger,
    wanted: () => [...tasks.values()].flatMap(task => task.wanted()),
    deliver: fetched => tasks.get(fetched.partition)?.deliver(fetched),
    onOutOfRange: (topic, partition) => tasks.get(partition)?.outOfRange(topic),
  });
  const room: RoomContext = {
    definition,
    options,
    groupId,
    maxBatchRecords: definition.maxBatchRecords ?? 500,
    lingerMs: definition.lingerMs ?? 50,
    tickMs: definition.tickMs ?? 1_000,
    inboxBytes: options.inboxBytes ?? 4 << 20,
    membership,
    metrics: createRoomMetrics(groupId, () => [...tasks.values()].flatMap(task => task.lags())),
    logger,
    counts: { transactions: 0, doubts: 0, fences: 0 },
    now,
    clock,
    kickFetch: () => loop.kick(),
  };
  const watchdog = startWatchdog(room, () => tasks.values());

  function assign(partitions: readonly number[], continuous: boolean): void {
    logger.info({ room: groupId, partitions, continuous }, 'partitions assigned');
    for (const [partition, task] of tasks)
      if (!continuous || !partitions.includes(partition)) leave(partition, task);
    for (const partition of partitions) {
      if (tasks.has(partition)) continue;
      tasks.set(partition, createTask(room, partition, leaving.get(partition) ?? Promise.resolve()));
    }
    void Promise.all([...tasks.values()].map(task => task.started)).then(() => ready.resolve());
  }

  function leave(partition: number, task: Task): void {
    tasks.delete(partition);
    task.end();
    const gone = task.ended.then(() => void (leaving.get(partition) === gone && leaving.delete(partition)));
    leaving.set(partition, gone);
  }

  async function start(): Promise<void> {
    while (!ending.signal.aborted) {
      try {
        await checkTopics(topics, options);
        await reader.connect(definition.inputs);
        membership.start();
        return;
      } catch (error) {
        if (error instanceof KeelsonError) throw error;
        logger.warn({ room: groupId, error: messageOf(error) }, 'Kafka does not answer, trying again');
        await delay(startRetryMs, ending.signal);
      }
    }
  }

  async function stop(): Promise<void> {
    ending.abort();
    ready.resolve();
    await starting;
    for (const [partition, task] of tasks) leave(partition, task);
    await within(stopLimitMs, Promise.all(leaving.values()));
    await within(stopLimitMs, Promise.all([membership.stop(), loop.stop()]));
    watchdog.stop();
    room.metrics.stop();
    await within(stopLimitMs, reader.close());
  }

  const starting = start().catch((error: unknown) => ready.reject(error));
  ready.promise.catch(() => undefined);

  return {
    ready: ready.promise,
    status: () => ({
      room: definition.room,
      groupId,
      confirmedForMs: clock() - membership.confirmedAt(),
      tasks: [...tasks.values()].map(task => task.status()),
      ...room.counts,
    }),
    stop: () => (stopping ??= stop()),
  };
}

/** Waits, but not for ever: what is slow to close is left to the end of the process. */
async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise(resolve => (timer = setTimeout(resolve, limitMs)));
  await Promise.race([work.catch(() => undefined), limit]);
  clearTimeout(timer);
}
