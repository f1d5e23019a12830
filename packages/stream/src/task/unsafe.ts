import { createClient, isFenced, messageOf } from '../client/index.ts';
import { chunks, explicitPartition, noteWritten } from '../outgoing.ts';
import type { Commit, Committed, Transactor } from '../transaction.ts';
import type { RoomContext } from './room-context.ts';
import { openTransactor } from './transactor.ts';

/* What UnsafeSwitches turn on, for tests that must fail. */

/** Sends, then commits offsets: what a service without transactions does. */
export function createPlainTransactor({ options, membership, logger }: RoomContext): Transactor {
  const producer = createClient(options.kafka, logger).producer({
    retry: { retries: 0 },
    createPartitioner: () => explicitPartition,
    allowAutoTopicCreation: false,
  });
  return {
    fence: () => producer.connect(),
    async commit({ partition, offsets, records }) {
      const written = new Map<string, bigint>();
      for (const topicMessages of chunks(records)) {
        for (const answer of await producer.sendBatch({ acks: -1, topicMessages }))
          noteWritten(written, answer, topicMessages);
      }
      options.faultPoint?.('sent');
      await membership.commitWithoutTransaction(partition, offsets);
      options.faultPoint?.('offsets_sent');
      return { nextOffset: (topic, each) => written.get(`${topic}/${each}`) };
    },
    close: () => producer.disconnect(),
  };
}

/** Sends the batch in hand with one new producer after the other until it goes through. */
export async function sendAgainBlindly(
  room: RoomContext,
  partition: number,
  commit: Commit,
  renew: (transactor: Transactor) => void,
  first: unknown,
): Promise<Committed> {
  for (let error = first; ;) {
    if (isFenced(error)) room.counts.fences++;
    room.logger.warn({ partition, error: messageOf(error) }, 'unsafe: sending the same batch again');
    const transactor = openTransactor(room, partition);
    try {
      await transactor.fence();
      const committed = await transactor.commit(commit);
      room.logger.warn({ partition }, 'unsafe: the same batch was sent again');
      renew(transactor);
      return committed;
    } catch (next) {
      error = next;
      await transactor.close().catch(() => undefined);
    }
  }
}
