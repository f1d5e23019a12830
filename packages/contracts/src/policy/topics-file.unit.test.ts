import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { expandTopics, generationsOf, parseTopicsFile } from './index.ts';
import type { TopicsFile } from './index.ts';

const text = readFileSync(join(import.meta.dirname, '../../../../infra/kafka/topics.yaml'), 'utf8');
const topology = {
  sources: ['stripe'],
  targets: [
    { name: 'odoo', kind: 'odoo' },
    { name: 'books', kind: 'finance' },
  ],
} as const;

function fileWith(generations: Record<string, number>): TopicsFile {
  const parsed = parseTopicsFile(text);
  if (!parsed.ok) throw new Error('topics.yaml');
  const topics = Object.entries(parsed.value.topics).map(([name, declared]) => [
    name,
    { ...declared, generation: generations[name] },
  ]);
  return { ...parsed.value, topics: Object.fromEntries(topics) as TopicsFile['topics'] };
}

describe('the generation of a topic', () => {
  test('is the same for whoever makes the topics and whoever reads them', () => {
    const file = fileWith({ 'ingress.<source>': 2, 'sink.<target>': 3, 'sink.<target>.bulk': 4, audit: 5 });
    const generationOf = generationsOf(file);
    const made = expandTopics(file, topology);
    expect(new Set(made.map(({ generation }) => generation))).toEqual(new Set([1, 2, 3, 4, 5]));
    for (const { name, generation } of made) expect([name, generationOf(name)]).toEqual([name, generation]);
  });

  test('is known of a source that is gone, and is the default’s where nothing is declared', () => {
    const generationOf = generationsOf(fileWith({ 'ingress.<source>': 2 }));
    expect([generationOf('ingress.gone'), generationOf('ingress.a.b'), generationOf('other')]).toEqual([
      2, 1, 1,
    ]);
  });
});
