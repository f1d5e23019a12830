import type { Random } from '../world/prng.ts';
import type { WorldEvent } from '../world/company.ts';

/** Nothing is held back for more than this many places; what it must then still come behind adds at most as many. */
export const LATE_WINDOW = 250;

/**
 * The place at which each event is delivered: mostly in order, some a little late, a few very late, and on purpose
 * some before what they speak of (a refund before its charge, a payment before its invoice, a subscription before
 * its customer). Answers a sort key for each event.
 */
export function placesOf(events: readonly WorldEvent[], random: Random): number[] {
  const places = events.map((_, i) => i + lateness(random));
  const told = new Map<string, number>();
  const finalized = new Map<string, number>();
  const turned = new Set<string>();
  events.forEach((event, i) => {
    const later = (key: string, first: number | undefined): void => {
      if (first === undefined || i - first > LATE_WINDOW || places[first] === undefined) return;
      // The first of its kind in a run is always turned round, so that every run has one of each.
      if (turned.has(key) && !random.chance(0.12)) return;
      turned.add(key);
      places[first] = Math.max(places[first], (places[i] ?? i) + 0.5);
    };
    for (const need of event.needs) {
      if (need !== event.customerId) later(`${event.type} before ${need.split('_')[0]}`, told.get(need));
      else if (event.type === 'customer.subscription.created')
        later('subscription before customer', told.get(need));
    }
    if (event.type === 'invoice.paid') later('paid before finalized', finalized.get(event.objectId));
    if (event.type === 'invoice.finalized') finalized.set(event.objectId, i);
    if (!told.has(event.objectId)) told.set(event.objectId, i);
  });
  return places;
}

function lateness(random: Random): number {
  const dice = random.next();
  if (dice < 0.03) return random.int(40, LATE_WINDOW);
  return dice < 0.15 ? random.int(1, 40) + 0.25 : 0;
}
