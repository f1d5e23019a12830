import { positionOf } from '@keelson/contracts';
import type { Ingress, Waiting } from '@keelson/contracts';
import type { InputRecord } from '@keelson/stream';
import { travellingHeaders } from '../headers.ts';
import { parseAlias } from './sources.ts';
import type { Alias } from './sources.ts';

/** One delivery on its way through this room, whether it was just read or has waited. */
export interface Delivery {
  readonly ingress: Ingress;
  readonly alias: Alias;
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** `topic/partition/offset` of its ingress record. */
  readonly position: string;
  /** All headers of its ingress record. */
  readonly headers: Readonly<Record<string, string>>;
  /** Those that travel on. */
  readonly travelling: Readonly<Record<string, string>>;
  readonly timestampMs: number;
}

export function readDelivery(record: InputRecord<'keelson.internal.Ingress'>, ingress: Ingress): Delivery {
  const { topic, partition, offset, headers, timestampMs } = record;
  return {
    ingress,
    alias: parseAlias(record.key),
    topic,
    partition,
    offset,
    position: positionOf(topic, partition, offset),
    headers,
    travelling: travellingHeaders(headers),
    timestampMs,
  };
}

export function waitedDelivery({ alias, position, delivery, headers }: Waiting): Delivery {
  const [topic = '', partition = '', offset = ''] = position.split('/');
  return {
    ingress: delivery,
    alias: parseAlias(alias),
    topic,
    partition: Number(partition),
    offset: BigInt(offset),
    position,
    headers,
    travelling: travellingHeaders(headers),
    timestampMs: Math.floor(delivery.received_at / 1000),
  };
}
