import { schemas, topics } from '@keelson/contracts';
import type { FetchRequest, RecordByName, RecordName, Rejected } from '@keelson/contracts';
import {
  connectAdmin,
  createCodec,
  createPublisher,
  readTopic,
  silentLogger,
  Undecodable,
} from '@keelson/stream';
import type { Codec, KafkaConnection, OutputRecord, TaskRecord } from '@keelson/stream';
import { platform, startNode } from '@keelson/testkit';
import type { TestProcess } from '@keelson/testkit';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secrets } from './receiving.ts';

/** A source of its own name, with topics, policy and secrets, on the run's broker. */
export interface Installation {
  readonly source: string;
  readonly kafka: KafkaConnection;
  readonly codec: Codec;
  readonly environment: Record<string, string>;
  /** What is on `ingress.<source>`, or on another topic. */
  read(topic?: string): Promise<TaskRecord[]>;
  /** What of `fetch.<source>` ended on `rejected`, whatever others left there. */
  rejected(): Promise<Rejected[]>;
  /** Puts a record on `fetch.<source>`; bytes are written as they are. */
  request(...asked: readonly (FetchRequest | Buffer | OutputRecord)[]): Promise<void>;
  /** A request for a balance transaction. */
  readonly movement: (id: string, changes?: Partial<FetchRequest>) => FetchRequest;
  /** How many requests the poller has not ended yet, or put behind. */
  lag(): Promise<bigint>;
  close(): Promise<void>;
}

/** As topics.yaml has it: `rejected` is shared with whatever else the run's broker is used for. */
export const partitionCount = 3;
export const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

/** `without` names a topic that is not there. */
export async function createInstallation(
  stripeUrl: string,
  { without }: { readonly without?: 'fetch' } = {},
): Promise<Installation> {
  const { brokers, registryUrl } = await platform();
  const source = `s${randomBytes(5).toString('hex')}`;
  const own = [topics.ingress(source), topics.fetch(source)];
  const ids = Object.fromEntries(
    [...own, topics.rejected].flatMap(topic =>
      Object.keys(schemas).map((name, index) => [`${topic}-${name}`, index + 1]),
    ),
  );
  const kafka = { brokers: brokers.split(','), clientId: 'test' };
  const codec = createCodec({ schemas, ids });
  const admin = await connectAdmin(kafka, silentLogger);
  const created = [topics.ingress(source), ...(without === 'fetch' ? [] : [topics.fetch(source)])];
  await admin.createTopics(
    [...created, topics.rejected].map(name => ({
      ...{ name, partitions: partitionCount, replicationFactor: 1, config: {} },
    })),
  );
  const folder = mkdtempSync(join(tmpdir(), 'keelson-ingestor-'));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  cpSync(new URL('../../../../infra/policy', import.meta.url), join(folder, 'policy'), { recursive: true });
  const keyFile = file('key', 'sk_test_0123456789');
  file(
    'policy/sources.yaml',
    `sources:
  ${source}:
    kind: stripe
    account: acct_1
    secrets_file: ${file('secrets', secrets.join('\n'))}
    api: { url: '${stripeUrl}', key_file: '${keyFile}', rate: { requests_per_second: 100, concurrency: 4 } }
`,
  );
  file(
    'policy/entities.yaml',
    `entities:
  main:
    functional_currency: EUR
    time_zone: UTC
    accounts: [{ source: ${source}, account: acct_1 }]
`,
  );
  const readAll = async (topic: string, codec: Codec): Promise<TaskRecord[]> => {
    const records: TaskRecord[] = [];
    for await (const record of readTopic(topic, { kafka, codec })) records.push(record);
    return records;
  };
  return {
    source,
    kafka,
    codec,
    environment: {
      KEELSON_ENVIRONMENT: 'test',
      KEELSON_KAFKA_BROKERS: brokers,
      KEELSON_REGISTRY_URL: registryUrl,
      KEELSON_SCHEMA_IDS_FILE: file('ids.json', JSON.stringify(ids)),
      KEELSON_POLICY_DIRECTORY: join(folder, 'policy'),
      KEELSON_TOPICS_FILE: new URL('../../../../infra/kafka/topics.yaml', import.meta.url).pathname,
      KEELSON_STATE_DIRECTORY: join(folder, 'state'),
      KEELSON_PARTITIONS: String(partitionCount),
      KEELSON_ODOO_URL: 'http://127.0.0.1:1',
      KEELSON_ODOO_DATABASE: 'none',
      KEELSON_ODOO_API_KEY_FILE: keyFile,
      KEELSON_LEDGER_DATABASE_URL_FILE: keyFile,
      KEELSON_DESK_URL: 'http://127.0.0.1:1',
      KEELSON_DESK_API_TOKEN_FILE: keyFile,
    },
    read: (topic = topics.ingress(source)) => readAll(topic, codec),
    async rejected() {
      const records = await readAll(topics.rejected, readingOnly(codec));
      return records
        .flatMap(({ record, value }) => (record === 'keelson.internal.Rejected' && value ? [value] : []))
        .filter(({ topic }) => topic === topics.fetch(source));
    },
    movement: (id, changes = {}) => ({
      source,
      account: 'acct_1',
      alias: 'stripe:acct_1:cus_1',
      object_type: 'balance_transaction',
      object_id: id,
      reason: 'fee-and-net',
      position: `ingress.${source}/0/0`,
      requested_at: 0,
      ...changes,
    }),
    async request(...asked) {
      const encode = <R extends RecordName>(topic: string, record: R, value: RecordByName[R]): Buffer =>
        Buffer.isBuffer(value) ? value : codec.encode(topic, record, value);
      const publisher = createPublisher({
        ...{ kafka, partitionCount, logger: silentLogger },
        codec: { ...codec, encode },
      });
      const topic = topics.fetch(source);
      await publisher.publish(
        asked.map(one =>
          'topic' in one
            ? one
            : {
                topic,
                key: Buffer.isBuffer(one) ? 'poison' : one.object_id,
                record: 'keelson.internal.FetchRequest' as const,
                value: one as FetchRequest,
                headers: { traceparent },
              },
        ),
      );
      await publisher.stop();
    },
    async lag() {
      const topic = topics.fetch(source);
      const ends = await admin.topicOffsets(topic);
      const committed = await admin.groupOffsets(`ingestor-poll-${source}`, [topic]);
      const at = (partition: number): bigint => committed.get(topic)?.get(partition) ?? 0n;
      return ends.reduce((sum, { partition, end }) => sum + end - at(partition), 0n);
    },
    async close() {
      await admin.deleteTopics(created);
      await admin.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Asks nobody for a schema: a record under an id that is none of `codec`'s is somebody else's, and cannot be read. */
const readingOnly = (codec: Codec): Codec => ({
  ...codec,
  decode(bytes) {
    try {
      return codec.decode(bytes);
    } catch (error) {
      throw new Undecodable('not ours', { cause: error });
    }
  },
});

export interface RunningIngestor {
  readonly process: TestProcess;
  /** `POST` here. */
  readonly webhooks: string;
  readonly admin: string;
}

/** The service as it is run, or with `killAt` the same that dies at that point. */
export async function startIngestor(
  { environment, source }: Installation,
  { killAt, env = {} }: { readonly killAt?: string; readonly env?: Record<string, string> } = {},
): Promise<RunningIngestor> {
  const script = new URL(killAt === undefined ? '../main.ts' : './killed.ts', import.meta.url).pathname;
  const process = startNode(script, killAt === undefined ? [] : [killAt], {
    env: { ...environment, ...env },
  });
  const starting = JSON.parse(await process.line('"starting"', { timeoutMs: 60_000 })) as { admin: string };
  const receiving = JSON.parse(await process.line('"receiving"', { timeoutMs: 60_000 })) as { url: string };
  return { process, webhooks: `${receiving.url}/webhooks/${source}`, admin: starting.admin };
}
