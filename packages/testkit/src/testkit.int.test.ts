import { beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { javaTool } from '@keelson/local';
import { startProcess } from './child.ts';
import { readByJava } from './console-consumer.ts';
import { freshDatabase } from './database.ts';
import { platform } from './platform.ts';
import { uniqueName } from './topics.ts';
import type { TestPlatform } from './platform-server.ts';

const ask = async (url: string, sql: string): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<unknown[]>({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
};

describe('the platform of a test run', () => {
  let found: TestPlatform;
  beforeAll(async () => {
    found = await platform();
  }, 600_000);

  const runTool = async (mainClass: string, args: readonly string[]): Promise<void> => {
    const tool = await javaTool(mainClass, ['--bootstrap-server', found.brokers, ...args]);
    const running = startProcess(tool.command, tool.args);
    const { code } = await running.exited;
    if (code !== 0) throw new Error(running.lines().join('\n'));
  };

  test('has a registry that answers', async () => {
    const response = await fetch(`${found.registryUrl}/subjects`);
    expect(response.status).toBe(200);
  });

  test("is read by Kafka's own consumer", async () => {
    const topic = uniqueName('console');
    await runTool('org.apache.kafka.tools.TopicCommand', ['--create', '--topic', topic, '--partitions', '1']);
    await runTool('org.apache.kafka.tools.ProducerPerformance', [
      '--topic',
      topic,
      '--num-records',
      '50',
      '--record-size',
      '10',
      '--throughput',
      '-1',
    ]);
    const reader = await readByJava(topic);
    const records = await reader.until('50 records', all => all.length >= 50);
    await reader.stop();
    expect(records.map(({ partition, offset }) => [partition, offset])).toEqual(
      Array.from({ length: 50 }, (_, offset) => [0, offset]),
    );
    expect(records[0]).toEqual({ partition: 0, offset: 0, key: null, headers: {} });
  });

  test('gives each test a database of its own, from a template made once', async () => {
    let prepared = 0;
    const template = {
      name: uniqueName('template'),
      prepare: async (url: string) => {
        prepared++;
        await ask(url, 'create table notes (text text)');
      },
    };
    const [one, two] = await Promise.all([freshDatabase(template), freshDatabase(template)]);
    await ask(one.url, `insert into notes values ('only here')`);
    expect(await ask(one.url, 'select text from notes')).toEqual(['only here']);
    expect(await ask(two.url, 'select text from notes')).toEqual([]);
    expect(prepared).toBe(1);
    await Promise.all([one.drop(), two.drop()]);
    await expect(ask(one.url, 'select 1')).rejects.toThrow('does not exist');
  });
});
