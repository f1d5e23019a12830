import { codeOf, topics } from '@keelson/contracts';
import type { Control, Fact, Parked } from '@keelson/contracts';
import type { TaskContext, TaskRecord } from '@keelson/stream';
import { isFor } from '../command.ts';
import { travellingHeaders } from '../headers.ts';
import { reasonOf } from '../parked-entry.ts';
import { handleFact } from './handle-fact.ts';
import { contextOf, laneOf } from './partition.ts';
import type { RoutePartition } from './partition.ts';
import { routeReceipt } from './receipt.ts';

type Entry = readonly [key: string, entry: Parked];

/** An operator's word. What it names no longer, or never did, is no error: commands may come twice. */
export function obey(room: RoutePartition, record: TaskRecord, task: TaskContext, nowMicros: number): void {
  if (record.record !== 'keelson.internal.Control' || record.value === null || !isFor('route', record.value))
    return;
  const command = record.value;
  if (command.command === 'release') release(room, command, task, nowMicros);
  if (command.command === 'discard') discard(room, command, task, nowMicros);
}

function release(room: RoutePartition, { lane, entry }: Control, task: TaskContext, nowMicros: number): void {
  const { lanes } = room;
  if (entry !== null) {
    const held = lanes.get(entry);
    if (held === undefined) return;
    if (held.lane === null) tryAgain(room, [entry, held], task, nowMicros);
    else goOn(room, held.lane, task, nowMicros);
    return;
  }
  for (const customerId of lane === null ? lanes.names() : [lane]) goOn(room, customerId, task, nowMicros);
  for (const customerId of lane === null ? lanes.namesAlone() : [lane])
    for (const each of lanes.alone(customerId)) tryAgain(room, each, task, nowMicros);
}

/** The line moves on in order, until one fails again. */
function goOn(room: RoutePartition, customerId: string, task: TaskContext, nowMicros: number): void {
  for (const each of room.lanes.entries(customerId)) if (!tryAgain(room, each, task, nowMicros)) return;
}

function tryAgain(room: RoutePartition, [key, entry]: Entry, task: TaskContext, nowMicros: number): boolean {
  try {
    handleFact(factOf(room, entry), room.stores, contextOf(room, entry.headers, nowMicros), task);
  } catch (error) {
    const lane = laneOf(entry.key, error);
    room.lanes.put(key, {
      ...entry,
      lane,
      error_code: codeOf(error),
      reason: reasonOf(error),
      attempts: entry.attempts + 1,
    });
    return lane === null;
  }
  room.lanes.delete(key);
  return true;
}

function factOf({ ports }: RoutePartition, { value, record }: Parked): Fact {
  const decoded = ports.codec.decode(value);
  if (decoded.record === 'keelson.internal.Fact') return decoded.value as Fact;
  throw new Error(`${record || 'the record'} is no fact`);
}

/** Closed for good, with a receipt. When it was the head of a line, the line goes on. */
function discard(room: RoutePartition, { lane, entry }: Control, task: TaskContext, nowMicros: number): void {
  const { lanes } = room;
  if (entry === null) {
    if (lane === null) return;
    for (const each of [...lanes.entries(lane), ...lanes.alone(lane)]) close(room, each, task, nowMicros);
    return;
  }
  const held = lanes.get(entry);
  if (held === undefined) return;
  const head = held.lane === null ? undefined : lanes.entries(held.lane)[0]?.[0];
  close(room, [entry, held], task, nowMicros);
  if (held.lane !== null && head === entry) goOn(room, held.lane, task, nowMicros);
}

function close(room: RoutePartition, [key, entry]: Entry, task: TaskContext, nowMicros: number): void {
  room.lanes.delete(key);
  const { replayId } = contextOf(room, entry.headers, nowMicros);
  task.send({
    topic: topics.receipts,
    key: entry.key,
    partition: room.partition,
    record: 'keelson.internal.Receipt',
    value: {
      ...routeReceipt(readable(room, entry), { nowMicros, replayId }, { outcome: 'discarded' }),
      attempts: entry.attempts,
      error_code: entry.error_code,
    },
    timestampMs: Math.floor(entry.received_at / 1000),
    headers: travellingHeaders(entry.headers),
  });
}

/** What a receipt names of a parked fact, also when its bytes cannot be read. */
function readable(room: RoutePartition, entry: Parked): Parameters<typeof routeReceipt>[0] {
  try {
    return factOf(room, entry);
  } catch {
    const { position, received_at } = entry;
    return { event_id: entry.event_id ?? position, source: 'router', type: null, position, received_at };
  }
}
