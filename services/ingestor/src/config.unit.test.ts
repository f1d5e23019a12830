import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createTestConfiguration, runToEnd } from '@keelson/service/testing';
import type { TestConfiguration } from '@keelson/service/testing';
import { readConfig } from './config.ts';

let configuration: TestConfiguration;
beforeEach(() => void (configuration = createTestConfiguration()));
afterEach(() => configuration.remove());

describe('the configuration', () => {
  test('without fault gives everything', () => {
    expect(readConfig(configuration.environment)).toMatchObject({
      host: '127.0.0.1',
      port: 0,
      lingerMs: 2,
      receiving: [{ name: 'stripe' }, { name: 'standard-webhooks' }, { name: 'api' }],
      polled: [{ name: 'stripe', account: 'acct_1', apiKey: 'some-secret' }],
    });
  });

  test('faults in settings, policy files and secrets: one report, exit code 78', () => {
    configuration.editPolicy('flows.yaml', 'percent: 99.9', 'percent: 200');
    const { code, err } = runToEnd(
      { script: join(import.meta.dirname, 'main.ts') },
      {
        ...configuration.environment,
        KEELSON_REGISTRY_URL: 'nowhere',
        KEELSON_HTTP_PORT: '99999',
        KEELSON_INGESTOR_LINGER_MS: 'none',
        KEELSON_STRIPE_API_KEY_FILE: '/nowhere/key',
        KEELSON_API_TOKENS_FILE: '/nowhere/tokens',
      },
    );
    expect(code).toBe(78);
    expect(err).toContain('the configuration has 6 faults');
    expect(err).toMatch(
      /REGISTRY_URL.*flows\.yaml:5: .*HTTP_PORT.*LINGER_MS.*tokens: the secret.*key: the secret/s,
    );
  });

  test('a fault of sources.yaml hides none of the secrets that it names', () => {
    configuration.editPolicy('sources.yaml', 'tolerance_seconds: 300', 'tolerance_seconds: 0');
    const environment = {
      ...configuration.environment,
      KEELSON_STRIPE_SECRETS_FILE: '/nowhere/signatures',
      KEELSON_STRIPE_API_KEY_FILE: '/nowhere/key',
      KEELSON_API_TOKENS_FILE: '/nowhere/tokens',
    };
    expect(() => readConfig(environment)).toThrow(
      /has 4 faults.*sources\.yaml:7.*signatures: the secret.*tokens: the secret.*key: the secret/s,
    );
  });

  test('an API key that cannot go into a header is a fault: else every request would look unreadable', () => {
    const file = join(configuration.folder, 'key');
    for (const key of ['sk_tést', 'sk test']) {
      writeFileSync(file, key, { mode: 0o600 });
      const environment = { ...configuration.environment, KEELSON_STRIPE_API_KEY_FILE: file };
      expect(() => readConfig(environment)).toThrow(`${file}: an API key has no blanks`);
    }
  });
});
