import { schemas, topics } from '@keelson/contracts';
import { connectAdmin, createCodec, readTopic, silentLogger } from '@keelson/stream';
import type { Codec, KafkaConnection, TaskRecord } from '@keelson/stream';
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
  /** What is on `ingress.<source>`. */
  read(): Promise<TaskRecord[]>;
  close(): Promise<void>;
}

export const partitionCount = 2;

export async function createInstallation(stripeUrl: string): Promise<Installation> {
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
  await admin.createTopics(
    own.map(name => ({ name, partitions: partitionCount, replicationFactor: 1, config: {} })),
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
    async read() {
      const records: TaskRecord[] = [];
      for await (const record of readTopic(topics.ingress(source), { kafka, codec })) records.push(record);
      return records;
    },
    async close() {
      await admin.deleteTopics(own);
      await admin.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

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
