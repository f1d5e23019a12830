import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigurationError } from './faults.ts';
import { readSecret } from './secrets.ts';

interface KafkaSettings {
  readonly KEELSON_KAFKA_BROKERS: readonly string[];
  readonly KEELSON_KAFKA_TLS_CA_FILE?: string | undefined;
  readonly KEELSON_KAFKA_SASL_MECHANISM?: 'plain' | 'scram-sha-256' | 'scram-sha-512' | undefined;
  readonly KEELSON_KAFKA_USERNAME?: string | undefined;
  readonly KEELSON_KAFKA_PASSWORD_FILE?: string | undefined;
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

/** The id map that `keelson schemas apply` wrote: `<topic>-<record>` → schema id. Throws ConfigurationError. */
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

/** The text of the file that a setting names. Throws ConfigurationError. */
export function readSetting(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigurationError([
      `${name}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`,
    ]);
  }
}
