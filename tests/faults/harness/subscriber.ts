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
      const deliveries = await origins(source);
      const seen: Seen[] = [];
      for (const { topics: each, reader } of read) {
        const ends = each.length * source.partitionCount;
        const records = await reader.until(`the end of ${each.join(', ')}`, all => endsIn(all) === ends, {
          timeoutMs: 120_000,
        });
        await reader.stop();
        for (const record of records)
          if (record.key !== endKey) seen.push(seenOf(record, each[0] ?? '', deliveries));
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

/** Where a delivery stands, and whom it is about. */
interface Origin {
  readonly position: string;
  readonly alias: string;
}

/** Every delivery by the id of its trace. */
async function origins({ kafka, codec, named = plain }: Source): Promise<Map<string, Origin>> {
  const found = new Map<string, Origin>();
  const topic = topics.ingress('stripe');
  for await (const { key, headers: own, partition, offset } of readTopic(named(topic), { kafka, codec }))
    found.set(traceOf(own), { position: `${topic}/${partition}/${offset}`, alias: key });
  return found;
}

const traceOf = (all: Readonly<Record<string, string>>): string =>
  (all[headers.traceparent] ?? '').split('-')[1] ?? '';

function seenOf(record: ConsoleRecord, topic: string, deliveries: ReadonlyMap<string, Origin>): Seen {
  const trace = traceOf(record.headers);
  const origin = deliveries.get(trace);
  const type = record.headers[headers.ceType];
  const position = record.headers[headers.position];
  const told = position === undefined || position === origin?.position;
  return {
    topic: type === undefined ? topic : (byType[type]?.topic ?? `unknown type ${type}`),
    partition: record.partition,
    offset: record.offset,
    key: record.key ?? '(none)',
    id: record.headers[headers.ceId] ?? '',
    // The two ways in which a public event names its delivery must agree; else it is nobody's.
    cause: told ? trace : `${trace}, but ${position}`,
    // Both rooms write receipts, each in its own time.
    lane: topic === topics.receipts ? null : (origin?.alias ?? 'an unknown delivery'),
  };
}
