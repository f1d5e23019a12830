import { testConfiguration } from '@keelson/service/testing';
import { readConfig } from './config.ts';

const url = 'postgres://service:secret@localhost/ledger';

testConfiguration({
  directory: import.meta.dirname,
  readConfig,
  secret: url,
  gives: {
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
  },
  faults: {
    settings: {
      KEELSON_FINANCE_ORIGINAL_GRACE_MS: '1 minute',
      KEELSON_LEDGER_MAX_CONNECTIONS: '0',
      KEELSON_LEDGER_ALLOW_PRIVILEGED_ROLE: 'yes',
      KEELSON_LEDGER_DATABASE_URL_FILE: '/nowhere/url',
    },
    policy: [['accounts.yaml', 'receivable:', 'receivables:']],
    told: [
      /KEELSON_FINANCE_ORIGINAL_GRACE_MS/,
      /KEELSON_LEDGER_MAX_CONNECTIONS/,
      /\/nowhere\/url: the secret cannot be read \(ENOENT\)/,
      /accounts\.yaml: .*receivable/,
      /KEELSON_LEDGER_ALLOW_PRIVILEGED_ROLE: true or false/,
    ],
  },
  sink: { secretSetting: 'KEELSON_LEDGER_DATABASE_URL_FILE', another: 'odoo' },
});
