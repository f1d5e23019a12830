import { codeOf, paddedOffset } from '@keelson/contracts';
import type { Parked } from '@keelson/contracts';

type Room = 'resolve' | 'route';

/** A record that was read and cannot go on now. */
export interface ParkedInput {
  readonly topic: string;
  readonly offset: bigint;
  readonly key: string;
  /** Full name of its record; empty when it could not be read. */
  readonly record: string;
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  readonly timestampMs: number;
}

export interface Why {
  readonly room: Room;
  /** What stays behind it; null when it stands alone. */
  readonly lane: string | null;
  readonly error: unknown;
  readonly position: string;
  readonly eventId: string | null;
  readonly receivedAt: number;
  readonly nowMicros: number;
}

/** Customer or alias / input topic / its generation / offset: entries of one lane sort as they came. */
export const parkedKey = (lane: string, topic: string, generation: number, offset: bigint): string =>
  `${lane}/${topic}/${generation}/${paddedOffset(offset)}`;

/** The exception as operators see it, with the bytes that a release reads again. */
export const parkedEntry = (input: ParkedInput, generation: number, why: Why): Parked => ({
  kind: 'exception',
  target: why.room,
  lane: why.lane,
  topic: input.topic,
  generation,
  offset: input.offset.toString(),
  key: input.key,
  record: input.record,
  value: input.bytes,
  headers: input.headers,
  event_id: why.eventId,
  position: why.position,
  error_code: codeOf(why.error),
  reason: reasonOf(why.error),
  needs: [],
  not_before: null,
  attempts: 1,
  released: false,
  received_at: why.receivedAt,
  parked_at: why.nowMicros,
});

/** For people; long messages are cut, because one may quote what it could not read. */
export const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, 1000);
