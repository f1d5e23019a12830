import type { EventType, FactContract, FactContractItem, FactContractStatus } from '@keelson/contracts';
import { contractItems, isMetered } from './contract-items.ts';
import { currencyCode } from './currency.ts';
import type { Fields } from './fields.ts';
import { flag, isIncomplete, optionalInstant, optionalText, requiredId } from './fields.ts';
import { mrrOf, mrrRule } from './mrr.ts';
import { documentId, snapshotFact } from './telling.ts';
import type { Telling } from './telling.ts';
import { claimOf, wholeFetch } from './yielded.ts';
import type { Yielded } from './yielded.ts';

/**
 * One snapshot of the contract a telling; which events it makes (activated, renewed, changed …) is decided where the
 * state before is known. The type is what Stripe's event suggests.
 */
export function mapSubscription(telling: Telling, subscription: Fields): Yielded {
  const id = requiredId(subscription);
  const claims = [claimOf(telling, id, 'subscription-names-customer')];
  if (isIncomplete(subscription, 'items')) {
    return { claims, fetches: wholeFetch(telling, 'subscription', id, 'more-items') };
  }
  const body = bodyOf(telling, subscription);
  const fact = snapshotFact(telling, {
    type: typeOf(telling, body.status),
    object: subscription,
    rank: ranks[body.status] * 2 + (telling.eventType === 'customer.subscription.created' ? 0 : 1),
    contractId: body.contract_id,
    body: { 'keelson.fact.Contract': body },
  });
  return { facts: [fact], claims };
}

/** Status lattice for two tellings of one second: forward is what a subscription usually does. */
const ranks: Readonly<Record<FactContractStatus, number>> = {
  unknown: 0,
  incomplete: 1,
  trialing: 2,
  active: 3,
  past_due: 4,
  unpaid: 5,
  paused: 6,
  incomplete_expired: 10,
  ended: 10,
};

const statuses = new Map<string, FactContractStatus>([
  ...(Object.keys(ranks) as FactContractStatus[]).map(status => [status, status] as const),
  ['canceled', 'ended'],
]);

const hints = new Map<string, EventType>([
  ['customer.subscription.created', 'contract.created'],
  ['customer.subscription.paused', 'contract.paused'],
  ['customer.subscription.resumed', 'contract.resumed'],
]);

function typeOf(telling: Telling, status: FactContractStatus): EventType {
  if (status === 'ended' || status === 'incomplete_expired') return 'contract.ended';
  return hints.get(telling.eventType ?? '') ?? 'contract.changed';
}

function statusOf(telling: Telling, subscription: Fields): FactContractStatus {
  if (telling.eventType === 'customer.subscription.deleted') return 'ended';
  return statuses.get(optionalText(subscription, 'status') ?? '') ?? 'unknown';
}

function bodyOf(telling: Telling, subscription: Fields): FactContract {
  const items = contractItems(subscription);
  const currency = subscription['currency'] === undefined ? null : currencyCode(subscription);
  const status = statusOf(telling, subscription);
  const next = nextToRenew(items.map(({ item }) => item));
  const endsAt = flag(subscription, 'cancel_at_period_end') ? (next?.period_end ?? null) : null;
  const contractCurrency = currency ?? items[0]?.item.currency ?? currencyCode(subscription);
  return {
    contract_id: documentId(telling, 'contract', requiredId(subscription)),
    status,
    plan: items[0]?.item.plan_name ?? null,
    items: items.map(({ item }) => item),
    currency: contractCurrency,
    started_at: optionalInstant(subscription, 'start_date') ?? optionalInstant(subscription, 'created'),
    current_period_start: next?.period_start ?? null,
    current_period_end: next?.period_end ?? null,
    trial_end: optionalInstant(subscription, 'trial_end'),
    cancel_at: optionalInstant(subscription, 'cancel_at') ?? endsAt,
    canceled_at: optionalInstant(subscription, 'canceled_at'),
    ended_at: optionalInstant(subscription, 'ended_at') ?? (status === 'ended' ? telling.at : null),
    collection_paused:
      subscription['pause_collection'] !== null && subscription['pause_collection'] !== undefined,
    service_paused: status === 'paused',
    mrr: mrrOf(
      status,
      contractCurrency,
      items.filter(({ price }) => !isMetered(price)),
    ),
    mrr_rule: mrrRule,
    changed_fields: changedFields(telling.changed),
  };
}

/** The item whose period ends first: that is when the contract renews next. */
const nextToRenew = (items: readonly FactContractItem[]): FactContractItem | undefined =>
  items
    .filter(item => item.period_end !== null)
    .toSorted((a, b) => (a.period_end ?? 0) - (b.period_end ?? 0))[0];

const names = new Map([
  ['status', 'status'],
  ['items', 'items'],
  ['plan', 'items'],
  ['quantity', 'items'],
  ['current_period_start', 'current_period_start'],
  ['current_period_end', 'current_period_end'],
  ['trial_end', 'trial_end'],
  ['cancel_at', 'cancel_at'],
  ['cancel_at_period_end', 'cancel_at'],
  ['canceled_at', 'canceled_at'],
  ['ended_at', 'ended_at'],
  ['pause_collection', 'collection_paused'],
]);

const changedFields = (changed: readonly string[]): readonly string[] => [
  ...new Set(changed.map(key => names.get(key)).filter(key => key !== undefined)),
];
