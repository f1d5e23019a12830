import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { startNode, startProcess, waitFor } from '@keelson/testkit';
import { javaTool } from './java-tool.ts';
import { kafkaAnswers } from './kafka-probe.ts';
import { startPlatform } from './platform.ts';
import type { Platform } from './platform.ts';
import { postgresAnswers } from './postgres.ts';

/** Starts the platform in a process of its own; ends in good order when told to by Ctrl-C. */
const OWNER = `
import { startPlatform } from ${JSON.stringify(fileURLToPath(new URL('platform.ts', import.meta.url)))};
const { kafka, registry, postgres, stop } = await startPlatform({ dataDirectory: process.argv[2] as string });
// Containers do not keep a process alive.
const alive = setInterval(() => undefined, 60_000);
process.on('SIGINT', () => void stop().then(() => clearInterval(alive)));
console.log('up ' + JSON.stringify({ kafka: kafka.brokers, registry: registry.url, postgres: postgres.url }));
`;
type Addresses = { kafka: string; registry: string; postgres: string };

// None of what the machine may have set: this is about the platform we start ourselves.
const env = { ...process.env, KAFKA_BROKERS: '', SCHEMA_REGISTRY_URL: '', DATABASE_URL: '' };
let dataDirectory: string;
beforeAll(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'keelson-platform-'));
  await writeFile(join(dataDirectory, 'owner.ts'), OWNER);
  await writeFile(join(dataDirectory, 'package.json'), '{"type":"module"}');
});
afterAll(() => rm(dataDirectory, { recursive: true, force: true }));

async function topics(brokers: string, ...args: string[]): Promise<readonly string[]> {
  const tool = await javaTool('org.apache.kafka.tools.TopicCommand', [
    '--bootstrap-server',
    brokers,
    ...args,
  ]);
  const running = startProcess(tool.command, tool.args);
  expect((await running.exited).code).toBe(0);
  return running.lines();
}

async function register(registryUrl: string, subject: string, schema: string): Promise<number> {
  const response = await fetch(`${registryUrl}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema }),
  });
  return ((await response.json()) as { id: number }).id;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function expectAllGone({ kafka, registry, postgres }: Addresses): Promise<void> {
  const refused = (ask: () => Promise<unknown>) => (): Promise<boolean> =>
    ask().then(
      () => false,
      () => true,
    );
  await waitFor(
    'Kafka to end',
    refused(() => kafkaAnswers(kafka)),
  );
  await waitFor(
    'the registry to end',
    refused(() => fetch(registry)),
  );
  await waitFor(
    'PostgreSQL to end',
    refused(() => postgresAnswers(postgres)),
  );
}

test('what was started ends with its owner, killed or told to, and the next start finds the same data', async () => {
  const owner = startNode(join(dataDirectory, 'owner.ts'), [dataDirectory], { env });
  const first = JSON.parse((await owner.line(/^up /, { timeoutMs: 300_000 })).slice(3)) as Addresses;
  await topics(first.kafka, '--create', '--topic', 'kept', '--partitions', '2');
  expect(await register(first.registry, 'one', '"string"')).toBe(1);
  expect(await register(first.registry, 'two', '"long"')).toBe(2);
  await query(first.postgres, `create table kept as select 'yes' as answer`);
  await expect(startPlatform({ dataDirectory, env })).rejects.toThrow(`in use by process ${owner.pid}`);
  await owner.kill('SIGKILL');

  const second: Platform = await startPlatform({ dataDirectory, env });
  const addresses = {
    kafka: second.kafka.brokers,
    registry: second.registry.url,
    postgres: second.postgres.url,
  };
  expect(await topics(addresses.kafka, '--list')).toContain('kept');
  // Asked for in another order: an id belongs to its schema, not to the order of a start.
  expect(await register(addresses.registry, 'two', '"long"')).toBe(2);
  expect(await register(addresses.registry, 'one', '"string"')).toBe(1);
  expect(await query(addresses.postgres, 'select answer from kept')).toEqual([{ answer: 'yes' }]);
  const { mode } = await stat(join(dataDirectory, 'postgres', 'password'));
  expect(mode & 0o777).toBe(0o600);
  await second.stop();
  await expectAllGone(addresses);

  const third = startNode(join(dataDirectory, 'owner.ts'), [dataDirectory], { env });
  const last = JSON.parse((await third.line(/^up /, { timeoutMs: 60_000 })).slice(3)) as Addresses;
  expect(await third.kill('SIGINT')).toEqual({ code: 0, signal: null });
  await expectAllGone(last);
}, 600_000);
