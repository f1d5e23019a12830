import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createTestConfiguration, runToEnd } from '@keelson/service/testing';
import type { TestConfiguration } from '@keelson/service/testing';
import { readConfig } from './config.ts';

const url = 'postgres://service:secret@localhost/ledger';
let configuration: TestConfiguration;
beforeEach(() => void (configuration = createTestConfiguration(`${url}\n`)));
afterEach(() => configuration.remove());

describe('the configuration', () => {
  test('has a default for all that is its own, and none for the secret', () => {
    expect(readConfig(configuration.environment)).toMatchObject({
      targetName: 'finance',
      originalGraceMs: 60_000,
      chart: { version: 1, accountOf: { receivable: '1200' } },
      ledger: {
        url,
        maxConnections: 4,
        connectTimeoutMs: 5_000,
        statementTimeoutMs: 10_000,
        allowPrivilegedRole: false,
      },
    });
  });

  test('faults in settings, policy files and secrets: one report, exit code 78, and no secret shown', () => {
    configuration.editPolicy('flows.yaml', 'percent: 99.9', 'percent: 200');
    configuration.editPolicy('accounts.yaml', 'receivable:', 'receivables:');
    const { code, out, err } = runToEnd(
      { script: join(import.meta.dirname, 'main.ts') },
      {
        ...configuration.environment,
        KEELSON_REGISTRY_URL: 'nowhere',
        KEELSON_FINANCE_ORIGINAL_GRACE_MS: '1 minute',
        KEELSON_LEDGER_MAX_CONNECTIONS: '0',
        KEELSON_LEDGER_ALLOW_PRIVILEGED_ROLE: 'yes',
        KEELSON_LEDGER_DATABASE_URL_FILE: '/nowhere/url',
      },
    );
    expect(code).toBe(78);
    expect(err).toMatch(/REGISTRY_URL.*flows\.yaml:5: .*GRACE_MS.*MAX_CONNECTIONS/s);
    expect(err).toContain('/nowhere/url: the secret cannot be read (ENOENT)');
    expect(err).toMatch(/accounts\.yaml: .*receivable/);
    expect(err).toContain('KEELSON_LEDGER_ALLOW_PRIVILEGED_ROLE: true or false');
    expect(out + err).not.toContain('service:secret');
  });

  test('a fault of targets.yaml hides none of the secret that it names', () => {
    const environment = {
      ...configuration.environment,
      KEELSON_ENVIRONMENT: 'neither',
      KEELSON_LEDGER_DATABASE_URL_FILE: '/nowhere/secret',
    };
    expect(() => readConfig(environment)).toThrow(/targets\.yaml:\d+.*nowhere.secret: the secret/s);
  });

  test('refuses a target of another kind, and none, beside faults elsewhere', () => {
    configuration.editPolicy('flows.yaml', 'percent: 99.9', 'percent: 200');
    const read = (target: string) => () =>
      readConfig({ ...configuration.environment, KEELSON_PARTITIONS: '0', KEELSON_TARGET: target });
    expect(read('odoo')).toThrow(/KEELSON_PARTITIONS.*flows\.yaml.*odoo is a target of kind odoo/s);
    expect(read('nobody')).toThrow(/KEELSON_PARTITIONS.*flows\.yaml.*nobody is no target/s);
  });
});
