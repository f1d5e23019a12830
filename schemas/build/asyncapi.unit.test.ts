import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Parser } from '@asyncapi/parser';
import { loadTopics } from './topics.ts';

const root = join(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'docs/asyncapi.json'), 'utf8');
const open = loadTopics(join(root, 'infra/kafka/topics.yaml'))
  .filter(({ readBy }) => readBy.includes('subscribers'))
  .map(({ name }) => name);

/** What AsyncAPI's own parser calls an error. */
async function errorsOf(document: string): Promise<string[]> {
  const { diagnostics } = await new Parser().parse(document);
  return diagnostics.filter(({ severity }) => severity === 0).map(({ message }) => message);
}

describe('docs/asyncapi.json', () => {
  test('is AsyncAPI to its own parser, Avro schemas included', async () => {
    expect(await errorsOf(text)).toEqual([]);
  }, 120_000);

  test('control: the parser sees a name that is none', async () => {
    const { channels, components, ...rest } = JSON.parse(text) as Record<string, object>;
    const [name, message] = Object.entries((components as { messages: object }).messages)[0] as [
      string,
      { payload: { schema: object } },
    ];
    const payload = { ...message.payload, schema: { ...message.payload.schema, name: 'no.name' } };
    const broken = { ...rest, channels: {}, operations: {}, components: { messages: { [name]: { ...message, payload } } } };
    expect(channels).toBeDefined();
    expect(await errorsOf(JSON.stringify(broken))).not.toEqual([]);
  }, 120_000);

  test('has a channel for every topic that others may subscribe to, and no other', () => {
    const { channels } = JSON.parse(text) as { channels: Record<string, { address: string }> };
    expect(Object.values(channels).map(({ address }) => address).sort()).toEqual([...open].sort());
  });
});
