import type { SoundPolicy, Source } from '@keelson/contracts';
import {
  collectFaults,
  ConfigurationError,
  known,
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

type SoundSource = NonNullable<NonNullable<SoundPolicy['sources']>[string]>;

/** Everything the service reads. @throws ConfigurationError with every fault. */
export const readConfig = (environment: Environment): Config =>
  collectFaults(attempt => {
    const { settings, generationOf, schemaIds, part, sound } = readCommon(environment, attempt);
    const port = attempt(() => wholeNumber(environment, 'KEELSON_HTTP_PORT', { fallback: 0, most: 65_535 }));
    const lingerMs = attempt(() =>
      wholeNumber(environment, 'KEELSON_INGESTOR_LINGER_MS', { fallback: 2, most: 100 }),
    );
    const perSource = <T>(read: (source: SoundSource) => T): ((name: string) => T) => {
      const readings = new Map(
        Object.entries(sound('sources')).map(([name, source]) => [name, attempt(() => read(known(source)))]),
      );
      return name => known(readings.get(name))();
    };
    const secretsOf = attempt(() => perSource(({ secrets_file }) => readSecrets(known(secrets_file))));
    const apiKeyOf = attempt(() => perSource(({ api }) => readApiKey(known(known(api).key_file))));
    const receiving = attempt(() =>
      Object.entries(part('sources')).map(([name, source]) =>
        attempt(() => receivingSource(name, source, secretsOf()(name))),
      ),
    );
    const polled = attempt(() =>
      Object.entries(part('sources')).flatMap(([name, source]) =>
        source.kind === 'stripe'
          ? [attempt(() => ({ name, account: source.account, api: source.api, apiKey: apiKeyOf()(name) }))]
          : [],
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

function readApiKey(file: string): string {
  const apiKey = readSecret(file);
  // It goes into a header: one that cannot would make every request for an object look unreadable.
  if (!/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new ConfigurationError([`${file}: an API key has no blanks, and no letters beyond ASCII`]);
  }
  return apiKey;
}
