import { EVENTS_PER_PAYOUT, payOut } from './actions/paying-out.ts';
import type { Company, Json, Scene, WorldEvent } from './company.ts';
import { liveOneLife } from './life.ts';
import { MARKETS } from './markets.ts';
import type { ApiEra } from './model.ts';
import type { Random } from './prng.ts';
import { createRandom } from './prng.ts';
import type { SupportCase, SupportEvent } from './support.ts';
import { openCases } from './support.ts';
import { DAY_S, OPENING_S } from './time.ts';
import type { Twist } from './twists.ts';
import { TWISTS } from './twists.ts';

export type WorldOptions = {
  seed: number;
  /** Deliveries in all, the forged, poisoned and doubled ones included. */
  events: number;
  /** The provider's account whose webhooks these are. Default `acct_1Lantern`. */
  account?: string;
  /** Default false: a test mode account. */
  livemode?: boolean;
  /** Of today's card payments, the share that names its balance transaction only in `charge.updated`. Default 0.2. */
  asyncCaptureShare?: number;
};

/** Of a run's deliveries, how many are what. They add up to `events`. */
export type Mix = { provider: number; support: number; forged: number; poison: number; duplicates: number };

export type World = {
  seed: number;
  events: number;
  account: string;
  livemode: boolean;
  /** What the provider would send, once each, in the order in which it happened. */
  providerEvents: readonly WorldEvent[];
  supportEvents: readonly SupportEvent[];
  supportCases: readonly SupportCase[];
  mix: Mix;
  company: Company;
};

export const DEFAULT_ACCOUNT = 'acct_1Lantern';
/** Fewer than this and there is nobody to tell anything about. */
const MINIMUM = 20;

/**
 * The company's year. The same options give the same world, byte for byte; another number of events or another
 * seed gives one that shares no id with it. A history is only ever cut between two acts, so it is always whole.
 */
export function createWorld(options: WorldOptions): World {
  if (!Number.isSafeInteger(options.events) || options.events < MINIMUM) {
    throw new RangeError(`events: a whole number, at least ${MINIMUM}`);
  }
  const { seed, events, account = DEFAULT_ACCOUNT, livemode = false } = options;
  const random = createRandom(`world/${seed}/${events}`);
  const room = roomFor(events);
  const company = history(random, room, livemode, options.asyncCaptureShare ?? 0.2);
  payOut(company, random.fork('payouts'), Math.floor(room.payouts / EVENTS_PER_PAYOUT));
  const support = openCases(company, random.fork('support'), account, room.support);
  const providerEvents = company.events.toSorted((a, b) => a.created - b.created || a.sequence - b.sequence);
  const duplicates = events - providerEvents.length - support.events.length - room.forged - room.poison;
  const mix: Mix = {
    provider: providerEvents.length,
    support: support.events.length,
    forged: room.forged,
    poison: room.poison,
    duplicates,
  };
  return {
    seed,
    events,
    account,
    livemode,
    providerEvents,
    supportEvents: support.events,
    supportCases: support.cases,
    mix,
    company,
  };
}

/** Every object that the provider's API knows of, in its last state. */
export function objectsOf(world: World, era: ApiEra): Map<string, Json> {
  return new Map([...world.company.objects].map(([id, render]) => [id, render(era)]));
}

type Room = { lives: number; payouts: number; support: number; forged: number; poison: number };

function roomFor(events: number): Room {
  const share = (part: number): number => Math.round(events * part);
  const [forged, poison, support, doubled] = [share(0.01), share(0.01), share(0.03), share(0.05)];
  const payouts = Math.floor(events / 100) * EVENTS_PER_PAYOUT;
  return { lives: events - forged - poison - support - doubled - payouts, payouts, support, forged, poison };
}

/** Lives are lived one after another (their times overlap) until the room is full: first counted, then lived again up to there. */
function history(random: Random, room: Room, livemode: boolean, asyncCaptureShare: number): Company {
  const counted = liveUntil(
    random,
    livemode,
    asyncCaptureShare,
    company => company.events.length > room.lives,
  );
  const acts = counted.acts - 1;
  return liveUntil(random, livemode, asyncCaptureShare, (_company, done) => done >= acts).company;
}

function liveUntil(
  random: Random,
  livemode: boolean,
  asyncCaptureShare: number,
  enough: (company: Company, acts: number) => boolean,
): { company: Company; acts: number } {
  const company = newCompany(random.fork('company'), livemode, asyncCaptureShare);
  const chance = random.fork('lives');
  const deal = dealer(random.fork('deck'));
  let markets = chance.shuffle(MARKETS);
  let acts = 0;
  for (let life = 0; !enough(company, acts); life += 1) {
    if (life % MARKETS.length === 0) markets = chance.shuffle(MARKETS);
    const market = markets[life % MARKETS.length] as (typeof MARKETS)[number];
    const start = OPENING_S + chance.int(1 * DAY_S, 130 * DAY_S);
    const story = liveOneLife(company, random.fork(`life/${life}`), market, start, deal);
    while (!enough(company, acts) && story.next().done !== true) acts += 1;
  }
  return { company, acts };
}

/** Deals the first twist in the deck that fits; a used-up deck is shuffled anew. */
function dealer(random: Random): (scene: Scene) => Twist | null {
  let deck: Twist[] = [];
  return scene => {
    if (deck.length === 0) deck = random.shuffle(TWISTS);
    const at = deck.findIndex(twist => twist.fits(scene));
    return at < 0 ? null : (deck.splice(at, 1)[0] ?? null);
  };
}

const newCompany = (random: Random, livemode: boolean, asyncCaptureShare: number): Company => ({
  random,
  livemode,
  asyncCaptureShare,
  events: [],
  facts: [],
  actions: new Map(),
  objects: new Map(),
  customers: [],
  subscriptions: [],
  invoices: [],
  disputed: new Set(),
  transactions: [],
  products: new Map(),
  prices: new Map(),
  taxRates: new Map(),
});
