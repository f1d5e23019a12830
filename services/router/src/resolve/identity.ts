import { conflict } from '@keelson/contracts';
import type { Claim, Link } from '@keelson/contracts';
import type { InputRecord } from '@keelson/stream';
import { parkedEntry, parkedKey } from '../parked-entry.ts';
import { waitedDelivery } from './delivery.ts';
import { parkedDelivery } from './overdue.ts';
import type { ResolvePartition, Turn } from './partition.ts';
import { settle } from './settle.ts';
import { isAccount, parseAlias } from './sources.ts';

/** Somebody says whose an alias is. The first is believed, the same again is nothing, another one is a conflict. */
export function hear(
  room: ResolvePartition,
  record: InputRecord<'keelson.internal.Claim'>,
  claim: Claim,
  turn: Turn,
): void {
  const contradiction = contradictionOf(room, claim);
  if (contradiction === undefined) return accept(room, claim, turn);
  const { lanes, ports } = room;
  const generation = ports.generationOf(record.topic);
  const entry = parkedEntry({ ...record, bytes: record.bytes ?? Buffer.alloc(0) }, generation, {
    room: 'resolve',
    lane: null,
    error: contradiction,
    position: claim.position,
    eventId: null,
    receivedAt: claim.claimed_at,
    nowMicros: turn.nowMicros,
  });
  lanes.put(parkedKey(claim.alias, record.topic, generation, record.offset), entry);
  ports.log.warn({ position: claim.position, code: entry.error_code }, 'claim parked');
}

/** Believes a claim that contradicts nothing. */
export function accept(
  room: ResolvePartition,
  { alias, customer_id, rule, position }: Claim,
  turn: Turn,
): void {
  if (heldOwner(room, alias)?.customer_id === customer_id) return;
  link(room, { alias, customer_id, rule, position }, turn);
}

/** The error that tells both versions; undefined when the claim may be believed. */
export function contradictionOf(room: ResolvePartition, claim: Claim): Error | undefined {
  const held = heldOwner(room, claim.alias);
  if (held === undefined || held.customer_id === claim.customer_id) return undefined;
  return conflict(
    'claim_conflict',
    `${claim.alias} is ${held.customer_id} by ${held.rule} (${held.position}); ` +
      `${claim.rule} (${claim.position}) says ${claim.customer_id}`,
  );
}

function heldOwner(room: ResolvePartition, text: string): Omit<Link, 'linked_at'> | undefined {
  const alias = parseAlias(text);
  if (!isAccount(alias)) return room.links.get(text);
  const customer_id = room.houseOf(alias);
  return { alias: text, customer_id, rule: 'house', position: 'policy' };
}

/** From now on the alias is the customer's; what waits behind it goes on, in order, exceptions first. */
export function link(room: ResolvePartition, held: Omit<Link, 'linked_at'>, turn: Turn): void {
  const { alias } = held;
  room.links.put(alias, { ...held, linked_at: turn.nowMicros });
  const parked = room.lanes.entries(alias);
  for (const [key] of parked) room.lanes.delete(key);
  const waiting = room.waiting.take(alias);
  for (const [, entry] of parked) settle(room, parkedDelivery(room, entry), turn);
  for (const each of waiting) settle(room, waitedDelivery(each), turn);
}
