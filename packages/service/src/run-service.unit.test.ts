import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { createTestConfiguration, runToEnd } from './testing/index.ts';

const configuration = createTestConfiguration();
afterAll(() => configuration.remove());

const index = JSON.stringify(join(import.meta.dirname, 'index.ts'));

/** A service of its own that reads its configuration, as all do, and would say so if it went on. */
const run = (environment: Record<string, string>, then = ''): ReturnType<typeof runToEnd> =>
  runToEnd(
    {
      text: `
  import { misconfigured } from '@keelson/contracts';
  import { readConfiguration, runService } from ${index};
  await runService('test', process.env, async ({ environment, onShutdown, fail }) => {
    onShutdown(() => console.log('released'));
    if (environment.THROW !== undefined) throw new Error(environment.THROW);
    ${then || "readConfiguration(environment); console.log('consumed');"}
  });`,
    },
    environment,
  );

describe('a service', () => {
  test('that is badly configured tells every fault, and ends with 78 before it does anything', () => {
    const { code, out, err } = run({ KEELSON_KAFKA_BROKERS: 'nowhere', KEELSON_LOG_LEVEL: 'loud' });
    expect(code).toBe(78);
    for (const name of ['KAFKA_BROKERS', 'LOG_LEVEL', 'REGISTRY_URL', 'SCHEMA_IDS_FILE', 'POLICY_DIRECTORY'])
      expect(err).toContain(`KEELSON_${name}`);
    expect(out).toContain('released');
    expect(out).not.toContain('consumed');
  });

  test('whose admin port is none ends with 78, and tells the other faults too', () => {
    const { code, err } = run({ KEELSON_ADMIN_PORT: 'http' });
    expect(code).toBe(78);
    expect(err).toMatch(/KEELSON_REGISTRY_URL.*KEELSON_ADMIN_PORT/s);
  });

  test('tells the faults of the files that its settings name in the same report', () => {
    writeFileSync(join(configuration.folder, 'open'), 'a password', { mode: 0o644 });
    const { code, err } = run({
      ...configuration.environment,
      KEELSON_REGISTRY_URL: 'nowhere',
      KEELSON_FAULT_POINT: 'anywhere',
      KEELSON_SCHEMA_IDS_FILE: '/nowhere/ids.json',
      KEELSON_KAFKA_TLS_CA_FILE: '/nowhere/ca.pem',
      KEELSON_KAFKA_SASL_MECHANISM: 'plain',
      KEELSON_KAFKA_PASSWORD_FILE: join(configuration.folder, 'open'),
    });
    expect(code).toBe(78);
    expect(err).toContain('the configuration has 6 faults');
    for (const fault of [
      'REGISTRY_URL',
      'FAULT_POINT',
      'SCHEMA_IDS_FILE',
      'KAFKA_TLS_CA_FILE',
      'KAFKA_USERNAME',
    ])
      expect(err).toContain(`KEELSON_${fault}`);
    expect(err).toContain('open: others may read it');
  });

  test('that fails otherwise while starting ends with 70, in order', () => {
    const { code, out } = run({ THROW: 'unforeseen' });
    expect(code).toBe(70);
    expect(out).toContain('released');
  });

  test('that finds out later ends with 78 when it is misconfigured, else with 70; in order', () => {
    const later = (error: string): string => `setImmediate(() => fail(${error}));`;
    const { code, out, err } = run({}, later("misconfigured('some_code', 'a topic is missing')"));
    expect([code, err]).toEqual([78, 'test: a topic is missing\n']);
    expect(out).toContain('released');
    expect(run({}, later("new Error('unforeseen')")).code).toBe(70);
  });
});
