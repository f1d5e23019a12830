import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { testConfiguration } from '@keelson/service/testing';
import { readConfig } from './config.ts';

const configuration = testConfiguration({
  directory: import.meta.dirname,
  readConfig,
  gives: {
    host: '127.0.0.1',
    port: 0,
    lingerMs: 2,
    receiving: [{ name: 'stripe' }, { name: 'standard-webhooks' }, { name: 'api' }],
    polled: [{ name: 'stripe', account: 'acct_1', apiKey: 'some-secret' }],
  },
  faults: {
    settings: {
      KEELSON_HTTP_PORT: '99999',
      KEELSON_INGESTOR_LINGER_MS: 'none',
      KEELSON_STRIPE_API_KEY_FILE: '/nowhere/key',
      KEELSON_API_TOKENS_FILE: '/nowhere/tokens',
    },
    told: [/KEELSON_HTTP_PORT/, /KEELSON_INGESTOR_LINGER_MS/, /tokens: the secret/, /key: the secret/],
  },
});

test('a fault of sources.yaml hides none of the secrets that it names', () => {
  configuration().editPolicy('sources.yaml', 'tolerance_seconds: 300', 'tolerance_seconds: 0');
  const environment = {
    ...configuration().environment,
    KEELSON_STRIPE_SECRETS_FILE: '/nowhere/signatures',
    KEELSON_STRIPE_API_KEY_FILE: '/nowhere/key',
    KEELSON_API_TOKENS_FILE: '/nowhere/tokens',
  };
  expect(() => readConfig(environment)).toThrow(
    /has 4 faults.*sources\.yaml:7.*signatures: the secret.*tokens: the secret.*key: the secret/s,
  );
});

test('an API key that cannot go into a header is a fault: else every request would look unreadable', () => {
  const file = join(configuration().folder, 'key');
  for (const key of ['sk_tést', 'sk test']) {
    writeFileSync(file, key, { mode: 0o600 });
    const environment = { ...configuration().environment, KEELSON_STRIPE_API_KEY_FILE: file };
    expect(() => readConfig(environment)).toThrow(`${file}: an API key has no blanks`);
  }
});
