import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { collectFaults, ConfigurationError } from './faults.ts';
import type { Attempt } from './faults.ts';
import { readSecret } from './secrets.ts';
import { readSettings } from './settings.ts';
import type { Environment, SettingReadings } from './settings.ts';

export { ConfigurationError };

const list = z.string().transform((text, context) => {
  const items = text.split(',').map(item => item.trim());
  if (items.every(item => /^[^\s:]+:\d+$/.test(item))) return items;
  context.addIssue({ code: 'custom', message: 'host:port, separated by commas' });
  return z.NEVER;
});

/** What leads to Kafka; services, the command line and the table have these. */
export const kafkaShape = {
  KEELSON_KAFKA_BROKERS: list,
  KEELSON_KAFKA_TLS_CA_FILE: z.string().optional(),
  KEELSON_KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(),
  KEELSON_KAFKA_USERNAME: z.string().optional(),
  KEELSON_KAFKA_PASSWORD_FILE: z.string().optional(),
};

export type KafkaSettings = z.infer<z.ZodObject<typeof kafkaShape>>;

/** What the settings that lead to Kafka say together, and the files that they name. */
export function checkKafkaSettings(
  { one }: Pick<SettingReadings<typeof kafkaShape>, 'one'>,
  environment: Environment,
  attempt: Attempt,
): void {
  attempt(() => checkSasl(environment));
  attempt(() => {
    const file = one('KEELSON_KAFKA_TLS_CA_FILE');
    if (file !== undefined) readSetting('KEELSON_KAFKA_TLS_CA_FILE', file);
  });
  attempt(() => {
    const file = one('KEELSON_KAFKA_PASSWORD_FILE');
    if (file !== undefined) readSecret(file);
  });
}

/** What to look at when Kafka refuses the login. */
export const loginAdvice =
  'see KEELSON_KAFKA_SASL_MECHANISM, KEELSON_KAFKA_USERNAME and the file that KEELSON_KAFKA_PASSWORD_FILE names';

/** All three or none: with one missing a service would go to Kafka as nobody. */
function checkSasl(environment: Environment): void {
  const names = ['KEELSON_KAFKA_SASL_MECHANISM', 'KEELSON_KAFKA_USERNAME', 'KEELSON_KAFKA_PASSWORD_FILE'];
  const missing = names.filter(name => environment[name] === undefined);
  if (missing.length === names.length || missing.length === 0) return;
  throw new ConfigurationError(missing.map(name => `${name} is not set, though other settings of SASL are`));
}

/** A service's settings as the connection that packages/stream takes. */
export function kafkaConnection(clientId: string, settings: KafkaSettings) {
  const {
    KEELSON_KAFKA_SASL_MECHANISM: mechanism,
    KEELSON_KAFKA_USERNAME: username,
    KEELSON_KAFKA_PASSWORD_FILE: file,
  } = settings;
  return {
    clientId,
    brokers: settings.KEELSON_KAFKA_BROKERS,
    ...(settings.KEELSON_KAFKA_TLS_CA_FILE === undefined
      ? {}
      : { tls: { ca: readSetting('KEELSON_KAFKA_TLS_CA_FILE', settings.KEELSON_KAFKA_TLS_CA_FILE) } }),
    ...(mechanism === undefined || username === undefined || file === undefined
      ? {}
      : { sasl: { mechanism, username, password: readSecret(file) } }),
  };
}

/**
 * The connection that an environment describes, for whoever is no service and has no other settings: the command line and
 * the table. @throws ConfigurationError with every fault.
 */
export const readKafkaConnection = (clientId: string, environment: Environment) =>
  kafkaConnection(
    clientId,
    collectFaults(attempt => {
      const settings = readSettings(kafkaShape, environment, attempt);
      checkKafkaSettings(settings, environment, attempt);
      return settings.all;
    }),
  );

/** The id map that `keelson schemas apply` wrote: `<topic>-<record>` → schema id. @throws ConfigurationError */
export function readSchemaIds(file: string): Record<string, number> {
  const text = readSetting('KEELSON_SCHEMA_IDS_FILE', file);
  try {
    return idMap.parse(JSON.parse(text));
  } catch {
    throw new ConfigurationError([
      `KEELSON_SCHEMA_IDS_FILE: ${file} is no id map; keelson schemas apply writes it`,
    ]);
  }
}

const idMap = z.record(z.string(), z.number().int());

/** The text of the file that a setting names. @throws ConfigurationError */
export function readSetting(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigurationError([
      `${name}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`,
    ]);
  }
}
