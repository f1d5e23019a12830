import type { ContractState, CustomerState, Fact, FactContract, Money } from '@keelson/contracts';
import { versionOf } from './order.ts';

/** A contract that is named before its source has told of it. */
export const contractStub = (
  contractId: string,
  fact: Fact,
  customer: CustomerState,
  currency: string,
): ContractState => ({
  contract_id: contractId,
  customer_id: fact.customer_id,
  version: 0,
  legal_entity: fact.legal_entity,
  status: 'unknown',
  plan: null,
  items: [],
  currency,
  started_at: null,
  current_period_start: null,
  current_period_end: null,
  trial_end: null,
  cancel_at: null,
  canceled_at: null,
  ended_at: null,
  collection_paused: false,
  service_paused: false,
  mrr: null,
  mrr_band: '0',
  entitlements: customer.entitlements,
  entitlements_version: null,
  open_balance: null,
  past_due_since: null,
  last_payment_at: null,
  source_version: null,
  updated_at: fact.occurred_at,
});

/** A changed contract; `updated_at` is the latest instant that any fact brought. */
export const changeContract = (
  state: ContractState,
  at: number,
  changes: Partial<ContractState>,
): ContractState => ({
  ...state,
  ...changes,
  updated_at: Math.max(state.updated_at, at),
});

/** state + fact → state, for a telling that is newer than what is held. */
export function tellContract(state: ContractState, fact: Fact, contract: FactContract): ContractState {
  const version = versionOf(fact);
  return changeContract(state, fact.occurred_at, {
    status: contract.status,
    plan: contract.plan,
    items: contract.items,
    currency: contract.currency,
    started_at: contract.started_at,
    current_period_start: contract.current_period_start,
    current_period_end: contract.current_period_end,
    trial_end: contract.trial_end,
    cancel_at: contract.cancel_at,
    canceled_at: contract.canceled_at,
    ended_at: contract.ended_at,
    collection_paused: contract.collection_paused,
    service_paused: contract.service_paused,
    mrr: contract.mrr,
    mrr_band: mrrBand(contract.mrr),
    // From the telling alone, not from when it was first seen so: then the order of arrival would decide.
    past_due_since: isPastDue(contract) ? (contract.current_period_start ?? version.at) : null,
    source_version: version,
  });
}

const isPastDue = ({ status }: FactContract): boolean => status === 'past_due' || status === 'unpaid';

/** What has ended never begins again: the source gives a new contract a new id. */
export const isEnded = ({ status }: Pick<ContractState, 'status'>): boolean =>
  status === 'ended' || status === 'incomplete_expired';

/** Size of a contract that the desk may know. Bands in major units a month. */
export function mrrBand(mrr: Money | null): string {
  if (mrr === null || mrr.amount_minor <= 0n) return '0';
  const major = mrr.amount_minor / 10n ** BigInt(mrr.exponent);
  if (major < 100n) return '1-99';
  if (major < 500n) return '100-499';
  return major < 2000n ? '500-1999' : '2000+';
}
