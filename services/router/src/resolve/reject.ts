import { codeOf, microsOfMs, topics } from '@keelson/contracts';
import type { TaskRecord } from '@keelson/stream';
import { travellingHeaders } from '../headers.ts';
import { reasonOf } from '../parked-entry.ts';
import { problemOf } from '../report.ts';
import type { Delivery } from './delivery.ts';
import type { ResolvePartition, Turn } from './partition.ts';
import { sendReceipt, subjectOf } from './receipt.ts';

interface Unreadable {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string;
  /** The sender's bytes; the record's own where it cannot be told what the sender's were. */
  readonly bytes: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly travelling: Readonly<Record<string, string>>;
  readonly timestampMs: number;
  readonly source: string;
  readonly receivedAt: number;
}

/** What cannot be mapped ends here, as its sender sent it; the partition goes on. */
export function rejectDelivery(
  { ports }: ResolvePartition,
  delivery: Delivery,
  error: unknown,
  turn: Turn,
): void {
  const { ingress, alias } = delivery;
  const { payload: bytes, headers, source, received_at: receivedAt } = ingress;
  sendRejected({ ...delivery, key: alias.text, bytes, headers, source, receivedAt }, error, turn);
  const code = codeOf(error);
  sendReceipt(subjectOf(delivery), { outcome: 'rejected', errorCode: code }, turn);
  ports.log.warn({ ...problemOf(error), position: delivery.position, source }, 'delivery rejected');
}

/** A record of an input that is not what the input carries. A delivery among them gets its receipt. */
export function rejectRecord(
  { ports }: ResolvePartition,
  record: TaskRecord,
  error: unknown,
  turn: Turn,
): void {
  const ingress = record.topic.startsWith(topics.ingress(''));
  const source = ingress ? record.topic.slice(topics.ingress('').length) : 'router';
  const receivedAt = microsOfMs(record.timestampMs);
  const travelling = travellingHeaders(record.headers);
  sendRejected({ ...record, travelling, source, receivedAt }, error, turn);
  const position = turn.task.position(record);
  const { key, timestampMs } = record;
  const code = codeOf(error);
  if (ingress) {
    const subject = { key, source, deliveryId: null, receivedAt, position, travelling, timestampMs };
    sendReceipt(subject, { outcome: 'rejected', errorCode: code }, turn);
  }
  ports.log.warn({ ...problemOf(error), position, source }, 'record rejected');
}

function sendRejected(unreadable: Unreadable, error: unknown, { task, nowMicros }: Turn): void {
  const { topic, partition, offset, key, bytes, headers, travelling, timestampMs, source, receivedAt } =
    unreadable;
  task.send({
    topic: topics.rejected,
    key,
    record: 'keelson.internal.Rejected',
    value: {
      topic,
      partition,
      offset: offset.toString(),
      key,
      value: bytes ?? Buffer.alloc(0),
      headers,
      source,
      error_code: codeOf(error),
      reason: reasonOf(error),
      received_at: receivedAt,
      rejected_at: nowMicros,
    },
    timestampMs,
    headers: travelling,
  });
}
