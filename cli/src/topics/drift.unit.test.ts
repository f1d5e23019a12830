import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { expandTopics, parseTopicsFile, schemas } from '@keelson/contracts';
import type { TopicSpecification } from '@keelson/contracts';
import type { TopicDescription } from '@keelson/stream';
import { driftOf } from './drift.ts';

const file = parseTopicsFile(
  readFileSync(join(import.meta.dirname, '../../../infra/kafka/topics.yaml'), 'utf8'),
);
if (!file.ok) throw new Error('topics.yaml');
const topology = {
  sources: ['stripe', 'api'],
  targets: [
    { name: 'odoo', kind: 'odoo' as const },
    { name: 'odoo-emea', kind: 'odoo' as const },
    { name: 'support', kind: 'support' as const },
  ],
};
const topics = expandTopics(file.value, topology, { replicationFactor: 1 });
const named = (name: string): TopicSpecification => {
  const found = topics.find(topic => topic.name === name);
  if (found === undefined) throw new Error(`no topic ${name}`);
  return found;
};
const asFound = (topic: TopicSpecification): TopicDescription => ({
  ...topic,
  config: { ...topic.config, 'max.message.bytes': '1' },
  overrides: [],
});

describe('topics of an installation', () => {
  test('one per source, target and service; a target gets the records of its kind', () => {
    expect(named('ingress.api').personalData).toBe(true);
    expect(named('sink.odoo-emea').records).toEqual(['keelson.work.OdooWork']);
    expect(named('sink.support.bulk').records).toEqual(['keelson.work.SupportWork']);
    expect(topics.filter(({ name }) => name.startsWith('control.')).map(({ name }) => name)).toEqual([
      'control.ingestor',
      'control.odoo-emea-sink',
      'control.odoo-sink',
      'control.router',
      'control.support-sink',
    ]);
  });

  test('every record has a schema, every topic the same count; one copy asks for one in sync', () => {
    for (const { records, partitions, config } of topics) {
      expect(records.every(record => record in schemas)).toBe(true);
      expect(partitions).toBe(3);
      expect(config['min.insync.replicas']).toBe('1');
    }
  });

  test('personal data forgets within 28 days, or is compacted within a day', () => {
    const day = 86_400_000;
    for (const { name, personalData, config } of topics) {
      if (!personalData) continue;
      const forgets =
        config['cleanup.policy'] === 'compact'
          ? Number(config['max.compaction.lag.ms']) <= day
          : Number(config['retention.ms']) + Number(config['segment.ms']) <= 28 * day;
      expect([name, forgets]).toEqual([name, true]);
    }
  });
});

describe('drift', () => {
  test('none where all is as declared; settings that nobody declared are left alone', () => {
    expect(driftOf(topics, topics.map(asFound))).toEqual([]);
  });

  test('a missing topic and a changed setting can be applied, another partition count cannot', () => {
    const receipts = asFound(named('receipts'));
    const found = [{ ...receipts, partitions: 6, config: { ...receipts.config, 'retention.ms': '5' } }];
    expect(driftOf([named('receipts'), named('audit')], found)).toEqual([
      { topic: 'receipts', what: 'partitions', wanted: '3', found: '6', applicable: false },
      { topic: 'receipts', what: 'retention.ms', wanted: '31536000000', found: '5', applicable: true },
      { topic: 'audit', what: 'topic', wanted: 'exists', found: 'missing', applicable: true },
    ]);
  });
});
