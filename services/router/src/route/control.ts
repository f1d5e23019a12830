import { codeOf, topics } from '@keelson/contracts';
import type { Control, Fact, Parked } from '@keelson/contracts';
import type { TaskRecord } from '@keelson/stream';
import { isFor } from '../command.ts';
import { travellingHeaders } from '../headers.ts';
import { auditDiscard, meant } from '../discards.ts';
import { reasonOf } from '../parked-entry.ts';
import { passUnknownWriter } from '../unknown-writer.ts';
import { handleFact } from './handle-fact.ts';
import { contextOf, laneOf } from './partition.ts';
import type { RoutePartition, Turn } from './partition.ts';
import { routeReceipt } from './receipt.ts';

type Entry = readonly [key: string, entry: Parked];

/** An operator's word. What it names no longer, or never did, is no error: commands may come twice. */
export function obey(room: RoutePartition, record: TaskRecord, turn: Turn): void {
  if (record.record !== 'keelson.internal.Control' || record.value === null || !isFor('route', record.value))
    return;
  const command = record.value;
  if (command.command === 'release') release(room, command, turn);
  if (command.command === 'discard') discard(room, command, turn);
}

function release(room: RoutePartition, { lane, entry }: Control, turn: Turn): void {
  const { lanes } = room;
  if (entry !== null) {
    const held = lanes.get(entry);
    if (held === undefined) return;
    if (held.lane === null) tryAgain(room, [entry, held], turn);
    else goOn(room, held.lane, turn);
    return;
  }
  for (const customerId of lane === null ? new Set([...lanes.names(), ...lanes.namesAlone()]) : [lane])
    if (turn.left > 0) releaseCustomer(room, customerId, turn);
    else lanes.callUp(customerId);
}

/** Goes on with releases that were too long for one batch. */
export function continueReleases(room: RoutePartition, turn: Turn): void {
  for (const customerId of room.lanes.calledUp()) if (turn.left > 0) releaseCustomer(room, customerId, turn);
}

/** The line first, then what stands alone. */
function releaseCustomer(room: RoutePartition, customerId: string, turn: Turn): void {
  if (!goOn(room, customerId, turn)) return;
  for (const each of room.lanes.alone(customerId)) tryAgain(room, each, turn);
}

/** The line moves on in order, until one fails again. False when there is more of it than this turn can take. */
function goOn(room: RoutePartition, customerId: string, turn: Turn): boolean {
  const { lanes } = room;
  for (const each of lanes.entries(customerId, turn.left)) if (!tryAgain(room, each, turn)) return true;
  if (lanes.has(customerId)) lanes.callUp(customerId);
  return !lanes.has(customerId);
}

function tryAgain(room: RoutePartition, [key, entry]: Entry, turn: Turn): boolean {
  turn.left--;
  try {
    const context = contextOf(room, entry.headers, turn.nowMicros);
    handleFact(factOf(room, entry), room.stores, context, turn.task);
  } catch (error) {
    passUnknownWriter(error);
    const lane = laneOf(entry.key, error);
    room.lanes.put(key, {
      ...entry,
      lane,
      error_code: codeOf(error),
      reason: reasonOf(error),
      attempts: entry.attempts + 1,
      released: false,
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

/** Closed for good, with a receipt. One entry at once; a line, or all, as far as this turn goes. */
function discard(room: RoutePartition, command: Control, turn: Turn): void {
  const { lanes } = room;
  const { entry } = command;
  if (entry === null) {
    // What the same batch parks comes after it.
    room.discards.add(command, turn.nowMicros++);
    return continueDiscards(room, turn);
  }
  const held = lanes.get(entry);
  if (held === undefined) return;
  // When it was the head of a line, the line goes on.
  const head = held.lane === null ? undefined : lanes.entries(held.lane, 1)[0]?.[0];
  close(room, [entry, held], command, turn);
  if (held.lane !== null && head === entry) goOn(room, held.lane, turn);
}

/** Goes on with discards that were too long for one batch; a line that is left begins with what came later, and goes on. */
export function continueDiscards(room: RoutePartition, turn: Turn): void {
  for (const [key, command] of room.discards.all()) {
    const entries = meant(room.lanes, command, turn.left);
    for (const each of entries) {
      turn.left--;
      close(room, each, command, turn);
    }
    for (const name of new Set(entries.map(([, entry]) => entry.key))) {
      const [first] = room.lanes.entries(name, 1);
      if (first !== undefined && first[1].parked_at > command.issued_at) room.lanes.callUp(name);
    }
    if (turn.left <= 0) return;
    room.discards.done(key);
  }
}

function close(room: RoutePartition, [key, entry]: Entry, command: Control, { task, nowMicros }: Turn): void {
  // Read before anything is said: an unknown writer must leave nothing half done.
  const fact = readable(room, entry);
  room.lanes.delete(key);
  auditDiscard(task, command, `parked.router ${key}`, entry.position);
  const { replayId } = contextOf(room, entry.headers, nowMicros);
  task.send({
    topic: topics.receipts,
    key: entry.key,
    partition: room.partition,
    record: 'keelson.internal.Receipt',
    value: {
      ...routeReceipt(fact, { nowMicros, replayId }, { outcome: 'discarded' }),
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
  } catch (error) {
    passUnknownWriter(error);
    const { position, received_at } = entry;
    return { event_id: entry.event_id ?? position, source: 'router', type: null, position, received_at };
  }
}
