import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { silentLogger } from '../logger.ts';
import { createWorld, startMs, type World } from '../testing/support.ts';
import { explicitPartition } from '../outgoing.ts';
import { createClient, createCluster } from './connection.ts';
import type { KafkaMessage, PartitionData } from './internals.ts';
import { internals } from './kafkajs.ts';

/* Three transactional writers to one partition are killed with open transactions; their successors end these. */

let world: World;
beforeAll(async () => {
  world = await createWorld({ partitions: 1 });
}, startMs);
afterAll(() => world.close());

const rounds = 8;
const writers = [0, 1, 2];

async function killAndSucceed(round: number): Promise<void> {
  const open = (writer: number) =>
    createClient(world.kafka, silentLogger).producer({
      transactionalId: `${world.name}-${writer}`,
      maxInFlightRequests: 1,
      retry: { retries: 8, initialRetryTime: 20 },
      createPartitioner: () => explicitPartition,
    });
  const send = (text: string) => ({
    topic: world.output,
    messages: [0, 1, 2].map(each => ({ key: 'k', value: `${text} ${each}`, partition: 0 })),
  });
  const killed = writers.map(open);
  for (const producer of killed) await producer.connect();
  const transactions = await Promise.all(killed.map(producer => producer.transaction()));
  for (let times = 0; times < 2; times++)
    for (const transaction of transactions) await transaction.send(send(`dead ${round}`));
  // In another order than the one they began in: the broker lists aborted transactions as they end.
  for (const writer of writers.toReversed()) {
    const successor = open(writer);
    await successor.connect();
    const transaction = await successor.transaction();
    await transaction.send(send(`live ${round}`));
    await transaction.commit();
    await successor.disconnect();
  }
  await Promise.all(killed.map(producer => producer.disconnect()));
}

const texts = (messages: readonly KafkaMessage[]): string[] =>
  messages.filter(each => !each.isControlRecord).map(each => String(each.value));

test('no aborted record is read, where kafkajs’ own filter lets some through', async () => {
  for (let round = 0; round < rounds; round++) await killAndSucceed(round);

  const cluster = createCluster(world.kafka, silentLogger);
  await cluster.connect();
  await cluster.addMultipleTargetTopics([world.output]);
  const [leader = ''] = Object.keys(cluster.findLeaderForPartitions(world.output, [0]));
  const broker = await cluster.findBroker({ nodeId: leader });
  const partitions = [{ partition: 0, fetchOffset: '0', maxBytes: 1 << 20 }];
  const request = {
    isolationLevel: 1,
    maxWaitTime: 100,
    minBytes: 1,
    maxBytes: 1 << 20,
    topics: [{ topic: world.output, partitions }],
  };
  const { responses } = await broker.fetch(request);
  await cluster.disconnect();

  const data = responses[0]?.partitions[0] as PartitionData;
  const live = rounds * writers.length * 3;
  const repaired = texts(new internals.Batch(world.output, '0', data).messages);
  expect(repaired.filter(text => text.startsWith('live'))).toHaveLength(live);
  expect(repaired.filter(text => text.startsWith('dead'))).toEqual([]);

  const original = createRequire(import.meta.url)('kafkajs/src/consumer/filterAbortedMessages.js') as (
    data: PartitionData,
  ) => KafkaMessage[];
  expect(texts(original(data)).filter(text => text.startsWith('dead'))).not.toEqual([]);
});
