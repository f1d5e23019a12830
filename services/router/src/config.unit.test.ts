import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createTestConfiguration, runToEnd } from '@keelson/service/testing';
import type { TestConfiguration } from '@keelson/service/testing';
import { readConfig } from './config.ts';

let configuration: TestConfiguration;
beforeEach(() => void (configuration = createTestConfiguration()));
afterEach(() => configuration.remove());

test('without fault gives everything', () => {
  expect(readConfig(configuration.environment)).toMatchObject({
    settings: { KEELSON_PARTITIONS: 3 },
    schemaIds: {},
    policy: { targets: { odoo: { kind: 'odoo' } } },
    rooms: ['resolve', 'route'],
  });
});

test.each([
  ['route', ['route']],
  ['route, resolve', ['route', 'resolve']],
])('runs the rooms that it is told: %s', (text, rooms) => {
  expect(readConfig({ ...configuration.environment, KEELSON_ROUTER_ROOMS: text }).rooms).toEqual(rooms);
});

test.each(['', 'poll', 'route,route'])('rooms that there are not are a fault: %p', text => {
  const read = (): unknown => readConfig({ ...configuration.environment, KEELSON_ROUTER_ROOMS: text });
  expect(read).toThrow(/KEELSON_ROUTER_ROOMS: resolve or route/);
});

test('faults in settings, policy files and what the files say of each other: one report, exit code 78', () => {
  configuration.editPolicy('flows.yaml', 'percent: 99.9', 'percent: 200');
  configuration.editPolicy('routes.yaml', 'odoo: { class: urgent', 'oodo: { class: urgent');
  const { code, err } = runToEnd(
    { script: join(import.meta.dirname, 'main.ts') },
    {
      ...configuration.environment,
      KEELSON_REGISTRY_URL: 'nowhere',
      KEELSON_SCHEMA_IDS_FILE: '/nowhere/ids.json',
    },
  );
  expect(code).toBe(78);
  expect(err).toContain('KEELSON_REGISTRY_URL');
  expect(err).toContain('KEELSON_SCHEMA_IDS_FILE: /nowhere/ids.json cannot be read');
  expect(err).toMatch(/flows\.yaml:5: classes\.urgent\.objective\.percent/);
  expect(err).toMatch(/routes\.yaml:\d+: oodo is no target of targets\.yaml/);
});
