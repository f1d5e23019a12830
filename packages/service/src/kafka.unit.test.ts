import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { readConfiguration } from './configuration.ts';
import { ConfigurationError } from './faults.ts';
import { kafkaConnection, readSchemaIds } from './kafka.ts';
import { taskReasons } from './task-reasons.ts';

const directory = mkdtempSync(join(tmpdir(), 'keelson-service-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const written = (name: string, text: string): string => {
  const file = join(directory, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
};

function faultsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
  return [];
}

describe('faults of the configuration, told as such', () => {
  test('half of SASL: a service never goes to Kafka as nobody', () => {
    const sasl = { KEELSON_KAFKA_SASL_MECHANISM: 'scram-sha-512', KEELSON_KAFKA_USERNAME: 'router' };
    expect(faultsOf(() => readConfiguration(sasl))).toContain(
      'KEELSON_KAFKA_PASSWORD_FILE is not set, though other settings of SASL are',
    );
    expect(faultsOf(() => readConfiguration({})).filter(fault => fault.includes('SASL'))).toEqual([]);
  });

  test('an id map that is missing, no JSON, or no map', () => {
    expect(faultsOf(() => readSchemaIds(join(directory, 'none.json')))).toHaveLength(1);
    expect(faultsOf(() => readSchemaIds(written('text.json', 'ids')))).toHaveLength(1);
    expect(faultsOf(() => readSchemaIds(written('list.json', '{"a": "1"}')))).toHaveLength(1);
    expect(readSchemaIds(written('ids.json', '{"t-r": 3}'))).toEqual({ 't-r': 3 });
  });

  test('a topics file that is missing or wrong, by default the one next to the policy', () => {
    const told = (settings: Record<string, string>): readonly string[] =>
      faultsOf(() => readConfiguration(settings)).filter(fault => /topics/i.test(fault));
    const missing = join(directory, 'none.yaml');
    expect(told({ KEELSON_TOPICS_FILE: missing })).toEqual([
      `KEELSON_TOPICS_FILE: ${missing} cannot be read (ENOENT)`,
    ]);
    expect(told({ KEELSON_POLICY_DIRECTORY: join(directory, 'policy') })).toEqual([
      `KEELSON_TOPICS_FILE: ${join(directory, 'kafka/topics.yaml')} cannot be read (ENOENT)`,
    ]);
    expect(
      told({ KEELSON_TOPICS_FILE: written('topics.yaml', 'defaults: { generation: none }') }),
    ).toContainEqual(expect.stringMatching(/topics\.yaml:1: defaults\.generation: /));
  });

  test('a certificate authority that cannot be read', () => {
    const settings = { KEELSON_KAFKA_BROKERS: ['a:1'], KEELSON_KAFKA_TLS_CA_FILE: join(directory, 'ca') };
    expect(faultsOf(() => kafkaConnection('test', settings))).toHaveLength(1);
  });
});

describe('why a room is not ready', () => {
  const task = { partition: 0, phase: 'running', problem: undefined };

  test('it has not joined its group, or lost it: though nothing else is wrong', () => {
    for (const confirmedForMs of [Infinity, 10_001])
      expect(taskReasons({ room: 'resolve', confirmedForMs, tasks: [task] })).toHaveLength(1);
    expect(taskReasons({ room: 'resolve', confirmedForMs: Infinity, tasks: [] })).toHaveLength(1);
  });

  test('a partition does not run; a member without partitions is well', () => {
    const doubted = { partition: 1, phase: 'in_doubt', problem: 'fenced' };
    expect(taskReasons({ room: 'route', confirmedForMs: 5, tasks: [task, doubted] })).toEqual([
      'route 1: fenced',
    ]);
    expect(taskReasons({ room: 'route', confirmedForMs: 5, tasks: [] })).toEqual([]);
  });

  test('a partition runs, and waits for a record’s schema', () => {
    const waiting = { ...task, problem: 'the registry does not answer' };
    expect(taskReasons({ room: 'route', confirmedForMs: 5, tasks: [task, waiting] })).toEqual([
      'route 0: the registry does not answer',
    ]);
  });
});
