import type { PlanName } from '../catalogue.ts';
import type { Json, Scene } from '../company.ts';
import { did, tick } from '../company.ts';
import type { Invoice, Subscription } from '../model.ts';
import { roundMinor } from '../money.ts';
import { addMonths, HOUR_S } from '../time.ts';
import { priceOf } from './catalogue.ts';
import { collect, failToCollect } from './collecting.ts';
import { setDelinquent } from './customer.ts';
import type { LineWish } from './invoicing.ts';
import { draft, finalize, settleIfNothingIsDue } from './invoicing.ts';
import { emitSubscription, live, setStatus } from './subscribing.ts';

/**
 * The next period begins: its invoice is drafted, an hour later finalised, and the card is charged.
 * @param declined the bank says no this time
 */
export function renew(scene: Scene, declined: boolean): Invoice {
  const subscription = live(scene);
  const first = subscription.status === 'trialing';
  did(scene, first ? 'activated' : 'renewed');
  scene.now = Math.max(scene.now, subscription.periodEnd);
  const usage = !first && scene.random.chance(0.3) ? [usageLine(scene, subscription)] : [];
  const previous = nextPeriod(scene, subscription);
  const invoice = draft(scene, 'subscription_cycle', [...usage, planLine(subscription)], null);
  if (first) subscription.status = 'active';
  emitSubscription(
    scene,
    'customer.subscription.updated',
    first ? { ...previous, status: 'trialing' } : previous,
  );
  tick(scene, HOUR_S);
  finalize(scene, invoice);
  if (invoice.startingBalanceMinor < 0 && (invoice.endingBalanceMinor ?? 0) > invoice.startingBalanceMinor) {
    did(scene, 'renewed_with_credit');
  }
  if (settleIfNothingIsDue(scene, invoice)) {
    if (subscription.item.price.unitAmountMinor === 0) did(scene, 'zero_invoice');
  } else if (declined) {
    did(scene, 'payment_failed');
    failToCollect(scene, invoice);
    setStatus(scene, 'past_due');
    setDelinquent(scene, true);
  } else {
    collect(scene, invoice);
  }
  return invoice;
}

/** Days later the card works again. */
export function retryPayment(scene: Scene, invoice: Invoice): void {
  did(scene, 'payment_retried');
  collect(scene, invoice);
  setStatus(scene, 'active');
  setDelinquent(scene, false);
}

/** Another plan from this second on: the unused time is credited, the new plan's rest is billed, at once. */
export function changePlan(scene: Scene, plan: PlanName, quantity: number): void {
  const { company, customer } = scene;
  const subscription = live(scene);
  const { price: oldPrice, quantity: oldQuantity } = subscription.item;
  const price = priceOf(company, plan, customer.currency, oldPrice.interval);
  const oldMinor = oldPrice.unitAmountMinor * oldQuantity;
  const newMinor = price.unitAmountMinor * quantity;
  did(scene, newMinor > oldMinor ? 'upgraded' : 'downgraded');
  const rest = (subscription.periodEnd - scene.now) / (subscription.periodEnd - subscription.periodStart);
  const part = (wish: Pick<LineWish, 'description' | 'price' | 'quantity' | 'amountMinor'>): LineWish => ({
    ...wish,
    periodStart: scene.now,
    periodEnd: subscription.periodEnd,
    plan: false,
    proration: true,
  });
  const previous = { items: { data: [{ price: { id: oldPrice.id }, quantity: oldQuantity }] } };
  subscription.item.price = price;
  subscription.item.quantity = quantity;
  const invoice = draft(
    scene,
    'subscription_update',
    [
      part({
        description: `Unused time on ${oldPrice.product.name}`,
        price: oldPrice,
        quantity: oldQuantity,
        amountMinor: -roundMinor(customer.currency, oldMinor * rest),
      }),
      part({
        description: `Remaining time on ${price.product.name}`,
        price,
        quantity,
        amountMinor: roundMinor(customer.currency, newMinor * rest),
      }),
    ],
    null,
  );
  emitSubscription(scene, 'customer.subscription.updated', previous);
  finalize(scene, invoice);
  if (!settleIfNothingIsDue(scene, invoice)) collect(scene, invoice);
}

/** The plan's regular line: the time ahead. */
export function planLine(subscription: Subscription): LineWish {
  const { price, quantity } = subscription.item;
  return {
    description: `${quantity} × ${price.product.name} (per ${price.interval ?? 'once'})`,
    price,
    quantity,
    periodStart: subscription.periodStart,
    periodEnd: subscription.periodEnd,
    plan: true,
  };
}

/** What was used in the period that ends now. */
function usageLine(scene: Scene, subscription: Subscription): LineWish {
  return {
    description: 'Metered API calls',
    price: priceOf(scene.company, 'Metered API calls', scene.customer.currency, null),
    quantity: scene.random.int(20, 900),
    periodStart: subscription.periodStart,
    periodEnd: subscription.periodEnd,
    plan: false,
  };
}

function nextPeriod(scene: Scene, subscription: Subscription): Json {
  const { periodStart, periodEnd } = subscription;
  const months = subscription.item.price.interval === 'year' ? 12 : 1;
  const passed = Math.round((periodEnd - subscription.anchor) / (30.4 * 86_400));
  subscription.periodStart = periodEnd;
  subscription.periodEnd = addMonths(subscription.anchor, Math.max(0, passed) + months);
  return scene.customer.era === 'old'
    ? { current_period_start: periodStart, current_period_end: periodEnd }
    : { items: { data: [{ current_period_start: periodStart, current_period_end: periodEnd }] } };
}
