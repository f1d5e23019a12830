import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeFault, expandTopics, parseTopicsFile, parseTopology, schemas } from '@keelson/contracts';
import type { PolicyFault, TopicSpecification, TopicsFile, Topology } from '@keelson/contracts';
import { ConfigurationError, readKafkaConnection, readSchemaIds } from '@keelson/service/kafka';
import { connectAdmin, createCodec, fetchSchema, silentLogger } from '@keelson/stream';
import type { Admin, Codec, KafkaConnection } from '@keelson/stream';

/** What the user can mend; printed without a stack. */
export class UsageError extends Error {}

export interface ClusterFlags {
  readonly brokers?: string;
}

export interface PolicyFlags {
  readonly policy: string;
  readonly topics: string;
  readonly partitions?: string;
  readonly replicationFactor?: string;
}

export interface SchemaFlags {
  readonly registry?: string;
  readonly ids: string;
}

/** Kafka by the settings that services have; `--brokers` stands above KEELSON_KAFKA_BROKERS. */
export function kafkaOf({ brokers }: ClusterFlags): KafkaConnection {
  const text = brokers ?? process.env['KEELSON_KAFKA_BROKERS'];
  if (text === undefined)
    throw new UsageError('say where Kafka is: --brokers HOST:PORT or KEELSON_KAFKA_BROKERS');
  return readKafkaConnection('keelson-cli', { ...process.env, KEELSON_KAFKA_BROKERS: text });
}

/** The topics and what they are expanded by. */
export interface Installation {
  readonly file: TopicsFile;
  readonly topology: Topology;
  readonly topics: readonly TopicSpecification[];
}

/** Runs `use` with an admin connection that is closed afterwards. */
export async function withAdmin<T>(flags: ClusterFlags, use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = await connectAdmin(kafkaOf(flags), silentLogger);
  try {
    return await use(admin);
  } finally {
    await admin.close();
  }
}

/** The installation that the policy files describe. */
export function installation(flags: PolicyFlags): Installation {
  const file = parseTopicsFile(readText(flags.topics));
  const topology = parseTopology({
    sources: readText(join(flags.policy, 'sources.yaml')),
    targets: readText(join(flags.policy, 'targets.yaml')),
  });
  const faults: PolicyFault[] = [];
  if (!file.ok) faults.push(...file.faults);
  if (!topology.ok) faults.push(...topology.faults);
  if (!file.ok || !topology.ok) throw new UsageError(faults.map(describeFault).join('\n'));
  const topics = expandTopics(file.value, topology.value, {
    partitions: optionalCount('--partitions', flags.partitions),
    replicationFactor: optionalCount('--replication-factor', flags.replicationFactor),
  });
  return { file: file.value, topology: topology.value, topics };
}

/** A codec from the id map that `schemas apply` wrote. */
export function codecOf({ ids, registry }: SchemaFlags): Codec {
  return createCodec({
    schemas,
    ids: readIds(ids),
    ...(registry === undefined ? {} : { fetchSchema: id => fetchSchema(registry, id) }),
  });
}

function readIds(path: string): Record<string, number> {
  try {
    return readSchemaIds(path);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw new UsageError(
      `the schema id map ${path} cannot be read: keelson schemas apply writes it, --ids (or KEELSON_SCHEMA_IDS_FILE) names it`,
    );
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`);
  }
}

const optionalCount = (name: string, text: string | undefined): number | undefined =>
  text === undefined ? undefined : count(name, text);

/** A flag that counts something. */
export function count(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new UsageError(`${name} takes a whole number of at least 1, not ${text}`);
  return value;
}
