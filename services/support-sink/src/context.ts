import type { SupportWork } from '@keelson/contracts';

type Customer = NonNullable<SupportWork['customer']>;
type Contract = SupportWork['contracts'][number];

/** What an agent sees of a customer: this list, and nothing that is not on it. Days are UTC, `yyyy-mm-dd`. */
export interface DeskContext {
  readonly keelson_plan: string | null;
  readonly keelson_status: string | null;
  readonly keelson_renews_on: string | null;
  readonly keelson_cancels_on: string | null;
  readonly keelson_mrr_band: string;
  readonly keelson_past_due: boolean;
  readonly keelson_past_due_band: string | null;
  readonly keelson_tier: string | null;
  readonly keelson_sla: string | null;
  readonly keelson_dispute_open: boolean;
  readonly keelson_country: string | null;
  readonly keelson_language: string | null;
  readonly keelson_contracts: string;
  readonly keelson_version: string;
}

/** The names of all fields; a desk must have every one. */
export const contextFields = [
  'keelson_plan',
  'keelson_status',
  'keelson_renews_on',
  'keelson_cancels_on',
  'keelson_mrr_band',
  'keelson_past_due',
  'keelson_past_due_band',
  'keelson_tier',
  'keelson_sla',
  'keelson_dispute_open',
  'keelson_country',
  'keelson_language',
  'keelson_contracts',
  'keelson_version',
] as const satisfies readonly (keyof DeskContext)[];

/** A customer's user in the desk. */
export interface DeskUser {
  /** The customer's id, in the desk's `external_id`. */
  readonly externalId: string;
  /** Null: not known (any more); the desk keeps the one it has. */
  readonly name: string | null;
  readonly email: string | null;
  readonly fields: DeskContext;
}

/** Pure: the same work gives the same user, whenever it is asked. */
export function deskUserOf(work: SupportWork, customer: Customer): DeskUser {
  const { contracts } = work;
  const main = mainContract(contracts);
  const cancels = main !== null && !isOver(main) && main.cancel_at !== null;
  return {
    externalId: customer.customer_id,
    name: customer.legal_name,
    email: customer.emails[0] ?? null,
    fields: {
      keelson_plan: main?.plan ?? null,
      keelson_status: main?.status ?? null,
      keelson_renews_on: main === null || isOver(main) || cancels ? null : dayOf(main.current_period_end),
      keelson_cancels_on: cancels ? dayOf(main.cancel_at) : null,
      keelson_mrr_band: mrrBandOf(contracts),
      keelson_past_due: contracts.some(isPastDue),
      keelson_past_due_band: pastDueBandOf(contracts, work.head.received_at),
      keelson_tier: entitlement(contracts, 'tier'),
      keelson_sla: entitlement(contracts, 'sla'),
      keelson_dispute_open: customer.disputes_open > 0,
      keelson_country: customer.country,
      keelson_language: customer.language,
      keelson_contracts: contracts.map(({ plan, status }) => `${plan ?? 'no plan'}: ${status}`).join('; '),
      keelson_version: versionOf(customer, contracts),
    },
  };
}

/**
 * Grows with whatever changes the context: a new contract raises the customer's version, a change of a contract the
 * contract's. Compared as two numbers.
 */
function versionOf(customer: Customer, contracts: readonly Contract[]): string {
  return `${customer.version}.${contracts.reduce((sum, { version }) => sum + version, 0)}`;
}

/** Negative when `a` is older than `b`. What is not a version of ours is older than any. */
export function compareVersions(a: string | null, b: string | null): number {
  const [a1, a2] = numbersOf(a);
  const [b1, b2] = numbersOf(b);
  return a1 - b1 || a2 - b2;
}

function numbersOf(version: string | null): readonly [number, number] {
  const [, customer, contracts] = /^(\d+)\.(\d+)$/.exec(version ?? '') ?? [];
  return [Number(customer ?? -1), Number(contracts ?? -1)];
}

const ranks: Readonly<Record<Contract['status'], number>> = {
  active: 3,
  past_due: 3,
  trialing: 3,
  unpaid: 3,
  paused: 3,
  incomplete: 2,
  unknown: 1,
  ended: 1,
  incomplete_expired: 0,
};

/** The one that runs; of several the one that became known last. */
function mainContract(contracts: readonly Contract[]): Contract | null {
  return contracts.reduce<Contract | null>(
    (best, contract) => (best === null || ranks[contract.status] >= ranks[best.status] ? contract : best),
    null,
  );
}

const isOver = ({ status }: Contract): boolean => status === 'ended' || status === 'incomplete_expired';
const isPastDue = ({ status }: Contract): boolean => status === 'past_due' || status === 'unpaid';
const isPaying = ({ status }: Contract): boolean => status === 'active' || status === 'past_due';

const mrrBands = ['0', '1-99', '100-499', '500-1999', '2000+'];

/** The highest of the contracts that bring revenue: bands have no sum. */
function mrrBandOf(contracts: readonly Contract[]): string {
  const highest = contracts
    .filter(isPaying)
    .reduce((most, { mrr_band }) => Math.max(most, mrrBands.indexOf(mrr_band)), 0);
  return mrrBands[highest] ?? '0';
}

const dayMicros = 86_400_000_000;

/** How long past due when this was told; the next telling brings it up to date. */
function pastDueBandOf(contracts: readonly Contract[], toldAt: number): string | null {
  const since = contracts.flatMap(contract =>
    isPastDue(contract) && contract.past_due_since !== null ? [contract.past_due_since] : [],
  );
  if (since.length === 0) return null;
  const days = Math.floor((toldAt - Math.min(...since)) / dayMicros);
  if (days <= 7) return '0-7';
  if (days <= 30) return '8-30';
  return days <= 60 ? '31-60' : '61+';
}

/** The value of an entitlement by its key, from the contracts that run. */
function entitlement(contracts: readonly Contract[], key: string): string | null {
  for (const contract of contracts.filter(each => !isOver(each)))
    for (const { feature_key, value } of contract.entitlements) if (feature_key === key) return value;
  return null;
}

const dayOf = (micros: number | null): string | null =>
  micros === null ? null : new Date(micros / 1000).toISOString().slice(0, 10);
