import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Environment } from '@keelson/service';
import { readConfig } from './config.ts';

const folder = mkdtempSync(join(tmpdir(), 'keelson-finance-config-'));
const urlFile = join(folder, 'url');
beforeAll(() => writeFileSync(urlFile, 'postgres://service:secret@localhost/ledger\n', { mode: 0o600 }));
afterAll(() => rmSync(folder, { recursive: true }));

const environment: Environment = {
  KEELSON_ENVIRONMENT: 'test',
  KEELSON_KAFKA_BROKERS: 'localhost:9092',
  KEELSON_REGISTRY_URL: 'http://localhost:8081',
  KEELSON_SCHEMA_IDS_FILE: 'ids.json',
  KEELSON_POLICY_DIRECTORY: join(import.meta.dirname, '../../../infra/policy'),
  KEELSON_STATE_DIRECTORY: folder,
  KEELSON_STRIPE_ACCOUNT: 'acct_1',
  KEELSON_STRIPE_SECRETS_FILE: 'some',
  KEELSON_STRIPE_API_URL: 'http://localhost',
  KEELSON_STRIPE_API_KEY_FILE: 'some',
  KEELSON_STANDARD_WEBHOOKS_SECRETS_FILE: 'some',
  KEELSON_API_TOKENS_FILE: 'some',
  KEELSON_ODOO_URL: 'http://localhost',
  KEELSON_ODOO_DATABASE: 'some',
  KEELSON_ODOO_API_KEY_FILE: 'some',
  KEELSON_LEDGER_DATABASE_URL_FILE: urlFile,
  KEELSON_DESK_URL: 'http://localhost',
  KEELSON_DESK_API_TOKEN_FILE: 'some',
};

describe('the configuration', () => {
  test('has a default for all that is its own, and none for the secret', () => {
    expect(readConfig(environment)).toMatchObject({
      targetName: 'finance',
      originalGraceMs: 60_000,
      chart: { version: 1, accountOf: { receivable: '1200' } },
      ledger: {
        url: 'postgres://service:secret@localhost/ledger',
        maxConnections: 4,
        connectTimeoutMs: 5_000,
        statementTimeoutMs: 10_000,
        allowPrivilegedRole: false,
      },
    });
  });

  test('with faults says all of them, and shows no secret', () => {
    const faulty = {
      ...environment,
      KEELSON_FINANCE_ORIGINAL_GRACE_MS: '1 minute',
      KEELSON_LEDGER_MAX_CONNECTIONS: '0',
      KEELSON_LEDGER_ALLOW_PRIVILEGED_ROLE: 'yes',
      KEELSON_LEDGER_DATABASE_URL_FILE: join(folder, 'missing'),
    };
    expect(() => readConfig(faulty)).toThrow(
      /GRACE_MS.*MAX_CONNECTIONS.*missing: the secret cannot be read.*ALLOW_PRIVILEGED_ROLE/s,
    );
  });

  test('refuses a target of another kind, and none', () => {
    expect(() => readConfig({ ...environment, KEELSON_TARGET: 'odoo' })).toThrow('a target of kind odoo');
    expect(() => readConfig({ ...environment, KEELSON_TARGET: 'nobody' })).toThrow('nobody is no target');
  });
});
