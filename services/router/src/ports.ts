import type { Decoded, OutputRecord } from '@keelson/stream';
import type { RecordByName, RecordName } from '@keelson/contracts';

/** Bytes ⇄ records: what is parked is kept as the bytes that were read. */
export interface RecordCodec {
  encode<R extends RecordName>(topic: string, record: R, value: RecordByName[R]): Buffer;
  /** Throws for bytes that cannot be read; `UnknownWriter`, which must reach the task, when they cannot be read yet. */
  decode(bytes: Buffer): Decoded;
}

/** What a room tells its operators besides its receipts. */
export interface RoomLog {
  /** Problems: ids and codes, never bodies. */
  warn(fields: object, message: string): void;
  /** A line a batch. */
  debug(fields: object, message: string): void;
}

export interface RoomPorts {
  readonly codec: RecordCodec;
  readonly log: RoomLog;
  /** Goes up when a topic is re-created or re-partitioned; part of a parked entry's key. */
  readonly generationOf: (topic: string) => number;
}

export type Send = (output: OutputRecord) => void;
