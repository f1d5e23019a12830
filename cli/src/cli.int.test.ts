import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { schemas, topics } from '@keelson/contracts';
import type { AuditEntry, Control, Parked, RecordByName } from '@keelson/contracts';
import {
  connectAdmin,
  createCodec,
  createPublisher,
  partitionOf,
  readTopic,
  silentLogger,
} from '@keelson/stream';
import { platform, uniqueName, waitFor } from '@keelson/testkit';

// Each test runs several commands, each a process of its own.
jest.setTimeout(120_000);

const directory = mkdtempSync(join(tmpdir(), 'keelson-cli-'));
const ids = join(directory, 'ids.json');
let brokers = '';
let registry = '';
/** Where everything is applied, as flags. */
let installation: string[];

beforeAll(async () => {
  const running = await platform();
  brokers = running.brokers;
  registry = running.registryUrl;
  for (const apply of [
    ['topics', 'apply', '--brokers', brokers, '--replication-factor', '1'],
    ['schemas', 'apply', '--registry', registry, '--ids', ids],
  ])
    expect(await keelson(...apply)).toMatchObject({ code: 0, err: '' });
  installation = ['--brokers', brokers, '--registry', registry, '--ids', ids];
}, 300_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What one command left on a topic, by partition. */
async function left<R extends 'keelson.internal.Control' | 'keelson.internal.AuditEntry'>(
  topic: string,
  record: R,
  commandId: (value: RecordByName[R]) => string | undefined,
  id: string,
): Promise<{ partition: number; key: string; value: RecordByName[R] }[]> {
  const codec = createCodec({
    schemas,
    ids: JSON.parse(readFileSync(ids, 'utf8')) as Record<string, number>,
  });
  const found = [];
  for await (const each of readTopic(topic, {
    kafka: { brokers: brokers.split(','), clientId: 'test' },
    codec,
  })) {
    const value = each.value as RecordByName[R];
    if (each.record === record && commandId(value) === id)
      found.push({ partition: each.partition, key: each.key, value });
  }
  return found;
}

function keelson(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const command = [
    '--conditions=@keelson/source',
    '--disable-warning=TimeoutNegativeWarning',
    join(import.meta.dirname, 'main.ts'),
    ...args,
  ];
  return new Promise(resolve => {
    execFile(process.execPath, command, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1, out, err }),
    );
  });
}

describe('keelson', () => {
  test('topics apply creates what is missing, a second time nothing, and drift then finds the topics as declared', async () => {
    const flags = ['--brokers', brokers, '--replication-factor', '1', '--json'];
    await keelson('topics', 'apply', ...flags);
    const second = JSON.parse((await keelson('topics', 'apply', ...flags)).out) as {
      created: string[];
      changed: unknown[];
    };
    expect(second).toMatchObject({ created: [], changed: [] });
    const drift = JSON.parse((await keelson('topics', 'drift', ...flags)).out) as { topic: string }[];
    expect(drift.filter(({ topic }) => !topic.startsWith('broker'))).toEqual([]);
  });

  test('drift sees a changed setting, exits 1, and apply mends it without touching the others', async () => {
    const topic = uniqueName('drift');
    const file = join(directory, 'topics.yaml');
    writeFileSync(
      file,
      `defaults: { generation: 1, partitions: 1, replication_factor: 1, config: {} }
broker: {}
retention_classes: { years_7: { cleanup.policy: delete, retention.ms: '220752000000' } }
topics:
  ${topic}: { key: any, retention: years_7, records: [keelson.internal.AuditEntry], written_by: [cli], read_by: [cli], doc: For this test. }
`,
    );
    const flags = ['--brokers', brokers, '--topics', file, '--json'];
    expect(await keelson('topics', 'apply', ...flags)).toMatchObject({ code: 0, err: '' });
    const admin = await connectAdmin({ brokers: brokers.split(','), clientId: 'test' }, silentLogger);
    try {
      // A broker answers with a new setting a moment after it has taken it.
      const settings = async (): Promise<Readonly<Record<string, string>>> =>
        (await admin.describeTopics([topic]))[0]?.config ?? {};
      await admin.setTopicConfig(topic, { 'retention.ms': '1000', 'max.message.bytes': '2000000' });
      await waitFor('the changed setting', settings, { until: each => each['retention.ms'] === '1000' });
      const drift = await keelson('topics', 'drift', ...flags);
      expect(drift.code).toBe(1);
      expect(JSON.parse(drift.out)).toEqual([
        { topic, what: 'retention.ms', wanted: '220752000000', found: '1000', applicable: true },
      ]);
      await keelson('topics', 'apply', ...flags);
      const mended = await waitFor('the mended setting', settings, {
        until: each => each['retention.ms'] === '220752000000',
      });
      expect(mended).toMatchObject({ 'max.message.bytes': '2000000' });
    } finally {
      await admin.deleteTopics([topic]);
      await admin.close();
    }
  });

  test('schemas apply registers every subject and gives the same ids the second time', async () => {
    const apply = (): Promise<{ code: number; err: string }> =>
      keelson('schemas', 'apply', '--registry', registry, '--ids', ids);
    expect(await apply()).toMatchObject({ code: 0, err: '' });
    const first = readFileSync(ids, 'utf8');
    expect(Object.keys(JSON.parse(first) as object)).toContain(
      'billing.events-keelson.billing.InvoiceFinalized',
    );
    expect(await apply()).toMatchObject({ code: 0 });
    expect(readFileSync(ids, 'utf8')).toBe(first);
  });

  test.each([
    [
      'everything once into each partition',
      ['discard', 'odoo', '--all', '--yes'],
      'control.odoo-sink',
      [0, 1, 2],
    ],
    ['a pause likewise', ['pause', 'finance'], 'control.finance-sink', [0, 1, 2]],
    ['a lane to its own', ['release', 'odoo', '--lane', 'c1'], 'control.odoo-sink', [partitionOf('c1', 3)]],
    [
      'an entry to its lane’s',
      ['discard', 'router', '--entry', 'c2/router.resolved/1/0'],
      'control.router',
      [partitionOf('c2', 3)],
    ],
    [
      'a link to its alias’s',
      ['link', 'stripe:acct_1:ch_1', 'c3'],
      'control.router',
      [partitionOf('stripe:acct_1:ch_1', 3)],
    ],
  ])('a command goes out, %s, and stands in the audit', async (_, args, topic, partitions) => {
    const who = ['--actor', 'ada', '--reason', 'mended'];
    const { out, ...ended } = await keelson(...args, ...who, ...installation, '--json');
    expect(ended).toEqual({ code: 0, err: '' });
    const sent = JSON.parse(out) as Control;
    const ofControl = ({ command_id }: Control): string => command_id;
    const controls = await left(topic, 'keelson.internal.Control', ofControl, sent.command_id);
    expect(controls.map(({ partition }) => partition)).toEqual(partitions);
    for (const { value } of controls) expect(value).toEqual(sent);
    const ofAudit = ({ details }: AuditEntry): string | undefined => details['command_id'];
    const audited = await left('audit', 'keelson.internal.AuditEntry', ofAudit, sent.command_id);
    expect(audited).toMatchObject([
      { key: 'ada', value: { actor: 'ada', action: args[0], object: sent.target, reason: 'mended' } },
    ]);
    expect(audited[0]?.value.details['lane']).toBe(sent.lane ?? undefined);
  });

  test('without Kafka or registry a command says so, what to look at, and ends with 69', async () => {
    const nowhere = ['--brokers', '127.0.0.1:1'];
    const who = ['--actor', 'a', '--reason', 'r'];
    for (const args of [
      ['topics', 'drift', ...nowhere],
      ['parked', 'list', 'odoo', ...nowhere, '--ids', ids],
      ['conservation', ...nowhere, '--ids', ids],
      ['release', 'odoo', '--all', ...who, ...nowhere, '--ids', ids],
    ])
      expect(await keelson(...args)).toMatchObject({
        code: 69,
        err: expect.stringContaining('KEELSON_KAFKA_BROKERS'),
      });
    expect(
      await keelson('schemas', 'apply', '--registry', 'http://127.0.0.1:1', '--ids', join(directory, 'x')),
    ).toMatchObject({ code: 69, err: expect.stringContaining('KEELSON_REGISTRY_URL') });
  });

  test('a record whose schema nobody explains ends a reading; it does not wait for ever', async () => {
    const target = uniqueName('nobody');
    const topic = topics.parked(target);
    const kafka = { brokers: brokers.split(','), clientId: 'test' };
    const admin = await connectAdmin(kafka, silentLogger);
    await admin.createTopics([{ name: topic, partitions: 1, replicationFactor: 1, config: {} }]);
    await admin.close();
    const publisher = createPublisher({
      kafka,
      codec: createCodec({ schemas, ids: { [`${topic}-keelson.internal.Parked`]: 999_999 } }),
      partitionCount: 1,
      logger: silentLogger,
      deadlineMs: 20_000,
    });
    await publisher.publish([{ topic, key: 'k', record: 'keelson.internal.Parked', value: parkedEntry }]);
    await publisher.stop();
    const { code, err } = await keelson('parked', 'list', target, ...installation);
    expect({ code, err }).toMatchObject({ code: 69, err: expect.stringContaining('schema 999999') });
  });

  test('an id map that is not there, a missing topic and a missing target name what to do', async () => {
    const missing = join(directory, 'no-such.json');
    const who = ['--actor', 'a', '--reason', 'r'];
    expect(await keelson('parked', 'list', 'odoo', '--brokers', brokers, '--ids', missing)).toMatchObject({
      code: 2,
      err: expect.stringContaining('keelson schemas apply'),
    });
    expect(await keelson('parked', 'list', 'nobody', ...installation)).toMatchObject({
      code: 1,
      err: expect.stringContaining('keelson topics apply'),
    });
    expect(await keelson('pause', 'nobody', ...who, ...installation)).toMatchObject({
      code: 2,
      err: expect.stringContaining('odoo'),
    });
  });

  test.each([
    [['discard', 'odoo', '--all', '--actor', 'a', '--reason', 'r'], 2],
    [['discard', 'odoo', '--lane', 'x', '--entry', 'x/y', '--actor', 'a', '--reason', 'r'], 2],
    [['pause', 'router', '--actor', 'a', '--reason', 'r'], 2],
    [['pause', 'odoo', '--actor', 'a'], 2],
    [['topics', 'aply'], 2],
    [['topics', 'apply', '--brokers', 'x', '--partitions', 'many'], 2],
    [['release', 'odoo', '--actor', 'a', '--reason', 'r'], 2],
    [['schemas', 'apply'], 2],
    [['--help'], 0],
  ])('%j exits with %i', async (args, code) => {
    expect((await keelson(...args)).code).toBe(code);
  });
});

const parkedEntry: Parked = {
  kind: 'exception',
  target: 'support',
  lane: null,
  topic: 'sink.support',
  generation: 1,
  offset: '9',
  key: 'c9',
  record: '',
  value: Buffer.alloc(0),
  headers: {},
  event_id: null,
  position: 'ingress.stripe/0/9',
  error_code: 'test',
  reason: 'test',
  needs: [],
  not_before: null,
  attempts: 1,
  released: false,
  received_at: 0,
  parked_at: 0,
};
