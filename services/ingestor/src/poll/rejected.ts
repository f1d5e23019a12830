import { codeOf, headers as names, invalidEvent, microsOfMs, topics } from '@keelson/contracts';
import type { OutputRecord, TaskRecord } from '@keelson/stream';

/** Why a record of `fetch.<source>` is no request, if it is none. */
export function faultOf(record: TaskRecord): Error | undefined {
  if (record.record === null)
    return invalidEvent('undecodable', record.error.message, { cause: record.error });
  if (record.value === null) return invalidEvent('no_request', 'a record without a value');
  if (record.record !== 'keelson.internal.FetchRequest')
    return invalidEvent('no_request', `a ${record.record} where requests are`);
  return undefined;
}

/** A record of `fetch.<source>` that can never be answered, with its bytes as they were read. */
export function rejectedRecord(
  record: TaskRecord,
  source: string,
  error: unknown,
  nowMs: number,
): OutputRecord<'keelson.internal.Rejected'> {
  const traceparent = record.headers[names.traceparent];
  return {
    topic: topics.rejected,
    key: record.key,
    record: 'keelson.internal.Rejected',
    timestampMs: record.timestampMs,
    headers: traceparent === undefined ? {} : { [names.traceparent]: traceparent },
    value: {
      topic: record.topic,
      partition: record.partition,
      offset: String(record.offset),
      key: record.key,
      value: record.bytes ?? Buffer.alloc(0),
      headers: record.headers,
      source,
      error_code: codeOf(error),
      reason: error instanceof Error ? error.message : 'unknown',
      received_at: microsOfMs(record.timestampMs),
      rejected_at: microsOfMs(nowMs),
    },
  };
}
