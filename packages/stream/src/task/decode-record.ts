import type { InputRecord, TaskRecord } from '../api.ts';
import type { KafkaMessage } from '../client/index.ts';
import { UnknownWriter, type Codec } from '../codec/index.ts';
import { learnWriter } from './learn-writer.ts';

/** A record as handlers see it. Throws `UnknownWriter` when its schema has to be learned first. */
export function decodeRecord(
  codec: Codec,
  topic: string,
  partition: number,
  message: KafkaMessage,
): TaskRecord {
  const base = {
    topic,
    partition,
    offset: BigInt(message.offset),
    key: message.key?.toString() ?? '',
    timestampMs: Number(message.timestamp),
    headers: readHeaders(message.headers),
    bytes: message.value,
  };
  // A tombstone names no record: nothing to read, nothing wrong.
  if (message.value === null)
    return { ...base, record: '' as InputRecord['record'], value: null } as TaskRecord;
  try {
    return { ...base, ...codec.decode(message.value) } as TaskRecord;
  } catch (error) {
    if (error instanceof UnknownWriter) throw error;
    return {
      ...base,
      record: null,
      value: null,
      error: error instanceof Error ? error : new Error(String(error)),
    };
  }
}

/** Several values under one name: the last one counts. */
export function readHeaders(headers: KafkaMessage['headers']): Record<string, string> {
  const read: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    const last = Buffer.isBuffer(value) ? value : value?.at(-1);
    if (last !== undefined) read[name] = last.toString();
  }
  return read;
}

/**
 * Decodes all, and waits for the registry as long as it takes when a writer is unknown: nothing is skipped because
 * somebody is away. Undefined when `signal` aborts meanwhile.
 */
export async function decodeAll(
  codec: Codec,
  taken: readonly { topic: string; partition: number; message: KafkaMessage }[],
  signal: AbortSignal,
  onWait: (problem: string) => void,
): Promise<TaskRecord[] | undefined> {
  const records: TaskRecord[] = [];
  for (const { topic, partition, message } of taken) {
    for (;;) {
      try {
        records.push(decodeRecord(codec, topic, partition, message));
        break;
      } catch (error) {
        if (!(error instanceof UnknownWriter)) throw error;
        if (!(await learnWriter(codec, error.schemaId, signal, onWait))) return undefined;
      }
    }
  }
  return records;
}
