import type { ExtraName, Interval, PlanName, Price, Product } from './catalogue.ts';
import type { Fact, FactBody } from './facts.ts';
import type { ApiEra, BalanceTransaction, Charge, Customer, Invoice, Subscription } from './model.ts';
import { API_VERSIONS } from './model.ts';
import type { Currency, TaxRate } from './money.ts';
import type { Random } from './prng.ts';

export type Json = { readonly [key: string]: unknown };
/** A wire object with its id; rendered in either era. */
export type Render = (era: ApiEra) => Json & { readonly id: string };

/** Everything a business action can be. The generator's vocabulary; the tests ask for all of it. */
export const ACTIONS = [
  'catalogue_published', 'signed_up', 'subscribed', 'trial_started', 'activated', 'renewed', 'renewed_with_credit',
  'upgraded', 'downgraded', 'zero_invoice', 'one_off_invoiced', 'invoice_paid', 'paid_out_of_band', 'payment_failed',
  'payment_retried', 'refunded_full', 'refunded_partial', 'refunded_with_credit_note', 'refund_failed',
  'credit_note_pre_payment', 'credit_note_post_payment', 'credit_note_to_balance', 'invoice_voided',
  'marked_uncollectible', 'dispute_opened', 'dispute_won', 'dispute_lost', 'paused', 'resumed', 'cancel_scheduled',
  'subscription_ended', 'customer_updated', 'customer_deleted', 'paid_out', 'support_case',
] as const; // prettier-ignore
export type Action = (typeof ACTIONS)[number];

/** One event as the provider would send it. `pending_webhooks` is set by whoever delivers it. */
export type WorldEvent = {
  id: string;
  type: string;
  created: number;
  /** Breaks ties of `created`: the order in which things happened. */
  sequence: number;
  era: ApiEra;
  /** Null where it is the account's own. */
  customerId: string | null;
  /** The object the event is about. */
  objectId: string;
  /** Ids that the event names and that another event brings. */
  needs: readonly string[];
  action: Action;
  body: Json;
};

/** The company while its history is being made. */
export type Company = {
  random: Random;
  livemode: boolean;
  /** Of today's card payments, how many learn their balance transaction only by `charge.updated`. */
  asyncCaptureShare: number;
  events: WorldEvent[];
  facts: Fact[];
  actions: Map<Action, number>;
  objects: Map<string, Render>;
  customers: Customer[];
  subscriptions: Subscription[];
  invoices: Invoice[];
  /** Charges with an open dispute. */
  disputed: Set<Charge>;
  transactions: BalanceTransaction[];
  products: Map<PlanName | ExtraName, Product>;
  prices: Map<string, Price>;
  taxRates: Map<string, TaxRate>;
};

/** Where an action stands: whose, when, and what it is called. */
export type Scene = {
  company: Company;
  random: Random;
  customer: Customer;
  subscription: Subscription | null;
  /** The customer's own clock. */
  now: number;
  action: Action;
};

export type EmitOptions = { previous?: Json; needs?: readonly string[] };

/** Tells the world of it, as it is at this moment, and keeps the object for the provider's API. */
export function emit(scene: Scene, type: string, render: Render, options: EmitOptions = {}): void {
  emitFor(scene.company, scene.random, scene.customer, scene.now, scene.action, type, render, options);
}

/** The same for what belongs to the account (catalogue, payouts). */
export function emitFor(
  company: Company,
  random: Random,
  owner: Customer | ApiEra,
  created: number,
  action: Action,
  type: string,
  render: Render,
  options: EmitOptions = {},
): void {
  const era = typeof owner === 'string' ? owner : owner.era;
  const object = render(era);
  keep(company, object.id, render);
  const id = `evt_1${random.token(23)}`;
  const customerId = typeof owner === 'string' ? null : owner.id;
  const body = {
    id,
    object: 'event',
    api_version: API_VERSIONS[era],
    created,
    data: { object, ...(options.previous === undefined ? {} : { previous_attributes: options.previous }) },
    livemode: company.livemode,
    pending_webhooks: 1,
    request: { id: random.chance(0.5) ? `req_${random.token(14)}` : null, idempotency_key: null },
    type,
  };
  const needs = [
    ...(customerId === null || customerId === object.id ? [] : [customerId]),
    ...(options.needs ?? []),
  ];
  const sequence = company.events.length;
  company.events.push({
    id,
    type,
    created,
    sequence,
    era,
    customerId,
    objectId: object.id,
    needs,
    action,
    body,
  });
}

/** The provider's API answers for it, in its latest state. */
export function keep(company: Company, id: string, render: Render): void {
  company.objects.set(id, render);
}

export function record(scene: Scene, fact: FactBody): void {
  const { customer, now: at } = scene;
  scene.company.facts.push({ at, customerId: customer.id, currency: customer.currency, ...fact });
}

/** Counts the action, for the vocabulary. */
export function did(scene: Scene, action: Action): void {
  scene.action = action;
  scene.company.actions.set(action, (scene.company.actions.get(action) ?? 0) + 1);
}

/** Lets some seconds pass, so that what changes the same thing twice never shares a second. */
export function tick(scene: Scene, seconds = 1): void {
  scene.now += seconds;
}

export const priceKey = (name: PlanName | ExtraName, currency: Currency, interval: Interval | null): string =>
  `${name}/${currency}/${interval ?? 'once'}`;
