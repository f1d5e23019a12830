import { customerIdOf } from '@keelson/contracts';
import type { MappedDelivery, Mapping } from '@keelson/sources';
import { passUnknownWriter } from '../unknown-writer.ts';
import type { Delivery } from './delivery.ts';
import { emit, sendFetch } from './emit.ts';
import type { Owners } from './emit.ts';
import { link } from './identity.ts';
import type { ResolvePartition, Turn } from './partition.ts';
import { sendReceipt, subjectOf } from './receipt.ts';
import { rejectDelivery } from './reject.ts';
import { isAccount } from './sources.ts';
import type { Alias, SourceRules } from './sources.ts';

/**
 * Takes one delivery as far as it can go now: rejected, filtered, seen before, mapped, or in line behind its alias.
 * Exactly one receipt, unless it waits.
 */
export function settle(room: ResolvePartition, delivery: Delivery, turn: Turn): void {
  take(room, delivery, turn, ({ text }) => room.opening.has(text) || room.waiting.has(text));
}

/** The same for the first in line, behind whom the others still stand. */
export function advance(room: ResolvePartition, delivery: Delivery, turn: Turn): void {
  take(room, delivery, turn, () => false);
}

function take(
  room: ResolvePartition,
  delivery: Delivery,
  turn: Turn,
  standsInLine: (alias: Alias) => boolean,
): void {
  const { ingress, alias } = delivery;
  const rules = room.sources.get(ingress.source);
  let mapping: Mapping;
  try {
    if (rules === undefined) throw new Error(`${ingress.source} is no source of sources.yaml`);
    mapping = rules.map(ingress, rules.contextOf(ingress.account));
  } catch (error) {
    return rejectDelivery(room, delivery, error, turn);
  }
  if (mapping.outcome === 'filtered')
    return sendReceipt(subjectOf(delivery), { outcome: 'filtered', rule: mapping.rule }, turn);

  const owners = ownersOf(room, rules, delivery, mapping, turn);
  // Nothing overtakes what waits behind the same alias, not even what would need no customer.
  if (standsInLine(alias) || (owners.customerId === undefined && needsCustomer(mapping)))
    return room.waiting.add(delivery, room.ports.generationOf(delivery.topic), turn.nowMicros);
  try {
    conclude(room, delivery, mapping, owners, turn);
  } catch (error) {
    passUnknownWriter(error);
    rejectDelivery(room, delivery, error, turn);
  }
}

function conclude(
  room: ResolvePartition,
  delivery: Delivery,
  mapping: MappedDelivery,
  owners: Owners,
  turn: Turn,
): void {
  const { ingress, alias, position } = delivery;
  const key = owners.customerId === undefined ? {} : { customerId: owners.customerId };
  const { delivery_id } = ingress;
  const seen = delivery_id === null ? undefined : room.seen.get(delivery_id);
  if (seen?.content_hash === mapping.contentHash && seen.alias === alias.text)
    return sendReceipt(subjectOf(delivery), { outcome: 'duplicate', ...key }, turn);

  emit(delivery, mapping, owners, turn);
  if (delivery_id !== null) {
    room.seen.put(delivery_id, {
      delivery_id,
      alias: alias.text,
      content_hash: mapping.contentHash,
      position,
      seen_at: turn.nowMicros,
    });
  }
  sendReceipt(subjectOf(delivery), { outcome: 'mapped', facts: mapping.facts.length, ...key }, turn);
}

const needsCustomer = ({ facts, claims }: MappedDelivery): boolean =>
  facts.some(({ house }) => !house) || (facts.length === 0 && claims.length > 0);

/** A link says whose it is; the account is the house's; what the system of record names is a customer by its name. */
function ownersOf(
  room: ResolvePartition,
  rules: SourceRules,
  delivery: Delivery,
  mapping: MappedDelivery,
  turn: Turn,
): Owners {
  const { alias } = delivery;
  const houseId = room.houseOf(alias);
  if (isAccount(alias)) return { customerId: houseId, houseId, house: true };
  const known = room.links.get(alias.text)?.customer_id;
  if (known !== undefined) return { customerId: known, houseId, house: known === houseId };
  if (!rules.mints(alias)) return { customerId: undefined, houseId, house: false };

  const customerId = customerIdOf(alias.text);
  if (!mapping.facts.some(({ body }) => 'keelson.fact.Customer' in body)) {
    const fetch = { objectType: 'customer', objectId: alias.id, reason: 'first-sight' };
    if (rules.fetchAfterMicros !== undefined) sendFetch(delivery, fetch, turn);
  }
  link(
    room,
    { alias: alias.text, customer_id: customerId, rule: 'minted', position: delivery.position },
    turn,
  );
  return { customerId, houseId, house: false };
}
