import type { KafkaConnection } from '../api.ts';
import type { Logger } from '../logger.ts';
import { createCluster } from './connection.ts';
import type { KafkaMessage } from './internals.ts';
import { internals } from './kafkajs.ts';

export interface PartitionPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

export interface FetchedPartition extends PartitionPosition {
  /** Committed data records at or after `offset`. */
  readonly messages: readonly KafkaMessage[];
  /** Where the next fetch begins: past control and aborted records too. */
  readonly next: bigint;
  /** The last stable offset when the broker answered. */
  readonly stableEnd: bigint;
  /** Where the log ended when the broker answered, records of open transactions included. */
  readonly end: bigint;
}

export interface LogBounds {
  readonly earliest: bigint;
  /** The last stable offset: no committed record lies beyond, no open transaction before it. */
  readonly stableEnd: bigint;
}

/** Reads partitions by offset, without a consumer group. Every call may fail with kafkajs' errors; none is retried here. */
export interface LogReader {
  connect(topics: readonly string[]): Promise<void>;
  /**
   * Starts afresh with new connections; call it after an error. A client of kafkajs whose broker fell silent while it
   * connected never works again.
   */
  reconnect(): Promise<void>;
  clusterId(): string;
  partitionCount(topic: string): number;
  leaderOf(topic: string, partition: number): string;
  bounds(topic: string, partition: number): Promise<LogBounds>;
  /** One request to one broker: returns as soon as any of the partitions has data, at the latest after `maxWaitMs`. */
  fetch(
    leader: string,
    positions: readonly PartitionPosition[],
    maxWaitMs: number,
  ): Promise<FetchedPartition[]>;
  /** Committed offsets of one partition of each topic; topics without one are absent. */
  committed(groupId: string, topics: readonly string[], partition: number): Promise<Map<string, bigint>>;
  close(): Promise<void>;
}

const maxBytesPerPartition = 1 << 20;
const maxBytesPerFetch = 16 << 20;

export function createLogReader(connection: KafkaConnection, logger: Logger): LogReader {
  let cluster = createCluster(connection, logger);
  let connected = false;
  const wanted = new Set<string>();

  const request = async (
    leader: string,
    positions: readonly PartitionPosition[],
    maxWaitMs: number,
  ): Promise<FetchedPartition[]> => {
    const broker = await cluster.findBroker({ nodeId: leader });
    const { responses } = await broker.fetch({
      isolationLevel: 1,
      maxWaitTime: maxWaitMs,
      minBytes: 1,
      maxBytes: maxBytesPerFetch,
      topics: groupByTopic(positions),
    });
    return responses.flatMap(({ topicName: topic, partitions }) =>
      partitions.map(data => {
        const { partition } = data;
        const offset =
          positions.find(each => each.topic === topic && each.partition === partition)?.offset ?? 0n;
        const batch = new internals.Batch(topic, String(offset), data);
        const next = batch.rawMessages.length === 0 ? offset : BigInt(batch.lastOffset()) + 1n;
        return {
          topic,
          partition,
          offset,
          messages: batch.messages,
          next,
          stableEnd: BigInt(data.lastStableOffset),
          end: BigInt(data.highWatermark),
        };
      }),
    );
  };

  /**
   * Nothing came although there should be something: either the response was full, or compaction left a batch without
   * records. Asked for alone, a broker always sends what is there, so a second nothing means: no record at this offset.
   */
  const stepOver = async (leader: string, stuck: FetchedPartition): Promise<FetchedPartition> => {
    const [alone] = await request(leader, [stuck], 0);
    if (alone === undefined || alone.next > alone.offset || alone.offset >= alone.stableEnd)
      return alone ?? stuck;
    return { ...alone, next: alone.offset + 1n };
  };

  function renew(): void {
    void cluster.disconnect().catch(() => undefined);
    cluster = createCluster(connection, logger);
    connected = false;
  }

  async function connect(topics: readonly string[]): Promise<void> {
    try {
      if (!connected) await cluster.connect();
      connected = true;
      await cluster.addMultipleTargetTopics(topics);
      for (const topic of topics) wanted.add(topic);
    } catch (error) {
      renew();
      throw error;
    }
  }

  return {
    connect,
    reconnect() {
      renew();
      return connect([...wanted]);
    },
    clusterId: () => cluster.brokerPool.metadata?.clusterId ?? '',
    partitionCount: topic => cluster.findTopicPartitionMetadata(topic).length,
    leaderOf(topic, partition) {
      const leader = Object.keys(cluster.findLeaderForPartitions(topic, [partition]))[0];
      if (leader === undefined) throw new Error(`no leader is known for ${topic}/${partition}`);
      return leader;
    },
    async bounds(topic, partition) {
      const ask = async (fromBeginning: boolean): Promise<bigint> => {
        const answers = await cluster.fetchTopicsOffset([
          { topic, fromBeginning, partitions: [{ partition }] },
        ]);
        const offset = answers[0]?.partitions[0]?.offset;
        if (offset === undefined) throw new Error(`no offset of ${topic}/${partition} came back`);
        return BigInt(offset);
      };
      const earliest = await ask(true);
      return { earliest, stableEnd: await ask(false) };
    },
    async fetch(leader, positions, maxWaitMs) {
      await cluster.refreshMetadataIfNecessary();
      const fetched = await request(leader, positions, maxWaitMs);
      return Promise.all(
        fetched.map(async each =>
          each.next === each.offset && each.offset < each.stableEnd ? stepOver(leader, each) : each,
        ),
      );
    },
    async committed(groupId, topics, partition) {
      const coordinator = await cluster.findGroupCoordinator({ groupId });
      const { responses } = await coordinator.offsetFetch({
        groupId,
        topics: topics.map(topic => ({ topic, partitions: [{ partition }] })),
      });
      const found = new Map<string, bigint>();
      for (const { topic, partitions } of responses) {
        const offset = BigInt(partitions[0]?.offset ?? '-1');
        if (offset >= 0n) found.set(topic, offset);
      }
      return found;
    },
    close: () => cluster.disconnect(),
  };
}

function groupByTopic(positions: readonly PartitionPosition[]): {
  topic: string;
  partitions: { partition: number; fetchOffset: string; maxBytes: number }[];
}[] {
  const topics = new Map<string, { partition: number; fetchOffset: string; maxBytes: number }[]>();
  for (const { topic, partition, offset } of positions) {
    const entry = { partition, fetchOffset: String(offset), maxBytes: maxBytesPerPartition };
    const list = topics.get(topic);
    if (list === undefined) topics.set(topic, [entry]);
    else list.push(entry);
  }
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }));
}
