import { events, headers, topics } from '@keelson/contracts';
import { createPublisher, readTopic, silentLogger } from '@keelson/stream';
import { readByJava } from '@keelson/testkit';
import type { ConsoleReader, ConsoleRecord } from '@keelson/testkit';
import type { Seen } from '../check.ts';
import type { Target } from './feeder.ts';

/** A Kafka that Kafka's own tools can read. */
export interface Source extends Target {
  readonly brokers: string;
  readonly containerId?: string | undefined;
}

/** What stands behind the last record of a partition. */
const endKey = '(end)';
const byType: Readonly<Record<string, { readonly topic: string }>> = events;
const publicTopics = [...new Set(Object.values(byType).map(({ topic }) => topic))];
const plain = (topic: string): string => topic;

/** Kafka's own consumer on the public topics, `router.resolved` and `receipts`, from their start. */
export interface Subscriber {
  /** Everything that was committed by now; nobody may write any more. Ends the readers. */
  finish(): Promise<Seen[]>;
}

export async function subscribe(source: Source): Promise<Subscriber> {
  const { brokers, containerId, named = plain } = source;
  const from = { brokers, kafkaContainerId: containerId };
  const pattern = publicTopics.map(topic => named(topic).replaceAll('.', String.raw`\.`)).join('|');
  const read: readonly { topics: readonly string[]; reader: ConsoleReader }[] = [
    { topics: publicTopics, reader: await readByJava(new RegExp(pattern), from) },
    { topics: [topics.resolved], reader: await readByJava(named(topics.resolved), from) },
    { topics: [topics.receipts], reader: await readByJava(named(topics.receipts), from) },
  ];
  return {
    async finish() {
      await markEnds(
        source,
        read.flatMap(each => each.topics),
      );
      const laneOf = await lanes(source);
      const seen: Seen[] = [];
      for (const { topics: each, reader } of read) {
        const ends = each.length * source.partitionCount;
        const records = await reader.until(`the end of ${each.join(', ')}`, all => endsIn(all) === ends, {
          timeoutMs: 120_000,
        });
        await reader.stop();
        for (const record of records)
          if (record.key !== endKey) seen.push(seenOf(record, each[0] ?? '', laneOf));
      }
      return seen;
    },
  };
}

const endsIn = (records: readonly ConsoleRecord[]): number =>
  records.filter(({ key }) => key === endKey).length;

/** One tombstone into each partition. */
async function markEnds(source: Source, names: readonly string[]): Promise<void> {
  const { named = plain, partitionCount } = source;
  const publisher = createPublisher({ ...source, logger: silentLogger, deadlineMs: 60_000 });
  await publisher.publish(
    names.flatMap(topic =>
      Array.from({ length: partitionCount }, (_, partition) => ({
        ...{ topic: named(topic), key: endKey, partition, value: null },
        record: 'keelson.internal.Receipt' as const,
      })),
    ),
  );
  await publisher.stop();
}

/** The alias of every delivery, by the id of its trace. */
async function lanes({ kafka, codec, named = plain }: Source): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const record of readTopic(named(topics.ingress('stripe')), { kafka, codec }))
    found.set(traceOf(record.headers), record.key);
  return found;
}

const traceOf = (all: Readonly<Record<string, string>>): string =>
  (all[headers.traceparent] ?? '').split('-')[1] ?? '';

function seenOf(record: ConsoleRecord, topic: string, lanesByCause: ReadonlyMap<string, string>): Seen {
  const cause = traceOf(record.headers);
  const type = record.headers[headers.ceType];
  return {
    topic: type === undefined ? topic : (byType[type]?.topic ?? `unknown type ${type}`),
    partition: record.partition,
    offset: record.offset,
    key: record.key ?? '(none)',
    id: record.headers[headers.ceId] ?? '',
    cause: `${cause} ${record.headers[headers.position] ?? ''}`.trim(),
    // Both rooms write receipts, each in its own time.
    lane: topic === topics.receipts ? null : (lanesByCause.get(cause) ?? 'an unknown delivery'),
  };
}
