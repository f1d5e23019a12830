import { conflict } from '@keelson/contracts';
import type { Claim, Link } from '@keelson/contracts';
import type { InputRecord } from '@keelson/stream';
import { parkedEntry, parkedKey } from '../parked-entry.ts';
import { waitedDelivery } from './delivery.ts';
import { parkedDelivery } from './overdue.ts';
import type { ResolvePartition, Turn } from './partition.ts';
import { advance } from './settle.ts';
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

/** From now on the alias is the customer's; what stands in line behind it goes on, in order. */
export function link(room: ResolvePartition, held: Omit<Link, 'linked_at'>, turn: Turn): void {
  const { alias } = held;
  room.links.put(alias, { ...held, linked_at: turn.nowMicros });
  if (!room.lanes.has(alias) && !room.waiting.has(alias)) return;
  room.opening.add(alias);
  open(room, alias, turn);
}

/** The line behind a known alias moves on, as far as this turn goes. Exceptions and what waits stand in one order. */
export function open(room: ResolvePartition, alias: string, turn: Turn): void {
  const parked = room.lanes.entries(alias, turn.left);
  let next = 0;
  for (; turn.left > 0; turn.left--) {
    const [key, entry] = parked[next] ?? [];
    const waitingKey = room.waiting.headKey(alias);
    if (key !== undefined && entry !== undefined && (waitingKey === undefined || key < waitingKey)) {
      next++;
      room.lanes.delete(key);
      advance(room, parkedDelivery(room, entry), turn);
    } else {
      const waiting = room.waiting.shift(alias);
      if (waiting === undefined) break;
      advance(room, waitedDelivery(waiting), turn);
    }
  }
  if (!room.lanes.has(alias) && !room.waiting.has(alias)) room.opening.delete(alias);
}
