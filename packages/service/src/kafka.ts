import { readFileSync } from 'node:fs';
import { readSecret } from './configuration.ts';

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
      : { tls: { ca: readFileSync(settings.KEELSON_KAFKA_TLS_CA_FILE, 'utf8') } }),
    ...(mechanism === undefined || username === undefined || file === undefined
      ? {}
      : { sasl: { mechanism, username, password: readSecret(file) } }),
  };
}

/** The id map that `keelson schemas apply` wrote: `<topic>-<record>` → schema id. */
export const readSchemaIds = (file: string): Record<string, number> =>
  JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
