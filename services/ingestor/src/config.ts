import type { Source } from '@keelson/contracts';
import {
  ConfigurationError,
  collectFaults,
  readConfiguration,
  readSecret,
  readSecrets,
} from '@keelson/service';
import type { Environment } from '@keelson/service';
import type { ReceivingSource } from './receive/source.ts';
import { receivingSource } from './receive/source.ts';

/** A source that has an API to ask. */
export interface PolledSource {
  readonly name: string;
  readonly account: string;
  readonly apiKey: string;
  readonly api: Extract<Source, { kind: 'stripe' }>['api'];
}

export interface Config {
  readonly settings: ReturnType<typeof readConfiguration<Record<never, never>>>['settings'];
  readonly generationOf: (topic: string) => number;
  readonly host: string;
  readonly port: number;
  readonly lingerMs: number;
  readonly receiving: readonly ReceivingSource[];
  readonly polled: readonly PolledSource[];
}

/** Everything the service reads. @throws ConfigurationError with every fault. */
export function readConfig(environment: Environment): Config {
  const { settings, policy, generationOf } = readConfiguration(environment, {});
  const receiving: ReceivingSource[] = [];
  const polled: PolledSource[] = [];
  let port = 0;
  let lingerMs = 0;
  collectFaults(
    () => (port = wholeNumber(environment, 'KEELSON_HTTP_PORT', 0, 65_535)),
    () => (lingerMs = wholeNumber(environment, 'KEELSON_INGESTOR_LINGER_MS', 2, 100)),
    ...Object.entries(policy.sources).flatMap(([name, source]) => [
      () => {
        receiving.push(receivingSource(name, source, readSecrets(source.secrets_file)));
      },
      () => {
        if (source.kind !== 'stripe') return;
        polled.push({
          name,
          account: source.account,
          apiKey: readSecret(source.api.key_file),
          api: source.api,
        });
      },
    ]),
  );
  return {
    settings,
    generationOf,
    host: environment['KEELSON_HTTP_HOST'] ?? '127.0.0.1',
    port,
    lingerMs,
    receiving,
    polled,
  };
}

function wholeNumber(environment: Environment, name: string, fallback: number, most: number): number {
  const text = environment[name] ?? String(fallback);
  if (/^\d+$/.test(text) && Number(text) <= most) return Number(text);
  throw new ConfigurationError([`${name}: a whole number up to ${most}, not ${text}`]);
}
