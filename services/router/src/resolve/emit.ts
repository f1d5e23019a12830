import { topics } from '@keelson/contracts';
import type { Fact } from '@keelson/contracts';
import type { MappedDelivery, MappedFetch } from '@keelson/sources';
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

/** Sends what a mapping yields: facts to their customers, claims to their aliases' owners, fetches to the poller. */
export function emit(
  delivery: Delivery,
  mapping: MappedDelivery,
  owners: Owners,
  { task, nowMicros }: Turn,
): void {
  const { ingress, position, timestampMs, travelling: headers } = delivery;
  for (const mapped of mapping.facts) {
    const house = mapped.house || owners.house;
    const customer_id = house ? owners.houseId : (owners.customerId ?? owners.houseId);
    const value: Fact = {
      ...mapped,
      house,
      customer_id,
      position,
      received_at: ingress.received_at,
      origin: ingress.origin,
    };
    task.send({
      topic: topics.resolved,
      key: customer_id,
      record: 'keelson.internal.Fact',
      value,
      timestampMs,
      headers,
    });
  }
  for (const { alias, rule } of mapping.claims) {
    const value = {
      alias,
      customer_id: owners.customerId ?? owners.houseId,
      rule,
      position,
      claimed_at: nowMicros,
    };
    task.send({
      topic: topics.claims,
      key: alias,
      record: 'keelson.internal.Claim',
      value,
      timestampMs,
      headers,
    });
  }
  for (const fetch of mapping.fetches) sendFetch(delivery, fetch, { task, nowMicros });
}

/** Asks the poller for one object, under the delivery's alias. */
export function sendFetch(
  { ingress, alias, position, travelling }: Delivery,
  { objectType, objectId, reason }: MappedFetch,
  { task, nowMicros }: Turn,
): void {
  task.send({
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
    headers: travelling,
  });
}
