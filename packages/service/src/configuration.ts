import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describeFault, generationsOf, parsePolicy, parseTopicsFile } from '@keelson/contracts';
import type { Policy } from '@keelson/contracts';
import { z } from 'zod';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Everything that is wrong with a configuration, together; the service does not start. */
export class ConfigurationError extends Error {
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(
      `the configuration has ${faults.length} fault${faults.length === 1 ? '' : 's'}:\n${faults.map(fault => `  ${fault}`).join('\n')}`,
    );
    this.name = 'ConfigurationError';
    this.faults = faults;
  }
}

const list = z.string().transform((text, context) => {
  const items = text.split(',').map(item => item.trim());
  if (items.every(item => /^[^\s:]+:\d+$/.test(item))) return items;
  context.addIssue({ code: 'custom', message: 'host:port, separated by commas' });
  return z.NEVER;
});
const port = z.coerce.number().int().min(0).max(65_535);

const kafkaShape = {
  KEELSON_KAFKA_BROKERS: list,
  KEELSON_KAFKA_TLS_CA_FILE: z.string().optional(),
  KEELSON_KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(),
  KEELSON_KAFKA_USERNAME: z.string().optional(),
  KEELSON_KAFKA_PASSWORD_FILE: z.string().optional(),
};

/** What every service reads from its environment. Secrets are never here, only names of files that hold them. */
const commonShape = {
  ...kafkaShape,
  KEELSON_REGISTRY_URL: z.url(),
  KEELSON_SCHEMA_IDS_FILE: z.string().min(1),
  KEELSON_POLICY_DIRECTORY: z.string().min(1),
  KEELSON_TOPICS_FILE: z.string().min(1).optional(),
  KEELSON_STATE_DIRECTORY: z.string().min(1),
  KEELSON_PARTITIONS: z.coerce.number().int().positive().default(3),
  KEELSON_ADMIN_HOST: z.string().default('127.0.0.1'),
  KEELSON_ADMIN_PORT: port.default(0),
  KEELSON_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
};

/** The settings that every service has. */
export type CommonSettings = z.infer<z.ZodObject<typeof commonShape>>;

/** Those of them that lead to Kafka; the command line and the table have these too. */
export type KafkaSettings = z.infer<z.ZodObject<typeof kafkaShape>>;

type Shape = Record<string, z.ZodType>;

/** What a service starts from. */
export interface Configuration<S extends Shape> {
  readonly settings: z.infer<z.ZodObject<typeof commonShape & S>>;
  readonly policy: Policy;
  /** The generation of a topic, which goes up when it is made anew. */
  readonly generationOf: (topic: string) => number;
}

/** A service's settings, the whole policy and topics.yaml. Throws ConfigurationError with every fault of all three. */
export function readConfiguration<S extends Shape>(environment: Environment, own: S): Configuration<S> {
  const result = z.object({ ...commonShape, ...own }).safeParse(environment);
  const faults = [...faultsOf(result, environment), ...saslFaults(environment)];
  const directory = environment['KEELSON_POLICY_DIRECTORY'];
  const policy = directory === undefined ? null : readPolicy(directory, environment, faults);
  const topicsFile =
    environment['KEELSON_TOPICS_FILE'] ??
    (directory === undefined ? undefined : join(directory, '../kafka/topics.yaml'));
  const generationOf = topicsFile === undefined ? null : readGenerations(topicsFile, faults);
  if (faults.length > 0 || !result.success || policy === null || generationOf === null)
    throw new ConfigurationError(faults);
  return { settings: result.data, policy, generationOf };
}

/** The settings that lead to Kafka, alone. Throws ConfigurationError with every fault. */
export function readKafkaSettings(environment: Environment): KafkaSettings {
  const result = z.object(kafkaShape).safeParse(environment);
  const faults = [...faultsOf(result, environment), ...saslFaults(environment)];
  if (faults.length > 0 || !result.success) throw new ConfigurationError(faults);
  return result.data;
}

const faultsOf = ({ error }: z.ZodSafeParseResult<unknown>, environment: Environment): string[] =>
  (error?.issues ?? []).map(({ path, message }) => {
    const name = path.map(String).join('.');
    return environment[name] === undefined ? `${name} is not set` : `${name}: ${message}`;
  });

/** All three or none: with one missing a service would go to Kafka as nobody. */
function saslFaults(environment: Environment): string[] {
  const names = ['KEELSON_KAFKA_SASL_MECHANISM', 'KEELSON_KAFKA_USERNAME', 'KEELSON_KAFKA_PASSWORD_FILE'];
  const missing = names.filter(name => environment[name] === undefined);
  if (missing.length === names.length) return [];
  return missing.map(name => `${name} is not set, though other settings of SASL are`);
}

function readPolicy(directory: string, environment: Environment, faults: string[]): Policy | null {
  let texts: Record<string, string>;
  try {
    const files = readdirSync(directory).filter(file => file.endsWith('.yaml'));
    texts = Object.fromEntries(files.map(file => [file, readFileSync(join(directory, file), 'utf8')]));
  } catch (error) {
    faults.push(
      `KEELSON_POLICY_DIRECTORY: ${directory} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`,
    );
    return null;
  }
  const read = parsePolicy(texts, environment);
  faults.push(...read.faults.map(fault => join(directory, describeFault(fault))));
  return read.policy;
}

function readGenerations(file: string, faults: string[]): ReturnType<typeof generationsOf> | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    faults.push(
      `KEELSON_TOPICS_FILE: ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`,
    );
    return null;
  }
  const read = parseTopicsFile(text);
  if (read.ok) return generationsOf(read.value);
  faults.push(...read.faults.map(fault => join(dirname(file), describeFault(fault))));
  return null;
}

/** One secret a line, newest first. A file that is missing, empty or open to others is a fault; its content is never shown. */
export function readSecrets(file: string): string[] {
  let text: string;
  try {
    if ((statSync(file).mode & 0o007) !== 0)
      throw new ConfigurationError([`${file}: others may read it; set its mode to 0600`]);
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    throw new ConfigurationError([
      `${file}: the secret cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`,
    ]);
  }
  const secrets = text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');
  if (secrets.length === 0) throw new ConfigurationError([`${file}: holds no secret`]);
  return secrets;
}

/** The one secret of a file that holds one. */
export const readSecret = (file: string): string => readSecrets(file)[0] as string;

/** Runs all checks and throws their faults together. */
export function collectFaults(...checks: readonly (() => void)[]): void {
  const faults: string[] = [];
  for (const check of checks) {
    try {
      check();
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      faults.push(...error.faults);
    }
  }
  if (faults.length > 0) throw new ConfigurationError(faults);
}
