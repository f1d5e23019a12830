import type { Parked, RecordByName } from '@keelson/contracts';
import { paddedOffset } from '@keelson/contracts';
import type { InputRecord } from '@keelson/stream';
import type { SinkPort, Work, WorkItem } from './port.ts';

/** The record of a target's work. */
export type WorkRecordName =
  'keelson.work.OdooWork' | 'keelson.work.FinanceWork' | 'keelson.work.SupportWork';
export type WorkOf<R extends WorkRecordName> = RecordByName[R];

/** Where a work's record stands, and its bytes: all that parking needs. */
export interface Origin {
  readonly topic: string;
  readonly generation: number;
  /** Zero-padded. */
  readonly offset: string;
  readonly key: string;
  readonly record: string;
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  readonly receivedAtMs: number;
}

/** One work on its way through the runner, straight from its topic or out of parked.<target>. */
export interface Unit<W extends Work> {
  readonly item: WorkItem<W>;
  readonly lane: string | null;
  readonly stateKey: string | null;
  readonly origin: Origin;
  /** Its entry, when it stands in parked.<target>. */
  readonly parked: Parked | undefined;
}

export const parkedKeyOf = ({ key, topic, generation, offset }: Origin): string =>
  `${key}/${topic}/${generation}/${offset}`;

export function originOf(
  record: Pick<InputRecord, 'topic' | 'key' | 'offset' | 'headers' | 'timestampMs' | 'bytes'> & {
    record: string | null;
  },
  generation: number,
): Origin {
  return {
    topic: record.topic,
    generation,
    offset: paddedOffset(record.offset),
    key: record.key,
    record: record.record ?? '',
    bytes: record.bytes ?? Buffer.alloc(0),
    headers: record.headers,
    receivedAtMs: record.timestampMs,
  };
}

export const originOfParked = (parked: Parked): Origin => ({
  topic: parked.topic,
  generation: parked.generation,
  offset: parked.offset,
  key: parked.key,
  record: parked.record,
  bytes: parked.value,
  headers: parked.headers,
  receivedAtMs: parked.received_at / 1000,
});

export function unitOf<W extends Work>(
  port: Pick<SinkPort<W, unknown>, 'laneOf' | 'stateKeyOf'>,
  work: W,
  origin: Origin,
  partition: number,
  parked?: Parked,
): Unit<W> {
  return {
    item: {
      work,
      key: origin.key,
      workPosition: `${origin.topic}/${partition}/${BigInt(origin.offset)}`,
      attempts: parked?.attempts ?? 0,
    },
    lane: port.laneOf(work),
    stateKey: port.stateKeyOf(work),
    origin,
    parked,
  };
}
