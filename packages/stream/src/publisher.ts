import { unavailable } from '@keelson/contracts';
import type { Producer } from 'kafkajs';
import type { KafkaConnection, OutputRecord } from './api.ts';
import { createClient, messageOf } from './client/index.ts';
import type { Codec } from './codec/index.ts';
import type { Logger } from './logger.ts';
import { partitionOf } from './partition.ts';
import { chunks, explicitPartition, type Outgoing } from './outgoing.ts';

/** Writes single records by many callers in few requests, with `acks=all`. Not for tasks: they have transactions. */
export interface Publisher {
  /**
   * Resolves when every replica that has to has all of `outputs`. Rejects with `Unavailable` at the deadline or when the
   * buffer is full: then any of them may have been written, or be written later, and sending them again may double them.
   */
  publish(outputs: readonly OutputRecord[]): Promise<void>;
  /** Bytes in the buffer or under way. */
  bufferedBytes(): number;
  /**
   * Whether the last write was acknowledged, or nothing was written yet. That a broker answers says nothing: one without
   * enough replicas, or room, does too. Without traffic one record of those that were given up is written again about every
   * second until it is acknowledged: who gets no traffic while unhealthy would stay so for ever.
   */
  healthy(): boolean;
  /** Sends what is buffered, waits for it (at most the deadline), and disconnects. */
  stop(): Promise<void>;
}

export interface PublisherOptions {
  readonly kafka: KafkaConnection;
  readonly codec: Codec;
  readonly partitionCount: number;
  readonly logger: Logger;
  /** How long a record may wait for company; default 5 ms. */
  readonly lingerMs?: number;
  /** From the call to the acknowledgement; default 3 s. */
  readonly deadlineMs?: number;
  /** Sends at once when so much has gathered, and sends no more in one request; default 1 MiB. */
  readonly batchBytes?: number;
  /** Refuses more than this; default 32 MiB. */
  readonly maxBufferedBytes?: number;
}

interface Entry {
  readonly records: readonly Outgoing[];
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  /** When it has lingered long enough. */
  readonly dueMs: number;
  readonly expiresAtMs: number;
  settled: boolean;
}

const overheadBytes = 100;
const firstRetryMs = 50;
const lastRetryMs = 500;
const probeMs = 1_000;
const sweepMs = 50;

export function createPublisher(options: PublisherOptions): Publisher {
  const { codec, partitionCount, logger } = options;
  const { lingerMs = 5, deadlineMs = 3_000, batchBytes = 1 << 20, maxBufferedBytes = 32 << 20 } = options;
  const open = (): Producer =>
    // How long to go on is decided here. kafkajs' own second try takes a broker that fell silent for connected.
    createClient(options.kafka, logger, { requestTimeoutMs: deadlineMs, retries: 0 }).producer({
      createPartitioner: () => explicitPartition,
      allowAutoTopicCreation: false,
    });
  let producer = open();
  const deadlines = createDeadlines(entry => {
    if (entry.settled) return;
    lastFailed = true;
    unacknowledged = entry.records.slice(0, 1);
    settle(entry, unavailable('publisher_deadline', `no acknowledgement within ${deadlineMs} ms`));
  });
  let queue: Entry[] = [];
  let queuedBytes = 0;
  let heldBytes = 0;
  let connected = false;
  let lastFailed = false;
  /** What is written while nothing else is to be, to know whether the broker takes it. */
  let unacknowledged: readonly Outgoing[] = [];
  let stopped = false;
  let lingering: NodeJS.Timeout | undefined;
  let probing: NodeJS.Timeout | undefined;
  let sending: Promise<void> | undefined;

  function publish(outputs: readonly OutputRecord[]): Promise<void> {
    if (stopped) return Promise.reject(unavailable('publisher_stopped', 'the publisher has been stopped'));
    const records = outputs.map(outgoing);
    const bytes = records.reduce(
      (sum, { key, value }) => sum + key.length + (value?.length ?? 0) + overheadBytes,
      0,
    );
    if (heldBytes + bytes > maxBufferedBytes)
      return Promise.reject(unavailable('publisher_full', 'too much waits for the broker'));
    return new Promise((resolve, reject) => {
      const dueMs = performance.now() + lingerMs;
      const entry: Entry = {
        records,
        bytes,
        resolve,
        reject,
        dueMs,
        expiresAtMs: dueMs - lingerMs + deadlineMs,
        settled: false,
      };
      queue.push(entry);
      deadlines.add(entry);
      queuedBytes += bytes;
      heldBytes += bytes;
      schedule();
    });
  }

  function outgoing({ topic, key, record, value, partition, timestampMs, headers }: OutputRecord): Outgoing {
    return {
      topic,
      key,
      partition: partition ?? partitionOf(key, partitionCount),
      value: value === null ? null : codec.encode(topic, record, value),
      timestampMs: timestampMs ?? Date.now(),
      headers,
    };
  }

  /** One send at a time: what arrives meanwhile is in the next one, and records of one key keep their order. */
  function schedule(): void {
    const [first] = queue;
    if (sending !== undefined) return;
    if (first === undefined) {
      if (lastFailed && !stopped) probing ??= setTimeout(flush, probeMs);
    } else if (queuedBytes >= batchBytes || stopped) flush();
    else lingering ??= setTimeout(flush, Math.max(0, first.dueMs - performance.now()));
  }

  function flush(): void {
    clearTimers();
    sending = send(takeBatch()).finally(() => {
      sending = undefined;
      schedule();
    });
  }

  function takeBatch(): Entry[] {
    const batch: Entry[] = [];
    let bytes = 0;
    for (const entry of queue) {
      if (bytes > 0 && bytes + entry.bytes > batchBytes) break;
      batch.push(entry);
      bytes += entry.bytes;
    }
    queue = queue.slice(batch.length);
    queuedBytes -= bytes;
    return batch;
  }

  async function send(batch: readonly Entry[]): Promise<void> {
    try {
      await sendUntilDone(batch);
      for (const entry of batch) settle(entry);
    } finally {
      for (const { bytes } of batch) heldBytes -= bytes;
    }
  }

  /** Tries again while anybody still waits for an answer: who has got one sends again by himself. */
  async function sendUntilDone(batch: readonly Entry[]): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        if (!connected) await producer.connect();
        connected = true;
        const left = batch.flatMap(({ settled, records }) => (settled ? [] : records));
        for (const topicMessages of chunks(left.length > 0 ? left : unacknowledged))
          await producer.sendBatch({ acks: -1, topicMessages });
        lastFailed = false;
        unacknowledged = [];
        return;
      } catch (error) {
        lastFailed = true;
        logger.warn({ error: messageOf(error) }, 'publishing failed');
        renew();
        if (batch.every(({ settled }) => settled)) return;
        const pauseMs = Math.min(lastRetryMs, firstRetryMs * 2 ** attempt);
        await new Promise(resolve => setTimeout(resolve, pauseMs));
      }
    }
  }

  /** A client of kafkajs whose broker fell silent while it connected never works again. */
  function renew(): void {
    void producer.disconnect().catch(() => undefined);
    producer = open();
    connected = false;
  }

  function settle(entry: Entry, error?: Error): void {
    if (entry.settled) return;
    entry.settled = true;
    if (error === undefined) entry.resolve();
    else entry.reject(error);
  }

  function clearTimers(): void {
    clearTimeout(lingering);
    clearTimeout(probing);
    lingering = probing = undefined;
  }

  async function stop(): Promise<void> {
    stopped = true;
    clearTimers();
    for (schedule(); sending !== undefined; schedule()) await sending;
    deadlines.stop();
    await producer.disconnect();
  }

  return { publish, bufferedBytes: () => heldBytes, healthy: () => !lastFailed, stop };
}

/** Every entry has the same time to live, so the oldest are always in front. */
function createDeadlines(expire: (entry: Entry) => void): { add(entry: Entry): void; stop(): void } {
  let entries: Entry[] = [];
  let timer: NodeJS.Timeout | undefined;
  const sweep = (): void => {
    const now = performance.now();
    const firstAlive = entries.findIndex(({ settled, expiresAtMs }) => !settled && expiresAtMs > now);
    const gone = firstAlive === -1 ? entries : entries.slice(0, firstAlive);
    entries = firstAlive === -1 ? [] : entries.slice(firstAlive);
    for (const entry of gone) expire(entry);
    timer = entries.length === 0 ? undefined : setTimeout(sweep, sweepMs);
  };
  return {
    add(entry) {
      entries.push(entry);
      timer ??= setTimeout(sweep, sweepMs);
    },
    stop: () => clearTimeout(timer),
  };
}
