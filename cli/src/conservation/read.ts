import { topics } from '@keelson/contracts';
import type { Topology } from '@keelson/contracts';
import { readTopic } from '@keelson/stream';
import type { Codec, KafkaConnection } from '@keelson/stream';
import { createTally } from './tally.ts';
import type { Tally } from './tally.ts';

/**
 * The topics that conservation is counted on. What concludes is read before what enters would be wrong: a receipt then
 * could be counted without its work. So: entries last.
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

/** Counts everything that stands on the topics now. */
export async function readConservation(
  kafka: KafkaConnection,
  codec: Codec,
  topology: Topology,
): Promise<Tally> {
  const tally = createTally(topology.targets.map(({ name }) => name));
  for (const topic of conservationTopics(topology)) {
    for await (const record of readTopic(topic, { kafka, codec })) tally.observe(record);
  }
  return tally;
}
