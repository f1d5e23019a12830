import { unavailable } from '@keelson/contracts';
import type { KafkaConnection, TaskRecord } from './api.ts';
import { createLogReader, messageOf, type FetchedPartition, type LogReader } from './client/index.ts';
import type { Codec } from './codec/index.ts';
import { silentLogger, type Logger } from './logger.ts';
import { decodeAll } from './task/decode-record.ts';
import { delay } from './task/signal.ts';

export interface ReadOptions {
  readonly kafka: KafkaConnection;
  readonly codec: Codec;
  readonly logger?: Logger;
  /** Default: all. */
  readonly partitions?: readonly number[];
  /** Where to begin, by partition; default: the start of the log. */
  readonly from?: ReadonlyMap<number, bigint>;
  /** Ends the reading; the iteration returns. */
  readonly signal?: AbortSignal;
  /** When nobody can explain a record's schema: wait until somebody can, or throw `Unavailable`. Default: wait. */
  readonly unknownSchema?: 'wait' | 'throw';
}

const maxWaitMs = 250;
const retryMs = 500;

/**
 * Every committed record of a topic from its start to the log's end when the reading began; no group, no offsets
 * committed. Ordered within a partition. Errors of the broker end it. What a transaction wrote that has not ended yet
 * is waited for, its time-out at most: a commit is answered before it is seen in every partition.
 */
export async function* readTopic(
  topic: string,
  options: ReadOptions,
): AsyncGenerator<TaskRecord, void, undefined> {
  const reader = createLogReader(options.kafka, options.logger ?? silentLogger);
  try {
    await reader.connect([topic]);
    for (const partition of options.partitions ?? allPartitions(reader, topic)) {
      let offset = options.from?.get(partition) ?? (await reader.bounds(topic, partition)).earliest;
      let end: bigint | undefined;
      do {
        const [page] = await reader.fetch(
          reader.leaderOf(topic, partition),
          [{ topic, partition, offset }],
          end === undefined ? 0 : maxWaitMs,
        );
        if (page === undefined) throw new Error(`no answer for ${topic}/${partition}`);
        end ??= page.end;
        yield* decoded(page, options, end);
        offset = page.next;
      } while (offset < end && options.signal?.aborted !== true);
    }
  } finally {
    await reader.close();
  }
}

/**
 * Every committed record of a topic, for as long as somebody iterates and `signal` is not aborted. Outlives the broker's
 * being away. Ordered within a partition.
 */
export async function* follow(
  topic: string,
  options: ReadOptions,
): AsyncGenerator<TaskRecord, void, undefined> {
  const signal = options.signal ?? new AbortController().signal;
  const logger = options.logger ?? silentLogger;
  const reader = createLogReader(options.kafka, logger);
  const offsets = new Map<number, bigint>();
  try {
    while (!signal.aborted) {
      let pages: FetchedPartition[];
      try {
        await reader.connect([topic]);
        await openOffsets(reader, topic, offsets, options);
        pages = await fetchAll(reader, topic, offsets);
      } catch (error) {
        logger.warn({ topic, error: messageOf(error) }, 'reading failed, trying again');
        await delay(retryMs, signal);
        await reader.reconnect().catch(() => undefined);
        continue;
      }
      for (const page of pages) {
        yield* decoded(page, options);
        offsets.set(page.partition, page.next);
      }
    }
  } finally {
    await reader.close();
  }
}

const allPartitions = (reader: LogReader, topic: string): number[] => [
  ...Array(reader.partitionCount(topic)).keys(),
];

async function openOffsets(
  reader: LogReader,
  topic: string,
  offsets: Map<number, bigint>,
  { partitions, from }: ReadOptions,
): Promise<void> {
  for (const partition of partitions ?? allPartitions(reader, topic)) {
    if (offsets.has(partition)) continue;
    offsets.set(partition, from?.get(partition) ?? (await reader.bounds(topic, partition)).earliest);
  }
}

async function fetchAll(
  reader: LogReader,
  topic: string,
  offsets: ReadonlyMap<number, bigint>,
): Promise<FetchedPartition[]> {
  const byLeader = Map.groupBy(
    [...offsets].map(([partition, offset]) => ({ topic, partition, offset })),
    ({ partition }) => reader.leaderOf(topic, partition),
  );
  const pages = await Promise.all(
    [...byLeader].map(([leader, positions]) => reader.fetch(leader, positions, maxWaitMs)),
  );
  return pages.flat();
}

async function* decoded(
  page: FetchedPartition,
  { codec, signal, logger, unknownSchema }: ReadOptions,
  end?: bigint,
): AsyncGenerator<TaskRecord> {
  const { topic, partition } = page;
  const messages =
    end === undefined ? page.messages : page.messages.filter(({ offset }) => BigInt(offset) < end);
  const taken = messages.map(message => ({ topic, partition, message }));
  const onWait = (error: string): void => {
    if (unknownSchema === 'throw')
      throw unavailable('unknown_schema', `a record of ${topic}/${partition} cannot be read: ${error}`);
    logger?.warn({ topic, partition, error }, 'cannot read a record: waiting');
  };
  yield* (await decodeAll(codec, taken, signal ?? new AbortController().signal, onWait)) ?? [];
}
