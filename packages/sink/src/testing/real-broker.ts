import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAdmin, createPublisher, silentLogger } from '@keelson/stream';
import type { Admin, Codec, KafkaConnection, OutputRecord, TaskOptions } from '@keelson/stream';
import { platform, uniqueName } from '@keelson/testkit';
import { topics } from '@keelson/contracts';
import { codecFor } from './simulated-task.ts';

export const partitions = 3;

/** The topics of a target that no other test has, on the run's broker. */
export interface BrokerWorld {
  readonly target: string;
  readonly kafka: KafkaConnection;
  readonly codec: Codec;
  readonly admin: Admin;
  readonly stateDirectory: string;
  publish(outputs: readonly OutputRecord[]): Promise<void>;
  options(): TaskOptions;
  /** Records that a group has not yet committed, of one topic. */
  lag(groupId: string, topic: string): Promise<number>;
  close(): Promise<void>;
}

export async function createBrokerWorld(): Promise<BrokerWorld> {
  const { brokers } = await platform();
  const kafka = { brokers: brokers.split(','), clientId: 'test' };
  const target = uniqueName('sink');
  const codec = codecFor(target);
  const admin = await connectAdmin(kafka, silentLogger);
  const kept = [topics.parked(target), topics.standing(`${target}-sink`)];
  const own = [
    topics.control(`${target}-sink`),
    topics.sink(target),
    topics.sinkBulk(target),
    topics.replay(target),
    ...kept,
  ];
  const create = (name: string) => ({
    name,
    partitions,
    replicationFactor: 1,
    config: kept.includes(name) ? { 'cleanup.policy': 'compact' } : {},
  });
  // Shared names: whichever test comes first makes them.
  await admin.createTopics([...own, topics.receipts, topics.audit].map(create));
  const publisher = createPublisher({
    kafka,
    codec,
    partitionCount: partitions,
    logger: silentLogger,
    deadlineMs: 20_000,
  });
  const stateDirectory = mkdtempSync(join(tmpdir(), 'keelson-sink-'));
  return {
    target,
    kafka,
    codec,
    admin,
    stateDirectory,
    publish: outputs => publisher.publish(outputs),
    options: () => ({ kafka, codec, stateDirectory, partitionCount: partitions, logger: silentLogger }),
    async lag(groupId, topic) {
      const ends = await admin.topicOffsets(topic);
      const committed = (await admin.groupOffsets(groupId, [topic])).get(topic);
      return ends.reduce(
        (sum, { partition, end }) => sum + Number(end - (committed?.get(partition) ?? 0n)),
        0,
      );
    },
    async close() {
      await publisher.stop();
      await admin.deleteTopics(own);
      await admin.close();
    },
  };
}
