import type { ProduceRequest } from './produce-request.ts';

/** The parts of kafkajs 2.2.4 that it does not export, as far as they are used here. The version is pinned. */
export interface KafkaMessage {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | readonly Buffer[] | undefined>>;
  readonly isControlRecord: boolean;
}

export interface PartitionData {
  readonly partition: number;
  readonly highWatermark: string;
  readonly lastStableOffset: string;
  readonly abortedTransactions: readonly { readonly producerId: string; readonly firstOffset: string }[];
  readonly messages: readonly KafkaMessage[];
}

export interface KafkaBatch {
  readonly messages: readonly KafkaMessage[];
  readonly rawMessages: readonly KafkaMessage[];
  lastOffset(): string;
}

export interface Broker {
  fetch(request: {
    isolationLevel: number;
    maxWaitTime: number;
    minBytes: number;
    maxBytes: number;
    topics: { topic: string; partitions: { partition: number; fetchOffset: string; maxBytes: number }[] }[];
  }): Promise<{ responses: { topicName: string; partitions: PartitionData[] }[] }>;
  offsetFetch(request: {
    groupId: string;
    topics: { topic: string; partitions: { partition: number }[] }[];
  }): Promise<{
    responses: {
      topic: string;
      partitions: { partition: number; offset: string; metadata: string | null }[];
    }[];
  }>;
}

export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  refreshMetadata(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Record<string, number[]>;
  findTopicPartitionMetadata(topic: string): { partitionId: number; leader: number }[];
  findBroker(node: { nodeId: string | number }): Promise<Broker>;
  findGroupCoordinator(group: { groupId: string }): Promise<Broker>;
  findGroupCoordinatorMetadata: (
    this: object,
    group: { groupId: string; coordinatorType: number },
  ) => Promise<object>;
  removeBroker(address: { host: string; port: number }): void;
  fetchTopicsOffset(
    topics: { topic: string; fromBeginning: boolean; partitions: { partition: number }[] }[],
  ): Promise<{ topic: string; partitions: { partition: number; offset: string }[] }[]>;
  readonly brokerPool: { readonly metadata: { readonly clusterId: string } | null };
}

/** What kafkajs' broker asks its produce requests to say; ids are text or a number, absent outside transactions. */
export interface ProduceArguments extends Omit<ProduceRequest, 'producerId' | 'producerEpoch'> {
  readonly producerId?: string | number;
  readonly producerEpoch?: number;
  readonly compression: number;
}

interface ProduceProtocol {
  readonly request: { readonly encode: () => Promise<{ readonly buf: Buffer; readonly buffer: Buffer }> };
}

export interface Internals {
  readonly Cluster: { new (options: Record<string, unknown>): Cluster; readonly prototype: Cluster };
  readonly Batch: new (topic: string, fetchedOffset: string, data: PartitionData) => KafkaBatch;
  readonly createLogger: (options: { level: number; logCreator: unknown }) => unknown;
  /** Looked up by every broker when it has learned the versions that it shares with us. */
  readonly produce: {
    protocol: (choice: { version: string | number }) => (options: ProduceArguments) => ProduceProtocol;
  };
}
