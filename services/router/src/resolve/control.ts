import type { Claim, Control, Parked } from '@keelson/contracts';
import { codeOf } from '@keelson/contracts';
import type { InputRecord } from '@keelson/stream';
import { isFor } from '../command.ts';
import { auditDiscard, meant } from '../discards.ts';
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
      return release(room, command, turn);
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

function entryOf({ lanes }: ResolvePartition, key: string): Entry[] {
  const held = lanes.get(key);
  return held === undefined ? [] : [[key, held]];
}

/** A contradiction is looked at again; what nobody claimed waits once more, and is asked for once more. */
function release(room: ResolvePartition, { lane, entry }: Control, turn: Turn): void {
  const { lanes } = room;
  if (entry !== null) return releaseEntries(room, entryOf(room, entry), turn);
  for (const alias of lane === null ? new Set([...lanes.names(), ...lanes.namesAlone()]) : [lane])
    if (turn.left > 0) releaseAlias(room, alias, turn);
    else lanes.callUp(alias);
}

/** Goes on with releases that were too long for one batch. */
export function continueReleases(room: ResolvePartition, turn: Turn): void {
  for (const alias of room.lanes.calledUp()) if (turn.left > 0) releaseAlias(room, alias, turn);
}

function releaseAlias(room: ResolvePartition, alias: string, turn: Turn): void {
  const { lanes } = room;
  releaseEntries(room, lanes.entries(alias, turn.left), turn);
  if (lanes.has(alias)) lanes.callUp(alias);
  else releaseEntries(room, lanes.alone(alias), turn);
}

function releaseEntries(room: ResolvePartition, entries: readonly Entry[], turn: Turn): void {
  const asked = new Set<string>();
  for (const [key, entry] of entries) {
    turn.left--;
    if (entry.record === claimRecord) {
      lookAgain(room, [key, entry], turn);
      continue;
    }
    room.lanes.delete(key);
    room.waiting.add(parkedDelivery(room, entry), entry.generation, turn.nowMicros);
    asked.add(entry.key);
  }
  for (const alias of asked) askFor(room, alias, turn);
}

function lookAgain(room: ResolvePartition, [key, entry]: Entry, turn: Turn): void {
  const claim = room.ports.codec.decode(entry.value).value as Claim;
  const error = contradictionOf(room, claim);
  if (error === undefined) {
    room.lanes.delete(key);
    return accept(room, claim, turn);
  }
  const [error_code, reason] = [codeOf(error), reasonOf(error)];
  room.lanes.put(key, { ...entry, error_code, reason, attempts: entry.attempts + 1, released: false });
}

/** Closed for good, each delivery with a receipt. One entry at once; a line, or all, as far as this turn goes. */
function discard(room: ResolvePartition, command: Control, turn: Turn): void {
  if (command.entry !== null) {
    for (const each of entryOf(room, command.entry)) close(room, each, command, turn);
    return;
  }
  // What the same batch parks or lets wait comes after it.
  room.discards.add(command, turn.nowMicros++);
  continueDiscards(room, turn);
}

/** Goes on with discards that were too long for one batch. An alias names also what waits behind it. */
export function continueDiscards(room: ResolvePartition, turn: Turn): void {
  for (const [key, command] of room.discards.all()) {
    for (const each of meant(room.lanes, command, turn.left)) {
      turn.left--;
      close(room, each, command, turn);
    }
    if (command.lane !== null) closeWaiting(room, command.lane, command, turn);
    if (turn.left <= 0) return;
    room.discards.done(key);
  }
}

function close(room: ResolvePartition, [key, entry]: Entry, command: Control, turn: Turn): void {
  // Read before anything is said: an unknown writer must leave nothing half done.
  const delivery = entry.record === claimRecord ? undefined : parkedDelivery(room, entry);
  room.lanes.delete(key);
  auditDiscard(turn.task, command, `parked.router ${key}`, entry.position);
  if (delivery !== undefined) discarded(delivery, turn);
}

function closeWaiting({ waiting }: ResolvePartition, alias: string, command: Control, turn: Turn): void {
  for (; turn.left > 0; turn.left--) {
    const head = waiting.head(alias);
    if (head === undefined || head.waiting_since > command.issued_at) return;
    waiting.shift(alias);
    auditDiscard(turn.task, command, `router.waiting ${alias}`, head.position);
    discarded(waitedDelivery(head), turn);
  }
}

const discarded = (delivery: Delivery, turn: Turn): void =>
  sendReceipt(subjectOf(delivery), { outcome: 'discarded' }, turn);
