import type { FetchedPartition, KafkaMessage } from '../client/index.ts';

/** What a task has fetched and not yet taken, of one topic. Offsets in it have no gap: what doesn't fit is refused. */
export interface Inbox {
  /** Where the next fetch must begin. */
  fetchOffset(): bigint;
  /** Adds what was fetched; false when it does not begin where the last one ended. */
  push(fetched: FetchedPartition): boolean;
  /** Records that can be taken. */
  size(): number;
  bytes(): number;
  /** Takes up to `limit` records off. */
  take(limit: number): KafkaMessage[];
  /** The offset to commit once everything taken so far is done: past control records that follow it, too. */
  position(): bigint;
  /** Kafka's stable end at the last fetch. */
  stableEnd(): bigint;
}

const overheadBytes = 100;
const sizeOf = (message: KafkaMessage): number =>
  (message.value?.length ?? 0) + (message.key?.length ?? 0) + overheadBytes;

export function createInbox(start: bigint): Inbox {
  let messages: KafkaMessage[] = [];
  let head = 0;
  let bytes = 0;
  let fetchOffset = start;
  let position = start;
  let stableEnd = start;
  return {
    fetchOffset: () => fetchOffset,
    push(fetched) {
      if (fetched.offset !== fetchOffset) return false;
      for (const message of fetched.messages) {
        messages.push(message);
        bytes += sizeOf(message);
      }
      fetchOffset = fetched.next;
      stableEnd = fetched.stableEnd;
      if (head === messages.length) position = fetchOffset;
      return true;
    },
    size: () => messages.length - head,
    bytes: () => bytes,
    take(limit) {
      const taken = messages.slice(head, head + limit);
      head += taken.length;
      for (const message of taken) bytes -= sizeOf(message);
      if (head === messages.length) {
        messages = [];
        head = 0;
        position = fetchOffset;
      } else {
        const last = taken.at(-1);
        if (last !== undefined) position = BigInt(last.offset) + 1n;
        if (head > 4_096) {
          messages = messages.slice(head);
          head = 0;
        }
      }
      return taken;
    },
    position: () => position,
    stableEnd: () => stableEnd,
  };
}
