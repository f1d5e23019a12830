import type { Admin as KafkaAdmin } from 'kafkajs';
import type { KafkaConnection } from './api.ts';
import { createClient, isCoordinatorAway, kafkajs } from './client/index.ts';
import type { Logger } from './logger.ts';

export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Settings that differ from the broker's. */
  readonly config: Readonly<Record<string, string>>;
}

export interface TopicDescription {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Every setting in force. */
  readonly config: Readonly<Record<string, string>>;
  /** Names of the settings that were set on the topic itself. */
  readonly overrides: readonly string[];
}

export interface PartitionOffsets {
  readonly partition: number;
  readonly earliest: bigint;
  readonly end: bigint;
}

/** What operators' commands need of a cluster. Nothing deletes anything but what is called so. */
export interface Admin {
  clusterId(): Promise<string>;
  topicNames(): Promise<string[]>;
  /** Of those that exist. */
  describeTopics(names: readonly string[]): Promise<TopicDescription[]>;
  /** Creates what is missing; what exists stays as it is. Returns the names of the created. */
  createTopics(topics: readonly NewTopic[]): Promise<string[]>;
  /** Changes these settings and keeps all others of the topic. */
  setTopicConfig(name: string, config: Readonly<Record<string, string>>): Promise<void>;
  /** Settings of every broker, by broker id. */
  brokerConfig(names: readonly string[]): Promise<Map<number, Record<string, string>>>;
  topicOffsets(topic: string): Promise<PartitionOffsets[]>;
  /** First offset whose record is at or after `timestampMs`, by partition; the end where there is none. */
  offsetsAt(topic: string, timestampMs: number): Promise<Map<number, bigint>>;
  /** Committed offsets of a group, by topic, then by partition; partitions without one are absent. */
  groupOffsets(groupId: string, topics: readonly string[]): Promise<Map<string, Map<number, bigint>>>;
  /** Deletes every record before these offsets, by partition. */
  deleteRecords(topic: string, before: ReadonlyMap<number, bigint>): Promise<void>;
  deleteTopics(names: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

const topicSource = 1;
const answerLimitMs = 30_000;
const answerRetryMs = 50;

export async function connectAdmin(kafka: KafkaConnection, logger: Logger): Promise<Admin> {
  const admin = createClient(kafka, logger).admin();
  await admin.connect();
  return {
    clusterId: async () => (await admin.describeCluster()).clusterId,
    topicNames: () => admin.listTopics(),
    describeTopics: names => describeTopics(admin, names),
    async createTopics(topics) {
      const existing = new Set(await admin.listTopics());
      const missing = topics.filter(({ name }) => !existing.has(name));
      if (missing.length > 0)
        await admin.createTopics({ waitForLeaders: false, topics: missing.map(toKafka) });
      for (const { name } of missing) await untilLed(admin, name);
      return missing.map(({ name }) => name);
    },
    async setTopicConfig(name, config) {
      // Kafka's request replaces all settings of the topic: the others go along.
      const [current] = await describeTopics(admin, [name]);
      const kept = (current?.overrides ?? []).map(
        setting => [setting, current?.config[setting] ?? ''] as const,
      );
      const configEntries = [...new Map([...kept, ...Object.entries(config)])].map(([key, value]) => ({
        name: key,
        value,
      }));
      await admin.alterConfigs({
        validateOnly: false,
        resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name, configEntries }],
      });
    },
    async brokerConfig(names) {
      const { brokers } = await admin.describeCluster();
      const found = new Map<number, Record<string, string>>();
      for (const { nodeId } of brokers) {
        const resource = {
          type: kafkajs.ConfigResourceTypes.BROKER,
          name: String(nodeId),
          configNames: [...names],
        };
        const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
        found.set(
          nodeId,
          Object.fromEntries(
            (resources[0]?.configEntries ?? []).map(each => [each.configName, each.configValue]),
          ),
        );
      }
      return found;
    },
    async topicOffsets(topic) {
      const offsets = await admin.fetchTopicOffsets(topic);
      return offsets
        .map(({ partition, low, high }) => ({ partition, earliest: BigInt(low), end: BigInt(high) }))
        .sort((a, b) => a.partition - b.partition);
    },
    async offsetsAt(topic, timestampMs) {
      const offsets = await admin.fetchTopicOffsetsByTimestamp(topic, timestampMs);
      return new Map(offsets.map(({ partition, offset }) => [partition, BigInt(offset)]));
    },
    async groupOffsets(groupId, topics) {
      const found = new Map<string, Map<number, bigint>>();
      const offsets = await untilAnswered(
        () => admin.fetchOffsets({ groupId, topics: [...topics] }),
        isCoordinatorAway,
      );
      for (const { topic, partitions } of offsets) {
        const committed = partitions.map(({ partition, offset }) => [partition, BigInt(offset)] as const);
        found.set(topic, new Map(committed.filter(([, offset]) => offset >= 0n)));
      }
      return found;
    },
    async deleteRecords(topic, before) {
      // kafkajs knows the leaders only after it was asked for something else.
      await admin.fetchTopicOffsets(topic);
      const partitions = [...before].map(([partition, offset]) => ({ partition, offset: String(offset) }));
      await admin.deleteTopicRecords({ topic, partitions });
    },
    deleteTopics: names => admin.deleteTopics({ topics: [...names] }),
    close: () => admin.disconnect(),
  };
}

const toKafka = ({ name, partitions, replicationFactor, config }: NewTopic) => ({
  topic: name,
  numPartitions: partitions,
  replicationFactor,
  configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
});

async function describeTopics(admin: KafkaAdmin, names: readonly string[]): Promise<TopicDescription[]> {
  const existing = new Set(await admin.listTopics());
  const found = names.filter(name => existing.has(name));
  if (found.length === 0) return [];
  const { topics } = await admin.fetchTopicMetadata({ topics: found });
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: found.map(name => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
  });
  const described = new Map(topics.map(topic => [topic.name, topic]));
  return found.map(name => {
    const partitions = described.get(name)?.partitions ?? [];
    const entries = resources.find(({ resourceName }) => resourceName === name)?.configEntries ?? [];
    const config = Object.fromEntries(
      entries.map(({ configName, configValue }) => [configName, configValue]),
    );
    const overrides = entries
      .filter(({ configSource }) => (configSource as number) === topicSource)
      .map(({ configName }) => configName);
    return {
      name,
      partitions: partitions.length,
      replicationFactor: partitions[0]?.replicas.length ?? 0,
      config,
      overrides,
    };
  });
}

/** A topic exists before every broker knows who leads it; kafkajs' own wait fails on brokers that know nothing yet. */
const untilLed = (admin: KafkaAdmin, topic: string): Promise<unknown> =>
  untilAnswered(
    () => admin.fetchTopicOffsets(topic),
    () => true,
  );

/** Asks again for half a minute at most while what went wrong is `passing`. */
async function untilAnswered<T>(ask: () => Promise<T>, passing: (error: unknown) => boolean): Promise<T> {
  const giveUpAt = Date.now() + answerLimitMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!passing(error) || Date.now() > giveUpAt) throw error;
      await new Promise(resolve => setTimeout(resolve, answerRetryMs));
    }
  }
}
