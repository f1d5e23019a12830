import type { TopicSpecification, TopicsFile } from '@keelson/contracts';
import type { TopicDescription } from '@keelson/stream';

/** One way in which the cluster differs from topics.yaml. */
export interface Drift {
  readonly topic: string;
  readonly what: string;
  readonly wanted: string;
  readonly found: string;
  /** Whether `topics apply` mends it; the rest destroys or moves data and is for a person. */
  readonly applicable: boolean;
}

/** What differs, topic by topic. Pure. */
export function driftOf(wanted: readonly TopicSpecification[], found: readonly TopicDescription[]): Drift[] {
  const byName = new Map(found.map(topic => [topic.name, topic]));
  return wanted.flatMap(topic => {
    const there = byName.get(topic.name);
    if (there === undefined)
      return [{ topic: topic.name, what: 'topic', wanted: 'exists', found: 'missing', applicable: true }];
    const drifts: Drift[] = [];
    const compare = (what: string, want: string, is: string | undefined, applicable: boolean): void => {
      if (want !== is)
        drifts.push({ topic: topic.name, what, wanted: want, found: is ?? 'not set', applicable });
    };
    compare('partitions', String(topic.partitions), String(there.partitions), false);
    compare('replication factor', String(topic.replicationFactor), String(there.replicationFactor), false);
    for (const [name, value] of Object.entries(topic.config)) compare(name, value, there.config[name], true);
    return drifts;
  });
}

/** Broker settings that topics.yaml names and a broker has otherwise; no command changes them. */
export function brokerDriftOf(
  file: TopicsFile,
  brokers: ReadonlyMap<number, Readonly<Record<string, string>>>,
): Drift[] {
  return [...brokers].flatMap(([id, config]) =>
    Object.entries(file.broker).flatMap(([name, wanted]) =>
      config[name] === wanted
        ? []
        : [
            {
              topic: `broker ${id}`,
              what: name,
              wanted,
              found: config[name] ?? 'not set',
              applicable: false,
            },
          ],
    ),
  );
}
