import { monthlyMinor } from '../catalogue.ts';
import type { Subscription } from '../model.ts';
import { exponentOf } from '../money.ts';
import { dateOf } from '../time.ts';
import type { World } from '../world.ts';
import { aliasOf } from './odoo.ts';

export type MrrBand = '0' | '1-99' | '100-499' | '500-1999' | '2000+';
export type ContractStatus = 'incomplete' | 'trialing' | 'active' | 'past_due' | 'ended';

/** What a support agent should see of a customer. Dates are UTC days. */
export type ExpectedDeskCustomer = {
  customerId: string;
  alias: string;
  name: string;
  email: string;
  country: string;
  language: string;
  deleted: boolean;
  /** Null: never subscribed. */
  planName: string | null;
  status: ContractStatus | null;
  pastDue: boolean;
  collectionPaused: boolean;
  /** When the next period begins; null when nothing will renew. */
  renewsOn: string | null;
  cancelsOn: string | null;
  endedOn: string | null;
  mrrBand: MrrBand;
  disputeOpen: boolean;
};

export function deskCustomersOf(world: World): ExpectedDeskCustomer[] {
  const { company } = world;
  const subscriptions = new Map(company.subscriptions.map(one => [one.customer.id, one]));
  const disputed = new Set([...company.disputed].map(charge => charge.customer.id));
  return company.customers.map(customer => {
    const subscription = subscriptions.get(customer.id) ?? null;
    return {
      customerId: customer.id,
      alias: aliasOf(world, customer.id),
      name: customer.name,
      email: customer.email,
      country: customer.market.country,
      language: customer.market.language,
      deleted: customer.deletedAt !== null,
      disputeOpen: disputed.has(customer.id),
      ...contractOf(subscription),
    };
  });
}

type Contract = Pick<
  ExpectedDeskCustomer,
  'planName' | 'status' | 'pastDue' | 'collectionPaused' | 'renewsOn' | 'cancelsOn' | 'endedOn' | 'mrrBand'
>;

function contractOf(subscription: Subscription | null): Contract {
  const none = { pastDue: false, collectionPaused: false, renewsOn: null, cancelsOn: null, endedOn: null };
  if (subscription === null) return { ...none, planName: null, status: null, mrrBand: '0' };
  const ended = subscription.endedAt !== null;
  const cancels = !ended && subscription.cancelAt !== null;
  return {
    planName: subscription.item.price.product.name,
    status: subscription.status === 'canceled' ? 'ended' : subscription.status,
    pastDue: subscription.status === 'past_due',
    collectionPaused: !ended && subscription.pause !== null,
    renewsOn: ended || cancels ? null : dateOf(subscription.periodEnd),
    cancelsOn: cancels ? dateOf(subscription.cancelAt ?? 0) : null,
    endedOn: ended ? dateOf(subscription.endedAt ?? 0) : null,
    mrrBand: bandOf(subscription),
  };
}

/** By list price, whatever tax is in it. A trial, an unpaid start and a past contract bring nothing. */
function bandOf(subscription: Subscription): MrrBand {
  if (subscription.status !== 'active' && subscription.status !== 'past_due') return '0';
  const { price, quantity } = subscription.item;
  const major = Math.floor(monthlyMinor(price, quantity) / 10 ** exponentOf(price.currency));
  if (major >= 2000) return '2000+';
  if (major >= 500) return '500-1999';
  if (major >= 100) return '100-499';
  return major >= 1 ? '1-99' : '0';
}
