import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectAdmin, silentLogger } from '@keelson/stream';
import { platform } from '@keelson/testkit';

const directory = mkdtempSync(join(tmpdir(), 'keelson-cli-'));
const ids = join(directory, 'ids.json');
let brokers = '';
let registry = '';

beforeAll(async () => {
  const running = await platform();
  brokers = running.brokers;
  registry = running.registryUrl;
}, 120_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

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
    const first = JSON.parse((await keelson('topics', 'apply', ...flags)).out) as { created: string[] };
    const second = JSON.parse((await keelson('topics', 'apply', ...flags)).out) as {
      created: string[];
      changed: unknown[];
    };
    expect(first.created.length + second.created.length).toBeGreaterThanOrEqual(0);
    expect(second).toMatchObject({ created: [], changed: [] });
    const drift = JSON.parse((await keelson('topics', 'drift', ...flags)).out) as { topic: string }[];
    expect(drift.filter(({ topic }) => !topic.startsWith('broker'))).toEqual([]);
  });

  test('drift sees a changed setting, exits 1, and apply mends it without touching the others', async () => {
    const flags = ['--brokers', brokers, '--replication-factor', '1', '--json'];
    await keelson('topics', 'apply', ...flags);
    const admin = await connectAdmin({ brokers: brokers.split(','), clientId: 'test' }, silentLogger);
    try {
      await admin.setTopicConfig('audit', { 'retention.ms': '1000', 'max.message.bytes': '2000000' });
      const drift = await keelson('topics', 'drift', ...flags);
      expect(drift.code).toBe(1);
      expect(JSON.parse(drift.out)).toContainEqual({
        topic: 'audit',
        what: 'retention.ms',
        wanted: '220752000000',
        found: '1000',
        applicable: true,
      });
      await keelson('topics', 'apply', ...flags);
      const [audit] = await admin.describeTopics(['audit']);
      expect(audit?.config).toMatchObject({ 'retention.ms': '220752000000', 'max.message.bytes': '2000000' });
    } finally {
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

  test('conservation of an empty installation comes out', async () => {
    await keelson('topics', 'apply', '--brokers', brokers, '--replication-factor', '1');
    await keelson('schemas', 'apply', '--registry', registry, '--ids', ids);
    const { code, out } = await keelson(
      'conservation',
      '--brokers',
      brokers,
      '--registry',
      registry,
      '--ids',
      ids,
      '--json',
    );
    expect(JSON.parse(out)).toMatchObject({ deliveries: { inFlight: 0 }, facts: { inFlight: 0 } });
    expect(code).toBe(0);
  });

  test.each([
    [['topics', 'aply'], 2],
    [['topics', 'apply', '--brokers', 'x', '--partitions', 'many'], 2],
    [['release', 'odoo', '--actor', 'a', '--reason', 'r'], 2],
    [['schemas', 'apply'], 2],
    [['--help'], 0],
  ])('%j exits with %i', async (args, code) => {
    expect((await keelson(...args)).code).toBe(code);
  });
});
