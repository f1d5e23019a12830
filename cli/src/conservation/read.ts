import { topics } from '@keelson/contracts';
import type { Topology } from '@keelson/contracts';
import { readTopic } from '@keelson/stream';
import type { Codec, KafkaConnection } from '@keelson/stream';
import { createTally } from './tally.ts';
import type { Tally } from './tally.ts';

/**
 * The topics that conservation is counted on, what enters last: whatever ends while they are read has then been counted
 * as entered too, and no sum is negative for that.
 */
export function conservationTopics({ sources, targets }: Topology): string[] {
  return [
    topics.receipts,
    ...targets.map(({ name }) => topics.parked(name)),
    topics.parked('router'),
    topics.waiting,
    ...targets.flatMap(({ name }) => [topics.sink(name), topics.sinkBulk(name)]),
    topics.resolved,
    ...sources.map(topics.ingress),
  ];
}

/**
 * Counts what stands on the topics now, of deliveries received at `since` (µs) or later. Receipts are kept for longer than
 * the deliveries and works that they end: without a bound the sums are wrong as soon as the first of those is deleted.
 */
export async function readConservation(
  kafka: KafkaConnection,
  codec: Codec,
  topology: Topology,
  since = 0,
): Promise<Tally> {
  const tally = createTally(
    topology.targets.map(({ name }) => name),
    since,
  );
  for (const topic of conservationTopics(topology)) {
    for await (const record of readTopic(topic, { kafka, codec, unknownSchema: 'throw' }))
      tally.observe(record);
  }
  return tally;
}
