import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { topics } from '@keelson/contracts';
import { createPublisher, silentLogger } from '@keelson/stream';
import { createTestConfiguration } from '@keelson/service/testing';
import { platform, selfSignedCertificate, startNode, startProcess, waitFor } from '@keelson/testkit';
import { freePort, javaTool, startKafka } from './platform/index.ts';
import type { Kafka } from './platform/index.ts';
import { policyDirectory, projectRoot, readCodec } from './system/installation.ts';

// Each test runs several commands, each a process of its own.
jest.setTimeout(180_000);

// A broker with a second listener: TLS, and PLAIN or SCRAM. The command line and the table have nothing but its address
// and the settings that services have.
let folder: string;
let kafka: Kafka;
let idsFile: string;
let settings: Record<string, string>;
const access = { ...selfSignedCertificate(), username: 'keelson', password: 'let-me-in' };
const scram = { username: 'scribe', password: 'also-me' };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keelson-secured-'));
  const env = { ...process.env, KAFKA_BROKERS: '' };
  kafka = await startKafka({ dataDirectory: folder, env, secured: access });
  await addScramUser();
  idsFile = join(folder, 'ids.json');
  settings = {
    KEELSON_KAFKA_BROKERS: kafka.securedBrokers ?? '',
    KEELSON_KAFKA_TLS_CA_FILE: await file('ca.pem', access.certificate),
    KEELSON_KAFKA_SASL_MECHANISM: 'plain',
    KEELSON_KAFKA_USERNAME: access.username,
    KEELSON_KAFKA_PASSWORD_FILE: await file('password', access.password),
    KEELSON_POLICY_DIRECTORY: policyDirectory,
  };
}, 300_000);
afterAll(async () => {
  await kafka?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

async function addScramUser(): Promise<void> {
  const user = ['--entity-type', 'users', '--entity-name', scram.username];
  const credential = `SCRAM-SHA-512=[iterations=4096,password=${scram.password}]`;
  const { command, args } = await javaTool(
    'kafka.admin.ConfigCommand',
    ['--bootstrap-server', kafka.brokers, '--alter', ...user, '--add-config', credential],
    { containerId: kafka.containerId },
  );
  const tool = startProcess(command, args);
  expect({ ...(await tool.exited), lines: tool.lines() }).toMatchObject({ code: 0 });
}

async function keelson(
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ code: number | null; said: string }> {
  const command = startNode(join(projectRoot, 'cli/src/main.ts'), args, { env, cwd: projectRoot });
  const { code } = await command.exited;
  return { code, said: command.lines().join('\n') };
}
/** `npm start` with that Kafka, until it ends. */
async function start(
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ code: number | null; said: string }> {
  const { registryUrl } = await platform();
  const system = startNode(
    join(projectRoot, 'infra/local/src/main.ts'),
    ['--data', join(folder, 'system'), ...args],
    {
      env: {
        ...env,
        KAFKA_BROKERS: kafka.securedBrokers ?? '',
        SCHEMA_REGISTRY_URL: registryUrl,
        DATABASE_URL: '',
      },
      cwd: projectRoot,
    },
  );
  const { code } = await system.exited;
  return { code, said: system.lines().join('\n') };
}
const apply = ['topics', 'apply', '--replication-factor', '1'];

describe('a Kafka that wants TLS and a password', () => {
  test('takes the command line by PLAIN and by SCRAM, with the settings that services have', async () => {
    expect(await keelson(apply, settings)).toMatchObject({ code: 0 });
    const scribe = {
      ...settings,
      KEELSON_KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KEELSON_KAFKA_USERNAME: scram.username,
      KEELSON_KAFKA_PASSWORD_FILE: await file('scram-password', scram.password),
    };
    expect(await keelson(apply, scribe)).toMatchObject({
      code: 0,
      said: expect.stringContaining('0 created, 0 changed'),
    });
  });

  test('refuses it with another password, and nobody trusts it by another authority', async () => {
    const stranger = { ...settings, KEELSON_KAFKA_PASSWORD_FILE: await file('wrong', 'guess') };
    const refused = await keelson(apply, stranger);
    expect(refused).toMatchObject({ code: 2, said: expect.stringContaining('KEELSON_KAFKA_PASSWORD_FILE') });
    const other = await file('other.pem', selfSignedCertificate().certificate);
    const distrusted = await keelson(apply, { ...settings, KEELSON_KAFKA_TLS_CA_FILE: other });
    expect(distrusted).toMatchObject({ code: 69, said: expect.stringContaining('certificate') });
  });

  test('refuses the ingestor with another password: it is not ready, and says what to look at', async () => {
    const configuration = createTestConfiguration();
    const stranger = { ...settings, KEELSON_KAFKA_PASSWORD_FILE: await file('stranger', 'guess') };
    const ingestor = startNode(join(projectRoot, 'services/ingestor/src/main.ts'), [], {
      env: { ...configuration.environment, ...stranger },
    });
    const { admin } = JSON.parse(await ingestor.line('"starting"', { timeoutMs: 60_000 })) as {
      admin: string;
    };
    const told = async (): Promise<string[]> => {
      const answer = (await (await fetch(`${admin}/readyz`)).json()) as { reasons?: string[] };
      return answer.reasons ?? [];
    };
    const [reason] = await waitFor('Kafka’s answer to the login', told, {
      until: ([first = '']) => first.includes('login'),
      timeoutMs: 30_000,
    });
    expect(reason).toMatch(/Kafka refuses the login: .*KEELSON_KAFKA_PASSWORD_FILE/);
    expect(ingestor.lines().join('\n')).not.toContain('guess');
    await ingestor.kill('SIGTERM');
    configuration.remove();
  });

  test('carries the whole system: npm start takes the same settings, and gives them on', async () => {
    expect(await start(['--exit', '--events', '20'], settings)).toMatchObject({
      code: 0,
      said: expect.stringContaining('All well.'),
    });
  });

  test('is no door for plain text: without the settings nothing goes through', async () => {
    const plain = await keelson([...apply, '--brokers', kafka.securedBrokers ?? ''], {});
    expect(plain).toMatchObject({ code: 69, said: expect.stringContaining('KEELSON_KAFKA_TLS_CA_FILE') });
    expect(await start(['--no-traffic'], {})).toMatchObject({
      code: 1,
      said: expect.stringContaining('KEELSON_KAFKA_*'),
    });
  });

  test('is counted by conservation and followed by the table, though its endpoints file names the door alone', async () => {
    const { registryUrl } = await platform();
    expect(await keelson(apply, settings)).toMatchObject({ code: 0 });
    const register = ['schemas', 'apply', '--registry', registryUrl, '--ids', idsFile];
    expect(await keelson(register, settings)).toMatchObject({ code: 0 });
    const count = ['conservation', '--ids', idsFile, '--registry', registryUrl, '--json'];
    const counted = await keelson(count, settings);
    expect(counted).toMatchObject({ code: 0 });
    const before = JSON.parse(counted.said) as { deliveries: { entered: number } };
    expect(before).toMatchObject({ deliveries: { inFlight: 0 }, works: { odoo: {} } });
    await deliver();
    const { KEELSON_KAFKA_BROKERS: door, ...secrets } = settings;
    const endpoints = {
      kafka: { brokers: [door] },
      ledger: { ownerUrlFile: await file('ledger-url', 'postgres://nobody@127.0.0.1:1/none') },
      admin: {},
      schemaIdsFile: idsFile,
    };
    const port = await freePort();
    const table = startNode(
      join(projectRoot, 'infra/local/src/attach.ts'),
      ['--no-traffic', '--data', join(folder, 'table')],
      {
        env: {
          ...secrets,
          KEELSON_ENDPOINTS_FILE: await file('endpoints.json', JSON.stringify(endpoints)),
          KEELSON_PAGE_PORT: String(port),
        },
      },
    );
    const shown = async (): Promise<number | undefined> => {
      expect(table.exit()).toBeUndefined();
      const answer = await fetch(`http://127.0.0.1:${port}/table.json`);
      return ((await answer.json()) as { sums?: { deliveries: { entered: number } } }).sums?.deliveries
        .entered;
    };
    await waitFor('the table to show the delivery', shown, {
      until: entered => entered === before.deliveries.entered + 1,
      timeoutMs: 60_000,
    });
    await table.kill('SIGTERM');
  });
});

/** One delivery on ingress, written through the open listener. */
async function deliver(): Promise<void> {
  const publisher = createPublisher({
    kafka: { clientId: 'test', brokers: kafka.brokers.split(',') },
    codec: readCodec(idsFile),
    partitionCount: 3,
    logger: silentLogger,
    deadlineMs: 20_000,
  });
  const alias = 'stripe:acct_1Lantern:cus_1';
  const value = {
    delivery_id: 'evt_1',
    source: 'stripe',
    account: 'acct_1Lantern',
    received_at: Date.now() * 1000,
    content_type: 'application/json',
    headers: {},
    payload: Buffer.from('{}'),
    alias,
    secret_id: null,
    origin: 'webhook' as const,
  };
  await publisher.publish([
    { topic: topics.ingress('stripe'), key: alias, record: 'keelson.internal.Ingress', value },
  ]);
  await publisher.stop();
}
