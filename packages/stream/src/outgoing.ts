/** A record ready to go: encoded and placed. */
export interface Outgoing {
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  readonly value: Buffer | null;
  readonly timestampMs: number;
  readonly headers: Readonly<Record<string, string>> | undefined;
}

export interface Message {
  readonly key: string;
  readonly value: Buffer | null;
  readonly partition: number;
  readonly timestamp: string;
  readonly headers?: Record<string, string>;
}

export interface TopicMessages {
  readonly topic: string;
  readonly messages: Message[];
  readonly byPartition: Record<number, Message[]>;
}

/** kafkajs' partitioner for records that know their place. */
export function explicitPartition({ message }: { message: { partition?: number } }): number {
  if (message.partition === undefined) throw new Error('a record without a partition');
  return message.partition;
}

/** Below the broker's default `max.message.bytes`: what one send carries for a partition becomes one record batch. */
const maxBatchBytes = 900_000;
const recordBytes = 40;
const headerBytes = 8;
/** A bound: counting a text's bytes costs more than splitting a little earlier. */
const utf8BytesPerUnit = 3;

/** Splits records into sends, keeping their order per partition. A record too large for any batch goes alone. */
export function* chunks(records: Iterable<Outgoing>): Generator<TopicMessages[]> {
  let topics = new Map<string, TopicMessages>();
  let bytes = new Map<string, number>();
  for (const outgoing of records) {
    const { topic, partition } = outgoing;
    const place = `${topic}/${partition}`;
    const size = atMostBytesOf(outgoing);
    const before = bytes.get(place) ?? 0;
    if (before > 0 && before + size > maxBatchBytes) {
      yield [...topics.values()];
      topics = new Map();
      bytes = new Map();
    }
    bytes.set(place, (bytes.get(place) ?? 0) + size);
    let list = topics.get(topic);
    if (list === undefined) topics.set(topic, (list = emptyList(topic)));
    const message = toMessage(outgoing);
    list.messages.push(message);
    (list.byPartition[partition] ??= []).push(message);
  }
  if (topics.size > 0) yield [...topics.values()];
}

function atMostBytesOf({ key, value, headers }: Outgoing): number {
  let size = recordBytes + utf8BytesPerUnit * key.length + (value?.length ?? 0);
  for (const name in headers)
    size += headerBytes + utf8BytesPerUnit * (name.length + (headers[name]?.length ?? 0));
  return size;
}

const toMessage = ({ key, value, partition, timestampMs, headers }: Outgoing): Message => ({
  key,
  value,
  partition,
  timestamp: String(timestampMs),
  ...(headers && { headers: { ...headers } }),
});

/**
 * kafkajs groups messages by partition in a `reduce` that copies the group for every message: quadratic, and a tenth of
 * a large send's time. The groups are there already, so the array it reduces answers with them.
 */
function emptyList(topic: string): TopicMessages {
  const byPartition: Record<number, Message[]> = {};
  const messages: Message[] = [];
  Object.defineProperty(messages, 'reduce', { value: () => byPartition });
  return { topic, messages, byPartition };
}

/** Remembers the offset behind the last record of each partition that a send wrote. */
export function noteWritten(
  written: Map<string, bigint>,
  answer: { topicName: string; partition: number; baseOffset?: string },
  sent: readonly TopicMessages[],
): void {
  const list = sent.find(({ topic }) => topic === answer.topicName);
  const count = list?.byPartition[answer.partition]?.length ?? 0;
  written.set(`${answer.topicName}/${answer.partition}`, BigInt(answer.baseOffset ?? -1) + BigInt(count));
}
