import type { Claim, Control, Parked } from '@keelson/contracts';
import { codeOf } from '@keelson/contracts';
import type { InputRecord } from '@keelson/stream';
import { isFor } from '../command.ts';
import { reasonOf } from '../parked-entry.ts';
import { waitedDelivery } from './delivery.ts';
import type { Delivery } from './delivery.ts';
import { accept, contradictionOf, link } from './identity.ts';
import { askFor, parkedDelivery } from './overdue.ts';
import type { ResolvePartition, Turn } from './partition.ts';
import { sendReceipt, subjectOf } from './receipt.ts';

type Entry = readonly [key: string, entry: Parked];

const claimRecord = 'keelson.internal.Claim';

/** An operator's word. What it names no longer, or never did, is no error: commands may come twice. */
export function obey(
  room: ResolvePartition,
  record: InputRecord<'keelson.internal.Control'>,
  command: Control,
  turn: Turn,
): void {
  if (!isFor('resolve', command)) return;
  switch (command.command) {
    case 'link':
      return overrule(room, command, turn.task.position(record), turn);
    case 'release':
      for (const each of named(room, command)) release(room, each, turn);
      return;
    case 'discard':
      return discard(room, command, turn);
    case 'pause':
    case 'resume':
      // For sinks: the router has no target that could need a rest.
      return;
  }
}

/** The operator's word stands above every claim, and settles the contradictions about its alias. */
function overrule(
  room: ResolvePartition,
  { lane: alias, customer_id }: Control,
  position: string,
  turn: Turn,
): void {
  if (alias === null || customer_id === null) return;
  for (const [key, { record }] of room.lanes.alone(alias)) if (record === claimRecord) room.lanes.delete(key);
  if (room.links.get(alias)?.customer_id === customer_id) return;
  link(room, { alias, customer_id, rule: 'operator', position }, turn);
}

function named({ lanes }: ResolvePartition, { lane, entry }: Control): Entry[] {
  if (entry !== null) {
    const held = lanes.get(entry);
    return held === undefined ? [] : [[entry, held]];
  }
  const aliases = lane === null ? new Set([...lanes.names(), ...lanes.namesAlone()]) : [lane];
  return [...aliases].flatMap(alias => [...lanes.entries(alias), ...lanes.alone(alias)]);
}

/** A contradiction is looked at again; what nobody claimed waits once more, and is asked for once more. */
function release(room: ResolvePartition, [key, entry]: Entry, turn: Turn): void {
  if (entry.record === claimRecord) {
    const claim = room.ports.codec.decode(entry.value).value as Claim;
    const error = contradictionOf(room, claim);
    if (error === undefined) {
      room.lanes.delete(key);
      return accept(room, claim, turn);
    }
    const [error_code, reason] = [codeOf(error), reasonOf(error)];
    return room.lanes.put(key, { ...entry, error_code, reason, attempts: entry.attempts + 1 });
  }
  room.lanes.delete(key);
  room.waiting.add(parkedDelivery(room, entry), entry.generation, turn.nowMicros);
  askFor(room, entry.key, turn);
}

/** Closed for good, each delivery with a receipt; an alias names also what waits behind it. */
function discard(room: ResolvePartition, command: Control, turn: Turn): void {
  if (command.entry === null && command.lane === null) return;
  for (const [key, entry] of named(room, command)) {
    room.lanes.delete(key);
    if (entry.record !== claimRecord) discarded(parkedDelivery(room, entry), turn);
  }
  if (command.entry !== null || command.lane === null) return;
  for (const waiting of room.waiting.take(command.lane)) discarded(waitedDelivery(waiting), turn);
}

const discarded = (delivery: Delivery, turn: Turn): void =>
  sendReceipt(subjectOf(delivery), { outcome: 'discarded' }, turn);
