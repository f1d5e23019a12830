import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { topics } from '@keelson/contracts';
import type { Parked } from '@keelson/contracts';
import { createLogger, readConfiguration } from '@keelson/service';
import { readTopic } from '@keelson/stream';
import { waitFor } from '@keelson/testkit';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { runSink } from './run-sink.ts';
import { createFakePort } from './testing/fake-port.ts';
import { createBrokerWorld, partitions } from './testing/real-broker.ts';
import type { BrokerWorld } from './testing/real-broker.ts';
import { idsFor } from './testing/simulated-task.ts';
import { odooWorkOf, testFlows } from './testing/works.ts';

let world: BrokerWorld;
beforeAll(async () => {
  world = await createBrokerWorld();
}, 180_000);
afterAll(() => world.close());

const infra = join(import.meta.dirname, '../../../infra');

/** An installation's own files, with topics that were made anew once. */
function configuration() {
  const file = (name: string, text: string): string => {
    writeFileSync(join(world.stateDirectory, name), text);
    return join(world.stateDirectory, name);
  };
  const declared = readFileSync(join(infra, 'kafka/topics.yaml'), 'utf8');
  const names = [...policyText().matchAll(/\$\{([A-Z0-9_]+)\}/g)].map(([, name = '']) => name);
  const settings = Object.fromEntries(
    names.map(name => [name, name.endsWith('_URL') ? 'http://127.0.0.1:1' : 'x']),
  );
  return readConfiguration({
    ...settings,
    KEELSON_ENVIRONMENT: 'test',
    KEELSON_KAFKA_BROKERS: world.kafka.brokers.join(','),
    KEELSON_REGISTRY_URL: 'http://127.0.0.1:1',
    KEELSON_SCHEMA_IDS_FILE: file('ids.json', JSON.stringify(idsFor(world.target))),
    KEELSON_POLICY_DIRECTORY: join(infra, 'policy'),
    KEELSON_TOPICS_FILE: file('topics.yaml', declared.replace('generation: 1', 'generation: 2')),
    KEELSON_STATE_DIRECTORY: join(world.stateDirectory, 'stores'),
    KEELSON_PARTITIONS: String(partitions),
  });
}

const policyText = (): string => {
  const directory = join(infra, 'policy');
  return readdirSync(directory)
    .map(name => readFileSync(join(directory, name), 'utf8'))
    .join('\n');
};

async function parked(): Promise<Map<string, Parked>> {
  const entries = new Map<string, Parked>();
  const { kafka, codec, target } = world;
  for await (const { key, value } of readTopic(topics.parked(target), { kafka, codec }))
    entries.set(key, value as Parked);
  return entries;
}

test('the generation of topics.yaml stands in keys of parked work and in local checkpoints', async () => {
  const { settings, generationOf } = configuration();
  const port = createFakePort();
  port.behave = () => ({ answer: 'refused', code: 'closed_period', reason: 'the period is closed' });
  const releases: (() => Promise<void> | void)[] = [];
  mkdirSync(settings.KEELSON_STATE_DIRECTORY, { recursive: true });
  await runSink(
    {
      environment: {},
      logger: createLogger('sink', 'fatal'),
      onShutdown: release => void releases.push(release),
      setReadiness: () => undefined,
      setWarnings: () => undefined,
      fail: () => undefined,
    },
    {
      ...{ settings, generationOf, port, flows: testFlows },
      target: world.target,
      record: 'keelson.work.OdooWork',
      policy: { mode: 'live', environment: 'test', rate: { requests_per_second: 1_000, concurrency: 1 } },
    },
  );
  const topic = topics.sink(world.target);
  const value = odooWorkOf({ customer: 'c1', id: 'a', kind: 'fact' });
  await world.publish([{ topic, key: 'c1', record: 'keelson.work.OdooWork', value }]);
  const entries = await waitFor('the parked work', parked, { until: ({ size }) => size === 1 });
  for (const release of releases.reverse()) await release();

  expect([...entries]).toMatchObject([[`c1/${topic}/2/0000000000000000000`, { generation: 2 }]]);
  const stores = readdirSync(settings.KEELSON_STATE_DIRECTORY, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.sqlite'))
    .map(name => join(settings.KEELSON_STATE_DIRECTORY, name));
  expect(stores).toHaveLength(partitions);
  for (const store of stores) {
    const database = new DatabaseSync(store, { readOnly: true });
    const rows = database.prepare('SELECT name, generation FROM checkpoint ORDER BY name').all();
    database.close();
    expect(rows.map(row => ({ ...row }))).toEqual(
      [topics.parked(world.target), topics.standing(`${world.target}-sink`)].map(name => ({
        ...{ name, generation: 2 },
      })),
    );
  }
});
