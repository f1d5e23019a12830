import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { schemas, type RecordByName } from '@keelson/contracts';
import { platform, topicNames } from '@keelson/testkit';
import type { KafkaConnection, OutputRecord, StoreDefinition, TaskDefinition, TaskRecord } from '../api.ts';
import { connectAdmin, type Admin } from '../admin.ts';
import { createClient, kafkajs } from '../client/index.ts';
import { createCodec, type Codec } from '../codec/index.ts';
import { silentLogger, type Logger } from '../logger.ts';
import { partitionOf } from '../partition.ts';
import { readTopic } from '../reader.ts';
import { runTasks, type RunningTasks, type TaskOptions } from '../task/index.ts';

/** The first test of a run starts the platform. */
export const startMs = 180_000;

/** A record with two free texts, whatever its name: tests use it for everything. */
export const record = 'keelson.internal.Seen';
export type Sample = RecordByName[typeof record];

export const sample = (text: string, number = 0): Sample => ({
  delivery_id: text,
  alias: '',
  content_hash: '',
  position: '',
  seen_at: number,
});

/** Ids as if every record had been registered on every topic. */
export function codecFor(topics: readonly string[]): Codec {
  const names = Object.keys(schemas);
  const ids = Object.fromEntries(
    topics.flatMap(topic => names.map((name, index) => [`${topic}-${name}`, index + 1])),
  );
  return createCodec({ schemas, ids });
}

export const logTo =
  (lines: string[]): Logger['info'] =>
  (fields, message) =>
    void lines.push(`${message} ${JSON.stringify(fields)}`);

/** What was logged at `warn` and `error`. */
export function listeningLogger(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  return { lines, logger: { ...silentLogger, warn: logTo(lines), error: logTo(lines) } };
}

export interface World {
  readonly kafka: KafkaConnection;
  readonly admin: Admin;
  readonly codec: Codec;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly store: StoreDefinition<typeof record>;
  readonly stateDirectory: string;
  readonly name: string;
  /** Writes samples to an input, by key. */
  feed(
    topic: string,
    entries: readonly { key: string; text: string; partition?: number; headers?: Record<string, string> }[],
  ): Promise<void>;
  /** Writes bytes as they are. */
  feedBytes(topic: string, partition: number, values: readonly (Buffer | null)[]): Promise<void>;
  /** All committed records of a topic. */
  read(topic: string): Promise<TaskRecord[]>;
  options(more?: Partial<TaskOptions>): TaskOptions;
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly partitions?: number;
  readonly inputs?: number;
  readonly storeConfig?: Readonly<Record<string, string>>;
}

/** Fresh topics on the run's broker: inputs, one output, one changelog. */
export async function createWorld({
  partitions = 2,
  inputs: count = 1,
  storeConfig = {},
}: WorldOptions = {}): Promise<World> {
  const { brokers } = await platform();
  const kafka = { brokers: brokers.split(','), clientId: 'test' };
  const named = topicNames();
  const inputs = Array.from({ length: count }, (_, index) => named(`in${index}`));
  const [output, changelog] = [named('out'), named('state')];
  const topics = [...inputs, output, changelog];
  const codec = codecFor(topics);
  const admin = await connectAdmin(kafka, silentLogger);
  await admin.createTopics(
    topics.map(name => ({
      name,
      partitions,
      replicationFactor: 1,
      config: name === changelog ? { 'cleanup.policy': 'compact', ...storeConfig } : {},
    })),
  );
  const producer = createClient(kafka, silentLogger).producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  const stateDirectory = mkdtempSync(join(tmpdir(), 'keelson-stream-'));
  return {
    kafka,
    admin,
    codec,
    inputs,
    output,
    store: { topic: changelog, record },
    stateDirectory,
    name: named('room'),
    async feed(topic, entries) {
      const messages = entries.map(({ key, text, partition = partitionOf(key, partitions), headers }) => ({
        key,
        partition,
        value: codec.encode(topic, record, sample(text)),
        ...(headers && { headers }),
      }));
      await producer.send({ topic, messages });
    },
    async feedBytes(topic, partition, values) {
      await producer.send({ topic, messages: values.map(value => ({ key: 'k', value, partition })) });
    },
    async read(topic) {
      const records: TaskRecord[] = [];
      for await (const each of readTopic(topic, { kafka, codec })) records.push(each);
      return records;
    },
    options: more => ({
      kafka,
      codec,
      stateDirectory,
      partitionCount: partitions,
      logger: silentLogger,
      ...more,
    }),
    async close() {
      await producer.disconnect();
      await admin.deleteTopics(topics);
      await admin.close();
    },
  };
}

/** Counts per key in the store, and tells each input's position and count on the output. */
export function counting(
  world: Pick<World, 'name' | 'inputs' | 'output' | 'store'>,
  more: Partial<TaskDefinition> = {},
): TaskDefinition {
  return {
    service: world.name,
    room: 'count',
    inputs: world.inputs,
    stores: [world.store],
    lingerMs: 5,
    tickMs: 100,
    createHandler: () => ({
      process(batch, context) {
        const store = context.store(world.store);
        for (const each of batch) {
          const count = (store.get(each.key)?.seen_at ?? 0) + 1;
          store.put(each.key, sample(each.key, count));
          context.send(told(world, each.key, context.position(each), count));
        }
      },
    }),
    ...more,
  };
}

export const told = (
  world: Pick<World, 'output'>,
  key: string,
  text: string,
  count: number,
): OutputRecord => ({
  topic: world.output,
  key,
  record,
  value: sample(text, count),
});

/** Starts a room and stops it when the block ends. */
export function running(definition: TaskDefinition, options: TaskOptions): RunningTasks & AsyncDisposable {
  const tasks = runTasks(definition, options);
  return { ...tasks, [Symbol.asyncDispose]: () => tasks.stop() };
}

export interface Tally {
  readonly records: number;
  readonly duplicates: string[];
  /** Keys whose counts on the output are not 1, 2, 3, …: state was lost, doubled or told out of order. */
  readonly brokenCounts: string[];
}

/** Checks what `counting` wrote. */
export function tally(output: readonly TaskRecord[]): Tally {
  const positions = new Map<string, number>();
  const counts = new Map<string, number>();
  const brokenCounts: string[] = [];
  for (const { key, value } of output) {
    const { delivery_id: position, seen_at: count } = value as Sample;
    positions.set(position, (positions.get(position) ?? 0) + 1);
    const want = (counts.get(key) ?? 0) + 1;
    if (count !== want) brokenCounts.push(`${key}: ${count} instead of ${want}`);
    counts.set(key, count);
  }
  const duplicates = [...positions].filter(([, times]) => times > 1).map(([position]) => position);
  return { records: positions.size, duplicates, brokenCounts };
}
