import type { Source } from '@keelson/contracts';
import {
  collectFaults,
  ConfigurationError,
  readCommon,
  readSecret,
  readSecrets,
  wholeNumber,
} from '@keelson/service';
import type { CommonSettings, Environment } from '@keelson/service';
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
  readonly settings: CommonSettings;
  /** Schema id by `<topic>-<record>`. */
  readonly schemaIds: Record<string, number>;
  readonly generationOf: (topic: string) => number;
  readonly host: string;
  readonly port: number;
  readonly lingerMs: number;
  readonly receiving: readonly ReceivingSource[];
  readonly polled: readonly PolledSource[];
}

/** Everything the service reads. @throws ConfigurationError with every fault. */
export const readConfig = (environment: Environment): Config =>
  collectFaults(attempt => {
    const { settings, generationOf, schemaIds, part } = readCommon(environment, attempt);
    const port = attempt(() => wholeNumber(environment, 'KEELSON_HTTP_PORT', { fallback: 0, most: 65_535 }));
    const lingerMs = attempt(() =>
      wholeNumber(environment, 'KEELSON_INGESTOR_LINGER_MS', { fallback: 2, most: 100 }),
    );
    const receiving = attempt(() =>
      Object.entries(part('sources')).map(([name, source]) =>
        attempt(() => receivingSource(name, source, readSecrets(source.secrets_file))),
      ),
    );
    const polled = attempt(() =>
      Object.entries(part('sources')).flatMap(([name, source]) =>
        source.kind === 'stripe' ? [attempt(() => polledSource(name, source))] : [],
      ),
    );
    return () => ({
      settings: settings(),
      generationOf: generationOf(),
      schemaIds: schemaIds(),
      host: environment['KEELSON_HTTP_HOST'] ?? '127.0.0.1',
      port: port(),
      lingerMs: lingerMs(),
      receiving: receiving().map(source => source()),
      polled: polled().map(source => source()),
    });
  });

function polledSource(name: string, { account, api }: Extract<Source, { kind: 'stripe' }>): PolledSource {
  const apiKey = readSecret(api.key_file);
  // It goes into a header: one that cannot would make every request for an object look unreadable.
  if (!/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new ConfigurationError([`${api.key_file}: an API key has no blanks, and no letters beyond ASCII`]);
  }
  return { name, account, apiKey, api };
}
