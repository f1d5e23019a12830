import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Parser } from '@asyncapi/parser';
import { loadTopics } from './topics.ts';

interface Message {
  readonly payload: { readonly schema: Record<string, unknown> };
}

const root = join(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'docs/asyncapi.json'), 'utf8');
const open = loadTopics(join(root, 'infra/kafka/topics.yaml'))
  .filter(({ readBy }) => readBy.includes('subscribers'))
  .map(({ name }) => name);

/** Made once: it compiles all that AsyncAPI and Avro ask for, which takes seconds. */
const parser = new Parser();

/** What AsyncAPI's own parser calls an error. */
async function errorsOf(document: string): Promise<string[]> {
  const { diagnostics } = await parser.parse(document);
  return diagnostics.filter(({ severity }) => Number(severity) === 0).map(({ message }) => message);
}

describe('docs/asyncapi.json', () => {
  test('is AsyncAPI to its own parser, Avro schemas included', async () => {
    expect(await errorsOf(text)).toEqual([]);
  }, 120_000);

  test('control: the parser sees a name that is none', async () => {
    const document = JSON.parse(text) as { components: { messages: Record<string, Message> } };
    const [name, message] = Object.entries(document.components.messages)[0] as [string, Message];
    message.payload.schema['name'] = 'no.name';
    const alone = { messages: { [name]: message } };
    const broken = { ...document, channels: {}, operations: {}, components: alone };
    expect(await errorsOf(JSON.stringify(broken))).not.toEqual([]);
  }, 120_000);

  test('has a channel for every topic that others may subscribe to, and no other', () => {
    const { channels } = JSON.parse(text) as { channels: Record<string, { address: string }> };
    expect(
      Object.values(channels)
        .map(({ address }) => address)
        .sort(),
    ).toEqual([...open].sort());
  });
});
