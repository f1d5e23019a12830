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
      targetName: 'odoo',
      target: { kind: 'odoo' },
      apiKey: 'some-secret',
    });
  });

  test('faults in settings, policy files and secrets: one report, exit code 78', () => {
    configuration.editPolicy('flows.yaml', 'percent: 99.9', 'percent: 200');
    const { code, err } = runToEnd(
      { script: join(import.meta.dirname, 'main.ts') },
      {
        ...configuration.environment,
        KEELSON_REGISTRY_URL: 'nowhere',
        KEELSON_ODOO_API_KEY_FILE: '/nowhere/secret',
      },
    );
    expect(code).toBe(78);
    expect(err).toContain('the configuration has 3 faults');
    expect(err).toContain('KEELSON_REGISTRY_URL');
    expect(err).toMatch(/flows\.yaml:5: classes\.urgent\.objective\.percent/);
    expect(err).toContain('/nowhere/secret: the secret cannot be read (ENOENT)');
  });

  test('a fault of targets.yaml hides none of the secret that it names', () => {
    const environment = {
      ...configuration.environment,
      KEELSON_ENVIRONMENT: 'neither',
      KEELSON_ODOO_API_KEY_FILE: '/nowhere/secret',
    };
    expect(() => readConfig(environment)).toThrow(/targets\.yaml:\d+.*nowhere.secret: the secret/s);
  });

  test('a target of another kind, or none, beside faults elsewhere', () => {
    configuration.editPolicy('flows.yaml', 'percent: 99.9', 'percent: 200');
    const read = (target: string) => () =>
      readConfig({ ...configuration.environment, KEELSON_PARTITIONS: '0', KEELSON_TARGET: target });
    expect(read('finance')).toThrow(/KEELSON_PARTITIONS.*flows\.yaml.*finance is a target of kind finance/s);
    expect(read('nobody')).toThrow(/KEELSON_PARTITIONS.*flows\.yaml.*nobody is no target/s);
  });
});
