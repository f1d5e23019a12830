import { testConfiguration } from '@keelson/service/testing';
import { readConfig } from './config.ts';

testConfiguration({
  directory: import.meta.dirname,
  readConfig,
  gives: { targetName: 'support', target: { kind: 'support' }, token: 'some-secret' },
  faults: {
    settings: { KEELSON_DESK_API_TOKEN_FILE: '/nowhere/secret' },
    told: [/\/nowhere\/secret: the secret cannot be read \(ENOENT\)/],
  },
  sink: { secretSetting: 'KEELSON_DESK_API_TOKEN_FILE', another: 'finance' },
});
