import type { Ingress, Parked } from '@keelson/contracts';
import { positionOf, unresolved } from '@keelson/contracts';
import { parkedEntry, parkedKey } from '../parked-entry.ts';
import { waitedDelivery } from './delivery.ts';
import type { Delivery } from './delivery.ts';
import { sendFetch } from './emit.ts';
import type { ResolvePartition, Turn } from './partition.ts';

/** What has waited long is asked for by id, once; what has waited too long becomes an exception. */
export function lookAfterWaiting(room: ResolvePartition, turn: Turn): void {
  for (const { alias, source, since, fetchRequested } of [...room.waiting.queues()]) {
    const rules = room.sources.get(source);
    if (rules === undefined || room.opening.has(alias)) continue;
    const waited = turn.nowMicros - since;
    if (waited >= rules.waitingLimitMicros) {
      parkOverdue(room, alias, turn.nowMicros - rules.waitingLimitMicros, turn);
    } else if (!fetchRequested && rules.fetchAfterMicros !== undefined && waited >= rules.fetchAfterMicros) {
      askFor(room, alias, turn);
    }
  }
}

/** Asks for the object that the alias names. */
export function askFor(room: ResolvePartition, alias: string, turn: Turn): void {
  const head = room.waiting.head(alias);
  if (head === undefined) return;
  const delivery = waitedDelivery(head);
  const objectType = room.sources.get(delivery.ingress.source)?.objectTypeOf(delivery.alias.id) ?? null;
  room.waiting.markFetched(alias, turn.nowMicros);
  if (objectType === null) return;
  sendFetch(delivery, { objectType, objectId: delivery.alias.id, reason: 'waiting' }, turn);
}

function parkOverdue(room: ResolvePartition, alias: string, before: number, turn: Turn): void {
  for (; turn.left > 0; turn.left--) {
    const head = room.waiting.head(alias);
    if (head === undefined || head.waiting_since > before) return;
    room.waiting.shift(alias);
    const delivery = waitedDelivery(head);
    const generation = room.ports.generationOf(delivery.topic);
    const entry = parkedEntry(
      {
        ...delivery,
        key: alias,
        record: 'keelson.internal.Ingress',
        bytes: room.ports.codec.encode(delivery.topic, 'keelson.internal.Ingress', delivery.ingress),
      },
      generation,
      {
        room: 'resolve',
        lane: alias,
        error: unresolved(
          'unresolved',
          `nothing says whose ${alias} is, and its time in the waiting room is over`,
        ),
        position: delivery.position,
        eventId: delivery.ingress.delivery_id,
        receivedAt: delivery.ingress.received_at,
        nowMicros: turn.nowMicros,
      },
    );
    room.lanes.put(parkedKey(alias, delivery.topic, generation, delivery.offset), entry);
  }
}

/** A parked delivery as it was read. */
export function parkedDelivery(room: ResolvePartition, entry: Parked): Delivery {
  const { value: delivery } = room.ports.codec.decode(entry.value);
  const [topic = '', partition = '0', offset = '0'] = entry.position.split('/');
  const position = positionOf(topic, Number(partition), BigInt(offset));
  return waitedDelivery({
    alias: entry.key,
    position,
    delivery: delivery as Ingress,
    headers: entry.headers,
    waiting_since: entry.parked_at,
    fetch_requested_at: null,
  });
}
