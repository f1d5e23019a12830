import { microsOfMs, topics } from '@keelson/contracts';
import type { OutputRecord, UndecodableRecord } from '@keelson/stream';

/** A record of `fetch.<source>` that cannot be read, with its bytes. */
export const rejectedRecord = (
  record: UndecodableRecord,
  source: string,
  nowMs: number,
): OutputRecord<'keelson.internal.Rejected'> => ({
  topic: topics.rejected,
  key: record.key,
  record: 'keelson.internal.Rejected',
  value: {
    topic: record.topic,
    partition: record.partition,
    offset: String(record.offset),
    key: record.key,
    value: record.bytes ?? Buffer.alloc(0),
    headers: record.headers,
    source,
    error_code: 'undecodable',
    reason: record.error.message,
    received_at: microsOfMs(record.timestampMs),
    rejected_at: microsOfMs(nowMs),
  },
});
