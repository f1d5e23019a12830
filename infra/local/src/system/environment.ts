import { kafkaShape } from '@keelson/service/kafka';
import type { SecretFiles } from './secrets.ts';

/** Where everything listens on this machine. */
export interface Addresses {
  readonly brokers: string;
  readonly registryUrl: string;
  readonly databaseUrl: string;
  readonly ingestorPort: number;
  readonly odooPort: number;
  readonly stripePort: number;
  readonly deskPort: number;
  /** Health and metrics, by service. */
  readonly adminPorts: Readonly<Record<ServiceName, number>>;
}

export const serviceNames = ['ingestor', 'router', 'odoo-sink', 'finance-sink', 'support-sink'] as const;
export type ServiceName = (typeof serviceNames)[number];

export const loopback = '127.0.0.1';
export const stripeAccount = 'acct_1Lantern';
export const odooDatabase = 'lantern';

export const urlOf = (port: number): string => `http://${loopback}:${port}`;

/** Paths of the project and of this run. */
export interface Places {
  readonly policyDirectory: string;
  readonly schemaIdsFile: string;
  readonly stateDirectory: string;
}

/** What a service reads: common settings, and the names that the policy files refer to. */
export function serviceEnvironment(
  service: ServiceName,
  addresses: Addresses,
  secrets: SecretFiles,
  places: Places,
): NodeJS.ProcessEnv {
  return {
    ...inherited(),
    KEELSON_ENVIRONMENT: 'test',
    KEELSON_KAFKA_BROKERS: addresses.brokers,
    KEELSON_REGISTRY_URL: addresses.registryUrl,
    KEELSON_SCHEMA_IDS_FILE: places.schemaIdsFile,
    KEELSON_POLICY_DIRECTORY: places.policyDirectory,
    KEELSON_STATE_DIRECTORY: places.stateDirectory,
    KEELSON_ADMIN_PORT: String(addresses.adminPorts[service]),
    KEELSON_HTTP_PORT: String(addresses.ingestorPort),
    KEELSON_STRIPE_ACCOUNT: stripeAccount,
    KEELSON_STRIPE_SECRETS_FILE: secrets.stripe,
    KEELSON_STRIPE_API_URL: urlOf(addresses.stripePort),
    KEELSON_STRIPE_API_KEY_FILE: secrets.stripeApiKey,
    KEELSON_STANDARD_WEBHOOKS_SECRETS_FILE: secrets.standardWebhooks,
    KEELSON_API_TOKENS_FILE: secrets.api,
    KEELSON_ODOO_URL: urlOf(addresses.odooPort),
    KEELSON_ODOO_DATABASE: odooDatabase,
    KEELSON_ODOO_API_KEY_FILE: secrets.odooApiKey,
    KEELSON_LEDGER_DATABASE_URL_FILE: secrets.ledgerUrl,
    // On one machine nobody waits a minute for an invoice that is older than the installation.
    KEELSON_FINANCE_ORIGINAL_GRACE_MS: '5000',
    KEELSON_DESK_URL: urlOf(addresses.deskPort),
    KEELSON_DESK_API_TOKEN_FILE: secrets.deskApiToken,
  };
}

/** What the sandbox reads. */
export function sandboxEnvironment(
  addresses: Addresses,
  secrets: SecretFiles,
  dataDirectory: string,
): NodeJS.ProcessEnv {
  return {
    ...inherited(),
    SANDBOX_DATA_DIRECTORY: dataDirectory,
    SANDBOX_ODOO_PORT: String(addresses.odooPort),
    SANDBOX_ODOO_DATABASE: odooDatabase,
    SANDBOX_ODOO_API_KEY_FILE: secrets.odooApiKey,
    SANDBOX_STRIPE_PORT: String(addresses.stripePort),
    SANDBOX_STRIPE_API_KEY_FILE: secrets.stripeApiKey,
    SANDBOX_DESK_PORT: String(addresses.deskPort),
    SANDBOX_DESK_API_TOKEN_FILE: secrets.deskApiToken,
  };
}

/**
 * How to come into the Kafka of KAFKA_BROKERS, beside its address: by the settings that services have. Nothing where
 * that is not set: a Kafka of our own wants none of it.
 */
export function kafkaSecurity(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = Object.keys(kafkaShape).filter(name => name !== 'KEELSON_KAFKA_BROKERS');
  if (!env['KAFKA_BROKERS']) return {};
  return Object.fromEntries(names.flatMap(name => (env[name] === undefined ? [] : [[name, env[name]]])));
}

/** A process gets its own settings and nothing of the caller's but what a process needs, and what a person asks of logs. */
export function inherited(): NodeJS.ProcessEnv {
  const names = [
    'PATH',
    'HOME',
    'TMPDIR',
    'LANG',
    'TZ',
    'KEELSON_LOG_LEVEL',
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'NODE_EXTRA_CA_CERTS',
  ];
  return Object.fromEntries(
    names.flatMap(name => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
