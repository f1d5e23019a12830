import { topics } from '@keelson/contracts';
import type { Fact } from '@keelson/contracts';
import type { MappedClaim, MappedDelivery, MappedFact, MappedFetch } from '@keelson/sources';
import type { OutputRecord } from '@keelson/stream';
import type { Delivery } from './delivery.ts';
import type { Turn } from './partition.ts';

/** Whose a delivery is: the alias's customer, and the account's own for what belongs to no customer. */
export interface Owners {
  /** Undefined only where every fact is the house's. */
  readonly customerId: string | undefined;
  readonly houseId: string;
  /** The alias is the account itself. */
  readonly house: boolean;
}

/**
 * Sends what a mapping yields: facts to their customers, claims to their aliases' owners, fetches to the poller. All of it
 * or, when a value does not fit its schema, nothing and an error.
 */
export function emit(delivery: Delivery, mapping: MappedDelivery, owners: Owners, turn: Turn): void {
  turn.task.send(
    ...mapping.facts.map(mapped => factOutput(delivery, mapped, owners)),
    ...mapping.claims.map(claim => claimOutput(delivery, claim, owners, turn)),
    ...mapping.fetches.map(fetch => fetchOutput(delivery, fetch, turn)),
  );
}

function factOutput(delivery: Delivery, mapped: MappedFact, owners: Owners): OutputRecord {
  const { ingress, position, timestampMs, travelling: headers } = delivery;
  const house = mapped.house || owners.house;
  const customer_id = house ? owners.houseId : (owners.customerId ?? owners.houseId);
  const { received_at, origin } = ingress;
  const value: Fact = { ...mapped, house, customer_id, position, received_at, origin };
  return {
    topic: topics.resolved,
    key: customer_id,
    record: 'keelson.internal.Fact',
    value,
    timestampMs,
    headers,
  };
}

function claimOutput(
  { position, timestampMs, travelling: headers }: Delivery,
  { alias, rule }: MappedClaim,
  { customerId, houseId }: Owners,
  { nowMicros }: Turn,
): OutputRecord {
  const value = { alias, customer_id: customerId ?? houseId, rule, position, claimed_at: nowMicros };
  return { topic: topics.claims, key: alias, record: 'keelson.internal.Claim', value, timestampMs, headers };
}

/** Asks the poller for one object, under the delivery's alias. */
export const sendFetch = (delivery: Delivery, fetch: MappedFetch, turn: Turn): void =>
  turn.task.send(fetchOutput(delivery, fetch, turn));

function fetchOutput(
  { ingress, alias, position, travelling: headers }: Delivery,
  { objectType, objectId, reason }: MappedFetch,
  { nowMicros }: Turn,
): OutputRecord {
  return {
    topic: topics.fetch(ingress.source),
    key: alias.text,
    record: 'keelson.internal.FetchRequest',
    value: {
      source: ingress.source,
      account: alias.account,
      alias: alias.text,
      object_type: objectType,
      object_id: objectId,
      reason,
      position,
      requested_at: nowMicros,
    },
    headers,
  };
}
