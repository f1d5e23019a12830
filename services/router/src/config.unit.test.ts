import { expect, test } from '@jest/globals';
import { testConfiguration } from '@keelson/service/testing';
import { readConfig } from './config.ts';

const configuration = testConfiguration({
  directory: import.meta.dirname,
  readConfig,
  gives: {
    settings: { KEELSON_PARTITIONS: 3 },
    schemaIds: {},
    policy: { targets: { odoo: { kind: 'odoo' } } },
    rooms: ['resolve', 'route'],
  },
  faults: {
    settings: { KEELSON_SCHEMA_IDS_FILE: '/nowhere/ids.json' },
    policy: [['routes.yaml', 'odoo: { class: urgent', 'oodo: { class: urgent']],
    told: [
      /KEELSON_SCHEMA_IDS_FILE: \/nowhere\/ids\.json cannot be read/,
      /routes\.yaml:\d+: [a-z._]+ says nothing of the target odoo/,
      /routes\.yaml:\d+: oodo is no target of targets\.yaml/,
    ],
  },
});

test.each([
  ['route', ['route']],
  ['route, resolve', ['route', 'resolve']],
])('runs the rooms that it is told: %s', (text, rooms) => {
  expect(readConfig({ ...configuration().environment, KEELSON_ROUTER_ROOMS: text }).rooms).toEqual(rooms);
});

test.each(['', 'poll', 'route,route'])('rooms that there are not are a fault: %p', text => {
  const read = (): unknown => readConfig({ ...configuration().environment, KEELSON_ROUTER_ROOMS: text });
  expect(read).toThrow(/KEELSON_ROUTER_ROOMS: resolve or route/);
});
