import { testConfiguration } from '@keelson/service/testing';
import { readConfig } from './config.ts';

testConfiguration({
  directory: import.meta.dirname,
  readConfig,
  gives: { targetName: 'odoo', target: { kind: 'odoo' }, apiKey: 'some-secret' },
  faults: {
    settings: { KEELSON_ODOO_API_KEY_FILE: '/nowhere/secret' },
    told: [/\/nowhere\/secret: the secret cannot be read \(ENOENT\)/],
  },
  sink: { secretSetting: 'KEELSON_ODOO_API_KEY_FILE', another: 'finance' },
});
