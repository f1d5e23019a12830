import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKafka } from '@keelson/local';
import type { Kafka } from '@keelson/local';
import { connectAdmin, silentLogger } from '@keelson/stream';
import type { Admin, Codec, KafkaConnection } from '@keelson/stream';
import { platform, startNode } from '@keelson/testkit';
import type { TestProcess } from '@keelson/testkit';
import { serviceEnvironment } from '../../../infra/local/src/system/environment.ts';
import type { Addresses, ServiceName } from '../../../infra/local/src/system/environment.ts';
import {
  applyContract,
  policyDirectory,
  projectRoot,
  readCodec,
} from '../../../infra/local/src/system/installation.ts';
import { makeSecrets } from '../../../infra/local/src/system/secrets.ts';
import type { SecretFiles } from '../../../infra/local/src/system/secrets.ts';

/** As topics.yaml has it. */
export const partitionCount = 3;
/** Of a start on a machine that is busy: nothing waits this long when all is well. */
export const startMs = 120_000;

/** A Kafka of its own with the topics of the contract, as an operator sets it up: services run on it unchanged. */
export interface Installation {
  readonly brokers: string;
  readonly kafka: KafkaConnection;
  readonly containerId: string | undefined;
  readonly admin: Admin;
  readonly codec: Codec;
  readonly secrets: SecretFiles;
  readonly folder: string;
  /** Starts a service's own `main.ts`. Members on one machine keep their local stores apart by `member`. */
  start(service: ServiceName, options?: StartOptions): TestProcess;
  close(): Promise<void>;
}

export interface StartOptions {
  readonly member?: string;
  /** `<room>:<point>:<n>`: the process kills itself there. */
  readonly faultPoint?: string;
  /** Beside, or instead of, what `npm start` gives it: the addresses of stand-ins, which are not there otherwise. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts the Kafka (also where `KAFKA_BROKERS` names another: the names of these topics are taken there). */
export async function createInstallation(): Promise<Installation> {
  const { registryUrl, databaseUrl } = await platform();
  const folder = await mkdtemp(join(tmpdir(), 'keelson-faults-'));
  const env = { ...process.env, KAFKA_BROKERS: undefined };
  const broker: Kafka = await startKafka({ dataDirectory: folder, env });
  const { brokers } = broker;
  const schemaIdsFile = join(folder, 'schema-ids.json');
  await applyContract(brokers, registryUrl, schemaIdsFile);
  const secrets = await makeSecrets(join(folder, 'secrets'));
  const kafka = { brokers: brokers.split(','), clientId: 'fault-test' };
  const admin = await connectAdmin(kafka, silentLogger);
  const addresses: Addresses = {
    ...{ brokers, registryUrl, databaseUrl },
    ...{ odooPort: 1, stripePort: 1, deskPort: 1, ingestorPort: 0 },
    adminPorts: { ingestor: 0, router: 0, 'odoo-sink': 0, 'finance-sink': 0, 'support-sink': 0 },
  };

  return {
    ...{ brokers, kafka, admin, secrets, folder, containerId: broker.containerId },
    codec: readCodec(schemaIdsFile),
    start(service, { member = 'a', faultPoint, env: more = {} } = {}) {
      const stateDirectory = join(folder, 'state', member);
      const own = serviceEnvironment(service, addresses, secrets, {
        ...{ policyDirectory, schemaIdsFile, stateDirectory },
      });
      return startNode(join(projectRoot, 'services', service, 'src/main.ts'), [], {
        // Jest's NODE_ENV would give the Kafka client other defaults than it has in production.
        env: { ...own, NODE_ENV: 'production', KEELSON_FAULT_POINT: faultPoint, ...more },
      });
    },
    async close() {
      await admin.close();
      await broker.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
