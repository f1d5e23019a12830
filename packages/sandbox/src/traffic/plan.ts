import type { WorldEvent } from '../world/company.ts';
import { createRandom } from '../world/prng.ts';
import type { SupportEvent } from '../world/support.ts';
import type { World } from '../world/world.ts';
import { forge, forgeCase, poison } from './bad.ts';
import type { Delivery } from './delivery.ts';
import { placesOf } from './order.ts';

type Planned = { place: number; delivery: Omit<Delivery, 'index'> };

/** All deliveries of the world's run, exactly as many as it has events, in the order in which they are sent. */
export function planDeliveries(world: World): Delivery[] {
  const random = createRandom(`traffic/${world.seed}/${world.events}`);
  const { providerEvents, mix } = world;
  const places = placesOf(providerEvents, random.fork('order'));
  const planned: Planned[] = providerEvents.map((event, i) => ({
    place: places[i] ?? i,
    delivery: fromProvider(event, 1 + random.int(0, 3)),
  }));
  for (const event of world.supportEvents)
    planned.push({ place: placeInTime(providerEvents, event), delivery: fromDesk(event) });

  const somewhere = (): number => random.next() * providerEvents.length;
  const again = random.fork('duplicates');
  const originals = [...planned];
  for (let i = 0; i < mix.duplicates; i += 1) {
    const { place, delivery } = again.pick(originals);
    planned.push({ place: place + again.int(1, 120) + 0.75, delivery: repeated(delivery, again.int(0, 3)) });
  }
  const invoices = providerEvents.filter(event => event.type === 'invoice.finalized');
  for (let i = 0; i < mix.forged; i += 1) {
    const cases = world.supportEvents.filter(
      event => event.door === (i % 12 === 5 ? 'api' : 'standard-webhooks'),
    );
    const atTheDesk = i % 6 === 5 && cases.length > 0;
    const forged = atTheDesk
      ? forgeCase(random.pick(cases), random)
      : forge(random.pick(providerEvents), random, i);
    planned.push({ place: somewhere(), delivery: forged });
  }
  for (let i = 0; i < mix.poison; i += 1) {
    planned.push({
      place: somewhere(),
      delivery: poison(random.pick(invoices.length > 0 ? invoices : providerEvents), random, i),
    });
  }
  return planned
    .map((one, i) => ({ ...one, i }))
    .sort((a, b) => a.place - b.place || a.i - b.i)
    .map(({ delivery }, index) => ({ index, ...delivery }));
}

/** Indented by two, as the provider sends it. How many endpoints still wait for it differs from try to try. */
const fromProvider = (event: WorldEvent, pending: number): Omit<Delivery, 'index'> => ({
  kind: 'event',
  door: 'stripe',
  proof: 'right',
  id: event.id,
  type: event.type,
  body: JSON.stringify({ ...event.body, pending_webhooks: pending }, null, 2),
});

const fromDesk = (event: SupportEvent): Omit<Delivery, 'index'> => ({
  kind: 'event',
  door: event.door,
  proof: 'right',
  id: event.id,
  type: event.type,
  body: JSON.stringify(event.body),
});

function repeated(delivery: Omit<Delivery, 'index'>, pending: number): Omit<Delivery, 'index'> {
  if (delivery.door !== 'stripe') return { ...delivery, kind: 'duplicate' };
  const body = { ...(JSON.parse(delivery.body) as Record<string, unknown>), pending_webhooks: pending };
  return { ...delivery, kind: 'duplicate', body: JSON.stringify(body, null, 2) };
}

function placeInTime(events: readonly WorldEvent[], event: SupportEvent): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.created ?? 0) <= event.created) low = middle + 1;
    else high = middle;
  }
  return low + 0.1;
}
