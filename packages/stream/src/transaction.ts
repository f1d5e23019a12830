import type { KafkaConnection, FaultPoint } from './api.ts';
import { createClient, isConcurrentTransactions } from './client/index.ts';
import type { Logger } from './logger.ts';
import { chunks, explicitPartition, noteWritten, type Outgoing } from './outgoing.ts';

export interface Commit {
  readonly groupId: string;
  readonly partition: number;
  /** The next offset to read, by input topic. */
  readonly offsets: ReadonlyMap<string, bigint>;
  readonly records: readonly Outgoing[];
}

export interface Committed {
  /** The offset behind the last record that this commit wrote to a topic's partition. */
  nextOffset(topic: string, partition: number): bigint | undefined;
}

/**
 * One transactional producer, good until its first failure: after any rejected call nobody knows what the broker has, so
 * the owner closes it and takes over anew.
 */
export interface Transactor {
  /** Ends whatever an earlier owner of the id had open, and shuts it out. Returns when that is done. */
  fence(): Promise<void>;
  /** Records and offsets, all or nothing. Rejects when it may or may not have happened. */
  commit(commit: Commit): Promise<Committed>;
  close(): Promise<void>;
}

export interface TransactorOptions {
  readonly connection: KafkaConnection;
  readonly transactionalId: string;
  readonly logger: Logger;
  readonly faultPoint?: (point: FaultPoint) => void;
}

const transactionTimeoutMs = 15_000;
const requestTimeoutMs = 10_000;
const concurrentRetryMs = 5;
const concurrentLimitMs = 10_000;
const endTxn = 26;

export function createTransactor({
  connection,
  transactionalId,
  logger,
  faultPoint,
}: TransactorOptions): Transactor {
  const watch = faultPoint && {
    onRequest: (apiKey: number) => apiKey === endTxn && faultPoint('commit_sent'),
  };
  const producer = createClient(connection, logger, { requestTimeoutMs, ...watch }).producer({
    transactionalId,
    transactionTimeout: transactionTimeoutMs,
    maxInFlightRequests: 1,
    // A retry would send what another broker already has once more, under a new sequence number.
    retry: { retries: 0 },
    createPartitioner: () => explicitPartition,
    allowAutoTopicCreation: false,
  });

  return {
    async fence() {
      await producer.connect();
      const transaction = await producer.transaction();
      await transaction.abort();
    },
    /**
     * Offsets go first. The broker answers the end of a transaction before it is written everywhere, so the next one's
     * first request is often refused (CONCURRENT_TRANSACTIONS) and must be repeated. Repeated offsets do no harm; a
     * repeated send, of which one broker of several had taken its part, would double records.
     */
    async commit({ groupId, partition, offsets, records }) {
      const transaction = await producer.transaction();
      const topics = [...offsets].map(([topic, offset]) => ({
        topic,
        partitions: [{ partition, offset: String(offset) }],
      }));
      await untilFree(() => transaction.sendOffsets({ consumerGroupId: groupId, topics }));
      faultPoint?.('offsets_sent');
      const written = new Map<string, bigint>();
      for (const topicMessages of chunks(records)) {
        for (const answer of await transaction.sendBatch({ topicMessages }))
          noteWritten(written, answer, topicMessages);
      }
      faultPoint?.('sent');
      await transaction.commit();
      return { nextOffset: (topic, each) => written.get(`${topic}/${each}`) };
    },
    close: () => producer.disconnect(),
  };
}

async function untilFree(request: () => Promise<void>): Promise<void> {
  const giveUpAt = Date.now() + concurrentLimitMs;
  for (;;) {
    try {
      await request();
      return;
    } catch (error) {
      if (!isConcurrentTransactions(error) || Date.now() > giveUpAt) throw error;
      await new Promise(resolve => setTimeout(resolve, concurrentRetryMs));
    }
  }
}
