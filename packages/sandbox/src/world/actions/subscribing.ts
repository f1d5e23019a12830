import type { Interval, PlanName } from '../catalogue.ts';
import type { Json, Scene } from '../company.ts';
import { did, emit, tick } from '../company.ts';
import type { Subscription, SubscriptionStatus } from '../model.ts';
import { subscriptionShape } from '../shapes/subscription.ts';
import { addMonths, DAY_S } from '../time.ts';
import { priceOf } from './catalogue.ts';
import { collect } from './collecting.ts';
import { draft, extraLine, finalize, settleIfNothingIsDue } from './invoicing.ts';
import { planLine } from './renewing.ts';

/** Signs the contract and pays the first period at once. */
export function subscribe(scene: Scene, plan: PlanName, interval: Interval, quantity: number): void {
  did(scene, 'subscribed');
  const free = plan === 'Free';
  const subscription = newSubscription(scene, plan, interval, quantity, free ? 'active' : 'incomplete');
  const workshop = !free && scene.random.chance(0.25) ? [extraLine(scene, 'Onboarding workshop')] : [];
  const invoice = draft(scene, 'subscription_create', [planLine(subscription), ...workshop], null);
  emitSubscription(scene, 'customer.subscription.created');
  finalize(scene, invoice);
  if (settleIfNothingIsDue(scene, invoice)) {
    did(scene, 'zero_invoice');
    return;
  }
  collect(scene, invoice);
  subscription.status = 'active';
  emitSubscription(scene, 'customer.subscription.updated', { status: 'incomplete' });
  tick(scene);
}

/** Two weeks for nothing: an invoice over zero, and a period that is the trial. */
export function startTrial(scene: Scene, plan: PlanName, interval: Interval, quantity: number): void {
  did(scene, 'trial_started');
  const subscription = newSubscription(scene, plan, interval, quantity, 'trialing');
  const trialEnd = scene.now + 14 * DAY_S;
  Object.assign(subscription, { trialStart: scene.now, trialEnd, periodEnd: trialEnd, anchor: trialEnd });
  const line = { ...planLine(subscription), description: `Trial period for ${plan}`, amountMinor: 0 };
  const invoice = draft(scene, 'subscription_create', [line], null);
  emitSubscription(scene, 'customer.subscription.created');
  finalize(scene, invoice);
  settleIfNothingIsDue(scene, invoice);
  did(scene, 'zero_invoice');
}

export function remindOfTrialEnd(scene: Scene): void {
  emitSubscription(scene, 'customer.subscription.trial_will_end');
  tick(scene);
}

/** Collection stops for a while; what was agreed goes on. */
export function pause(scene: Scene): void {
  did(scene, 'paused');
  live(scene).pause = scene.random.pick(['keep_as_draft', 'void']);
  emitSubscription(scene, 'customer.subscription.updated', { pause_collection: null });
  tick(scene);
}

export function resume(scene: Scene): void {
  did(scene, 'resumed');
  const subscription = live(scene);
  const behavior = subscription.pause;
  subscription.pause = null;
  emitSubscription(scene, 'customer.subscription.updated', {
    pause_collection: { behavior, resumes_at: null },
  });
  tick(scene);
}

/** They will leave when what they paid for is used up. */
export function scheduleCancel(scene: Scene): void {
  did(scene, 'cancel_scheduled');
  const subscription = live(scene);
  subscription.cancelAt = subscription.periodEnd;
  subscription.canceledAt = scene.now;
  emitSubscription(scene, 'customer.subscription.updated', {
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
  });
  tick(scene);
}

export function endSubscription(scene: Scene): void {
  did(scene, 'subscription_ended');
  const subscription = live(scene);
  subscription.status = 'canceled';
  subscription.canceledAt ??= scene.now;
  subscription.endedAt = scene.now;
  emitSubscription(scene, 'customer.subscription.deleted');
  tick(scene);
}

export function setStatus(scene: Scene, status: SubscriptionStatus): void {
  const subscription = live(scene);
  const before = subscription.status;
  if (before === status) return;
  subscription.status = status;
  emitSubscription(scene, 'customer.subscription.updated', { status: before });
  tick(scene);
}

export function emitSubscription(scene: Scene, type: string, previous?: Json): void {
  const render = subscriptionShape(live(scene), scene.company.livemode);
  emit(scene, type, render, previous === undefined ? {} : { previous });
}

export function live(scene: Scene): Subscription {
  if (scene.subscription === null) throw new Error('this customer never subscribed');
  return scene.subscription;
}

function newSubscription(
  scene: Scene,
  plan: PlanName,
  interval: Interval,
  quantity: number,
  status: SubscriptionStatus,
): Subscription {
  const { company, customer, random, now } = scene;
  const subscription: Subscription = {
    id: `sub_1${random.token(23)}`,
    customer,
    created: now,
    status,
    item: {
      id: `si_${random.token(14)}`,
      created: now,
      price: priceOf(company, plan, customer.currency, interval),
      quantity,
    },
    anchor: now,
    periodStart: now,
    periodEnd: addMonths(now, interval === 'year' ? 12 : 1),
    trialStart: null,
    trialEnd: null,
    cancelAt: null,
    canceledAt: null,
    endedAt: null,
    pause: null,
    latestInvoiceId: null,
  };
  company.subscriptions.push(subscription);
  scene.subscription = subscription;
  return subscription;
}
