import { migrateLedger } from '@keelson/finance-sink';
import { readKafkaConnection } from '@keelson/service/kafka';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { rememberedPort, startPlatform } from '../platform/index.ts';
import { startChild, untilReady } from './child.ts';
import type { Child } from './child.ts';
import {
  kafkaSecurity,
  odooDatabase,
  sandboxEnvironment,
  serviceEnvironment,
  serviceNames,
  urlOf,
} from './environment.ts';
import type { Addresses, Places, ServiceName } from './environment.ts';
import { writeEndpoints } from './endpoints.ts';
import type { Endpoints } from './endpoints.ts';
import { applyContract, policyDirectory, projectRoot } from './installation.ts';
import { ensureLedgerDatabase, ledgerRole, writeServiceUrl } from './ledger.ts';
import { makeSecrets, readSecretFile, writeSecretFile } from './secrets.ts';
import type { SecretFiles } from './secrets.ts';
import type { Site } from './site.ts';

/** The whole system, running. */
export interface System extends Site {
  readonly addresses: Addresses;
  readonly secrets: SecretFiles;
  readonly places: Places;
  /** Resolves with what happened when one of the processes ends by itself. */
  readonly broken: Promise<string>;
  /** Services first, then the sandbox, then the platform. Ends only what was started. Safe to call again. */
  stop(): Promise<void>;
}

const readyWithinMs = 60_000;

/** Brings up what is missing, in order; `say` tells each step. When a step fails, what was started is ended again. */
export async function startSystem(dataDirectory: string, say: (line: string) => void): Promise<System> {
  await mkdir(dataDirectory, { recursive: true });
  const releases: (() => Promise<void>)[] = [];
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> =>
    (stopping ??= (async () => {
      for (const release of releases.reverse()) await release();
    })());
  try {
    const secrets = await makeSecrets(join(dataDirectory, 'secrets'));
    const security = kafkaSecurity(process.env);
    const givenIsSecured = Object.keys(security).length > 0;
    const platform = await startPlatform({ dataDirectory, log: say, givenIsSecured });
    releases.push(() => platform.stop());
    say(
      `Kafka at ${platform.kafka.brokers} (${platform.kafka.source}), registry (${platform.registry.source}), PostgreSQL (${platform.postgres.source})`,
    );

    const addresses = await chooseAddresses(
      dataDirectory,
      platform.kafka.brokers,
      platform.registry.url,
      platform.postgres.url,
    );
    const kafka = readKafkaConnection('keelson-local', {
      ...security,
      KEELSON_KAFKA_BROKERS: addresses.brokers,
    });
    const places: Places = {
      policyDirectory,
      schemaIdsFile: join(dataDirectory, 'schema-ids.json'),
      stateDirectory: join(dataDirectory, 'state'),
    };
    const [ledgerOwnerUrl] = await Promise.all([
      prepareLedger(platform.postgres.url, secrets),
      applyContract(addresses.brokers, addresses.registryUrl, places.schemaIdsFile, security),
    ]);
    say('topics, schemas and ledger are there');

    const children: Child[] = [];
    const start = async (name: string, script: string, env: NodeJS.ProcessEnv): Promise<Child> => {
      const child = await startChild(
        name,
        join(projectRoot, script),
        env,
        join(dataDirectory, 'logs', `${name}.log`),
      );
      children.push(child);
      releases.push(() => child.stop());
      return child;
    };
    const sandbox = await start(
      'sandbox',
      'packages/sandbox/src/main.ts',
      sandboxEnvironment(addresses, secrets, join(dataDirectory, 'sandbox')),
    );
    await untilReady(sandbox, `${urlOf(addresses.stripePort)}/_sandbox/health`, readyWithinMs);
    const services = await Promise.all(
      serviceNames.map(async name => ({
        name,
        child: await start(name, `services/${name}/src/main.ts`, {
          ...serviceEnvironment(name, addresses, secrets, places),
          ...security,
        }),
      })),
    );
    await Promise.all(
      services.map(({ name, child }) =>
        untilReady(child, `${urlOf(addresses.adminPorts[name])}/readyz`, readyWithinMs),
      ),
    );
    say('all services are ready');

    const broken = Promise.race(
      children.map(async ({ name, ended, logFile }) => {
        const how = await ended;
        return `${name} ended with ${how}; its log is ${logFile}`;
      }),
    );
    const endpoints = endpointsOf(addresses, secrets, places);
    await writeEndpoints(join(dataDirectory, 'endpoints.json'), endpoints);
    return { addresses, secrets, places, endpoints, kafka, ledgerOwnerUrl, broken, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Ports are kept from one start to the next, so that an address written down stays true. */
async function chooseAddresses(
  dataDirectory: string,
  brokers: string,
  registryUrl: string,
  databaseUrl: string,
): Promise<Addresses> {
  await mkdir(join(dataDirectory, 'ports'), { recursive: true });
  const port = (name: string): Promise<number> => rememberedPort(join(dataDirectory, 'ports', name));
  const adminPorts = {} as Record<ServiceName, number>;
  for (const name of serviceNames) adminPorts[name] = await port(`${name}-admin`);
  return {
    brokers,
    registryUrl,
    databaseUrl,
    ingestorPort: await port('ingestor'),
    odooPort: await port('odoo'),
    stripePort: await port('stripe'),
    deskPort: await port('desk'),
    adminPorts,
  };
}

/** The ledger's own database, its schema, and the role that posts. */
async function prepareLedger(databaseUrl: string, secrets: SecretFiles): Promise<string> {
  const ownerUrl = await ensureLedgerDatabase(databaseUrl);
  await migrateLedger(ownerUrl, { serviceRole: ledgerRole, passwordFile: secrets.ledgerPassword });
  await writeSecretFile(secrets.ledgerOwnerUrl, ownerUrl);
  await writeServiceUrl(ownerUrl, await readSecretFile(secrets.ledgerPassword), secrets.ledgerUrl);
  return ownerUrl;
}

const endpointsOf = (addresses: Addresses, secrets: SecretFiles, places: Places): Endpoints => ({
  kafka: { brokers: addresses.brokers.split(',') },
  registry: { url: addresses.registryUrl },
  database: { url: addresses.databaseUrl },
  ledger: { ownerUrlFile: secrets.ledgerOwnerUrl },
  ingestor: { url: urlOf(addresses.ingestorPort) },
  odoo: { url: urlOf(addresses.odooPort), database: odooDatabase, apiKeyFile: secrets.odooApiKey },
  desk: { url: urlOf(addresses.deskPort), apiTokenFile: secrets.deskApiToken },
  stripe: { url: urlOf(addresses.stripePort) },
  secrets: { stripe: secrets.stripe, 'standard-webhooks': secrets.standardWebhooks, api: secrets.api },
  admin: Object.fromEntries(Object.entries(addresses.adminPorts).map(([name, port]) => [name, urlOf(port)])),
  schemaIdsFile: places.schemaIdsFile,
});
