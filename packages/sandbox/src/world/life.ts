import type { Interval, PlanName } from './catalogue.ts';
import { signUp } from './actions/customer.ts';
import { endSubscription, remindOfTrialEnd, startTrial, subscribe } from './actions/subscribing.ts';
import { renew } from './actions/renewing.ts';
import type { Company, Scene } from './company.ts';
import type { Market } from './markets.ts';
import type { Random } from './prng.ts';
import { CLOSING_S, DAY_S } from './time.ts';
import type { Twist } from './twists.ts';

/** Acts happen one after another; between two of them (at each yield) a history may be cut off and still be whole. */
export type Acts = Generator<void, void, void>;

/** One customer, from signing up to wherever they are when the story ends. */
export function* liveOneLife(
  company: Company,
  random: Random,
  market: Market,
  start: number,
  deal: (scene: Scene) => Twist | null,
): Acts {
  const scene = signUp(company, random, market, start);
  yield;
  yield* begin(scene);
  const twists = random.int(2, 5);
  for (let i = 0; i < twists; i += 1) {
    yield* passDays(scene, random.int(2, 16));
    if (scene.now > CLOSING_S || scene.customer.deletedAt !== null) return;
    const twist = deal(scene);
    if (twist === null) return;
    yield* twist.play(scene);
  }
  yield* passDays(scene, random.int(5, 60));
}

function* begin(scene: Scene): Acts {
  const { random } = scene;
  const plan: PlanName = random.pick([
    'Free',
    'Starter',
    'Starter',
    'Team',
    'Team',
    'Business',
    'Business',
    'Enterprise',
  ]);
  const interval: Interval = random.chance(0.8) ? 'month' : 'year';
  const quantity = random.int(1, 5);
  if (plan === 'Free' || !random.chance(0.35)) {
    subscribe(scene, plan, interval, plan === 'Free' ? 1 : quantity);
    yield;
    return;
  }
  startTrial(scene, plan, interval, quantity);
  yield;
  scene.now += 11 * DAY_S;
  remindOfTrialEnd(scene);
  yield;
  renew(scene, false);
  yield;
}

/** Time passes: what falls due in it happens. */
export function* passDays(scene: Scene, days: number): Acts {
  const until = Math.min(scene.now + days * DAY_S, CLOSING_S + 1);
  for (;;) {
    const due = nextPeriodEnd(scene);
    if (due === null || due > until) break;
    scene.now = Math.max(scene.now, due);
    if (scene.subscription?.cancelAt == null) renew(scene, false);
    else endSubscription(scene);
    yield;
  }
  scene.now = Math.max(scene.now, until);
}

/** Null when nothing will renew: no subscription, ended, paused, or waiting for money. */
function nextPeriodEnd(scene: Scene): number | null {
  const { subscription } = scene;
  if (subscription === null || subscription.pause !== null) return null;
  return subscription.status === 'active' || subscription.status === 'trialing'
    ? subscription.periodEnd
    : null;
}
