/**
 * A ceiling: bare kafkajs copies every record of `KEELSON_BENCH_INPUTS` to one topic, a transaction a fetched batch, its
 * offset within; nothing is decoded. A producer a partition, so that as many transactions are under way at a time.
 */
import { kafkajs } from '../kafkajs.ts';
import { answerReady } from './answer-ready.ts';

const setting = (name: string): string => process.env[name] ?? '';
const inputs = setting('KEELSON_BENCH_INPUTS').split(',');
const topic = setting('KEELSON_BENCH_TOPIC');
const groupId = 'bench-raw-copy';
const producerCount = Number(setting('KEELSON_PARTITIONS'));

const kafka = new kafkajs.Kafka({
  brokers: setting('KEELSON_KAFKA_BROKERS').split(','),
  logLevel: kafkajs.logLevel.ERROR,
});
const producers = Array.from({ length: producerCount }, (_, index) =>
  kafka.producer({
    transactionalId: `${groupId}-${index}`,
    maxInFlightRequests: 1,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    // The first send of every second transaction is told to come again.
    retry: { initialRetryTime: 5, retries: 20 },
  }),
);
await Promise.all(producers.map(producer => producer.connect()));
const lines: Promise<void>[] = producers.map(() => Promise.resolve());
let records = 0;

async function copy(batch: Batch): Promise<void> {
  const { topic: source, partition, messages } = batch;
  const transaction = await producers[partition]?.transaction();
  if (transaction === undefined) throw new Error(`no producer for partition ${partition}`);
  await transaction.send({
    topic,
    messages: messages.map(({ key, value, headers = {}, timestamp }) => ({
      ...{ key, value, headers, timestamp, partition },
    })),
  });
  const offset = String(BigInt(batch.lastOffset()) + 1n);
  await transaction.sendOffsets({
    consumerGroupId: groupId,
    topics: [{ topic: source, partitions: [{ partition, offset }] }],
  });
  await transaction.commit();
  records += messages.length;
}

const consumer = kafka.consumer({ groupId, maxBytesPerPartition: 512 * 1024, maxWaitTimeInMs: 250 });
type Batch = Parameters<NonNullable<Parameters<typeof consumer.run>[0]>['eachBatch'] & object>[0]['batch'];
await consumer.connect();
await consumer.subscribe({ topics: inputs, fromBeginning: true });
await consumer.run({
  autoCommit: false,
  partitionsConsumedConcurrently: producerCount * 2,
  async eachBatch({ batch }) {
    const line = lines[batch.partition]?.then(() => copy(batch));
    lines[batch.partition] = line ?? Promise.resolve();
    await line;
  },
});
process.on('SIGTERM', () => void consumer.disconnect().then(() => process.exit()));
answerReady(() => ({ records }));
