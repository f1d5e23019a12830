import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { waitFor } from '@keelson/testkit';
import type { TaskRecord } from './api.ts';
import { createClient } from './client/index.ts';
import { explicitPartition } from './outgoing.ts';
import { follow, readTopic } from './reader.ts';
import { silentLogger } from './logger.ts';
import { createWorld, record, sample, startMs, type Sample, type World } from './testing/support.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
}, startMs);
afterAll(() => world.close());

const input = (): string => world.inputs[0] ?? '';
const text = ({ value }: TaskRecord): string => (value as Sample).delivery_id;

test('creates what is missing, leaves what is there, and describes both', async () => {
  const name = `${world.name}.extra`;
  const topic = { name, partitions: 2, replicationFactor: 1, config: { 'retention.ms': '1000' } };
  expect(await world.admin.createTopics([topic, { ...topic, name: input(), partitions: 9 }])).toEqual([name]);
  const [described, existing] = await world.admin.describeTopics([name, input(), 'missing']);
  expect(described).toMatchObject({ name, partitions: 2, replicationFactor: 1, overrides: ['retention.ms'] });
  expect(existing?.partitions).toBe(2);

  await world.admin.setTopicConfig(name, { 'segment.ms': '60000' });
  const changed = async () => (await world.admin.describeTopics([name]))[0];
  await waitFor('the new setting', async () => (await changed())?.config['segment.ms'] === '60000');
  expect((await changed())?.config['retention.ms']).toBe('1000');
  await world.admin.deleteTopics([name]);
});

test('tells settings of brokers, and offsets', async () => {
  const settings = [...(await world.admin.brokerConfig(['offsets.retention.minutes'])).values()];
  expect(Number(settings[0]?.['offsets.retention.minutes'])).toBeGreaterThan(0);
  expect(await world.admin.clusterId()).not.toBe('');
  expect(await world.admin.groupOffsets('nobody', [input()])).toEqual(new Map([[input(), new Map()]]));
});

test('reads a topic to its end, and follows it beyond', async () => {
  await world.feed(
    input(),
    [1, 2, 3].map(each => ({ key: 'k', text: `${each}`, partition: 0 })),
  );
  await world.feed(input(), [{ key: 'l', text: '4', partition: 1, headers: { traceparent: 'tp' } }]);
  const { kafka, codec } = world;
  const read = await world.read(input());
  expect(read.map(text)).toEqual(['1', '2', '3', '4']);
  expect(read[3]).toMatchObject({ key: 'l', partition: 1, offset: 0n, headers: { traceparent: 'tp' } });
  const from = new Map([[0, 2n]]);
  const rest: string[] = [];
  for await (const each of readTopic(input(), { kafka, codec, partitions: [0], from })) rest.push(text(each));
  expect(rest).toEqual(['3']);
  expect(await world.admin.topicOffsets(input())).toEqual([
    { partition: 0, earliest: 0n, end: 3n },
    { partition: 1, earliest: 0n, end: 1n },
  ]);

  const seen: string[] = [];
  const ending = new AbortController();
  const following = (async () => {
    for await (const each of follow(input(), { kafka, codec, signal: ending.signal })) seen.push(text(each));
  })();
  await waitFor('what is there', () => seen.length === 4);
  await world.feed(input(), [{ key: 'k', text: '5' }]);
  await waitFor('what came', () => seen.includes('5'));
  ending.abort();
  await following;
});

test('waits for what a transaction wrote before the reading began', async () => {
  const topic = world.output;
  const { kafka, codec } = world;
  const producer = createClient(kafka, silentLogger).producer({
    transactionalId: world.name,
    createPartitioner: () => explicitPartition,
    retry: { retries: 10 },
  });
  await producer.connect();
  const transaction = await producer.transaction();
  const value = codec.encode(topic, record, sample('open'));
  await transaction.send({ topic, messages: [{ key: 'k', partition: 0, value }] });
  await world.feed(topic, [{ key: 'k', text: 'behind', partition: 0 }]);
  let ended = false;
  const reading = world.read(topic).finally(() => (ended = true));
  // What reads no further than the stable end is done long before these answers.
  for (let asked = 0; asked < 50; asked++) await world.admin.topicOffsets(topic);
  expect(ended).toBe(false);
  await transaction.commit();
  expect((await reading).map(text)).toEqual(['open', 'behind']);
  await producer.disconnect();
});
