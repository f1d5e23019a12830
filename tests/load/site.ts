import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrateLedger } from '@keelson/finance-sink';
import { freePort, startPlatform } from '@keelson/local';
import { connectAdmin, silentLogger } from '@keelson/stream';
import type { Admin, Codec, KafkaConnection } from '@keelson/stream';
import { startChild, untilReady } from '../../infra/local/src/system/child.ts';
import type { Child } from '../../infra/local/src/system/child.ts';
import {
  sandboxEnvironment,
  serviceEnvironment,
  serviceNames,
  urlOf,
} from '../../infra/local/src/system/environment.ts';
import type { Addresses, Places, ServiceName } from '../../infra/local/src/system/environment.ts';
import {
  applyContract,
  policyDirectory,
  projectRoot,
  readCodec,
} from '../../infra/local/src/system/installation.ts';
import { ensureLedgerDatabase, ledgerRole, writeServiceUrl } from '../../infra/local/src/system/ledger.ts';
import { makeSecrets, readSecretFile } from '../../infra/local/src/system/secrets.ts';
import type { SecretFiles } from '../../infra/local/src/system/secrets.ts';

/** As topics.yaml has it. */
export const partitionCount = 3;
const readyWithinMs = 120_000;

export interface Program extends Child {
  readonly url: string;
}

/** An installation of its own, empty, gone afterwards; services run on it as they do in production. */
export interface Site {
  readonly kafka: KafkaConnection;
  /** Where the broker is a process of this machine. */
  readonly brokerPid: number | undefined;
  readonly admin: Admin;
  readonly codec: Codec;
  readonly addresses: Addresses;
  readonly secrets: SecretFiles;
  readonly folder: string;
  /** A service's own `main.ts`; resolves when it is ready. */
  start(service: ServiceName): Promise<Child>;
  /** The stand-ins for Odoo, Stripe and the desk. */
  startSandbox(): Promise<Child>;
  /** A program of the benchmarks that answers on the port that `KEELSON_BENCH_PORT` tells it. */
  startProgram(name: string, script: string, env?: NodeJS.ProcessEnv): Promise<Program>;
  close(): Promise<void>;
}

/** Starts a platform (`KAFKA_BROKERS`, `SCHEMA_REGISTRY_URL` and `DATABASE_URL` are respected) with the contract on it. */
export async function openSite(say: (line: string) => void): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'keelson-bench-'));
  const platform = await startPlatform({ dataDirectory: folder, log: say });
  const brokers = platform.kafka.brokers;
  const addresses = await chooseAddresses(brokers, platform.registry.url, platform.postgres.url);
  const secrets = await makeSecrets(join(folder, 'secrets'));
  const places: Places = {
    policyDirectory,
    schemaIdsFile: join(folder, 'schema-ids.json'),
    stateDirectory: join(folder, 'state'),
  };
  await Promise.all([
    applyContract(brokers, addresses.registryUrl, places.schemaIdsFile),
    prepareLedger(addresses.databaseUrl, secrets),
  ]);
  const kafka = { clientId: 'bench', brokers: brokers.split(',') };
  const admin = await connectAdmin(kafka, silentLogger);
  const children: Child[] = [];
  const start = async (name: string, script: string, env: NodeJS.ProcessEnv, url: string): Promise<Child> => {
    const child = await startChild(name, join(projectRoot, script), env, join(folder, 'logs', `${name}.log`));
    children.push(child);
    await untilReady(child, url, readyWithinMs);
    return child;
  };

  return {
    ...{ kafka, admin, addresses, secrets, folder },
    brokerPid: platform.kafka.pid,
    codec: readCodec(places.schemaIdsFile),
    start: service =>
      start(
        service,
        `services/${service}/src/main.ts`,
        serviceEnvironment(service, addresses, secrets, places),
        `${urlOf(addresses.adminPorts[service])}/readyz`,
      ),
    startSandbox: () =>
      start(
        'sandbox',
        'packages/sandbox/src/main.ts',
        sandboxEnvironment(addresses, secrets, join(folder, 'sandbox')),
        `${urlOf(addresses.stripePort)}/_sandbox/health`,
      ),
    async startProgram(name, script, more = {}) {
      const port = await freePort();
      const url = urlOf(port);
      const common = serviceEnvironment('router', addresses, secrets, places);
      const env = { ...common, ...more, KEELSON_BENCH_PORT: String(port) };
      return { ...(await start(name, `tests/load/${script}`, env, url)), url };
    },
    async close() {
      await Promise.all(children.map(child => child.stop()));
      await admin.close();
      await platform.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function chooseAddresses(
  brokers: string,
  registryUrl: string,
  databaseUrl: string,
): Promise<Addresses> {
  const adminPorts = {} as Record<ServiceName, number>;
  for (const name of serviceNames) adminPorts[name] = await freePort();
  return {
    ...{ brokers, registryUrl, databaseUrl, adminPorts },
    ingestorPort: await freePort(),
    odooPort: await freePort(),
    stripePort: await freePort(),
    deskPort: await freePort(),
  };
}

async function prepareLedger(databaseUrl: string, secrets: SecretFiles): Promise<void> {
  const ownerUrl = await ensureLedgerDatabase(databaseUrl);
  await migrateLedger(ownerUrl, { serviceRole: ledgerRole, passwordFile: secrets.ledgerPassword });
  await writeServiceUrl(ownerUrl, await readSecretFile(secrets.ledgerPassword), secrets.ledgerUrl);
}
