import { houseCustomerIdOf, invalidEvent, microsOfMs } from '@keelson/contracts';
import type { TaskContext, TaskHandler, TaskRecord } from '@keelson/stream';
import { createLanes } from '../parked-lanes.ts';
import type { RoomPorts } from '../ports.ts';
import { obey } from './control.ts';
import { readDelivery } from './delivery.ts';
import { hear } from './identity.ts';
import { lookAfterWaiting } from './overdue.ts';
import { resolveStores } from './partition.ts';
import type { ResolvePartition, Turn } from './partition.ts';
import { rejectRecord } from './reject.ts';
import { settle } from './settle.ts';
import type { SourceRules } from './sources.ts';
import { createWaitingRoom } from './waiting-room.ts';

/** Whose is it: deliveries of one partition's aliases become facts of customers. */
export function createResolveHandler(
  context: TaskContext,
  ports: RoomPorts,
  sources: ReadonlyMap<string, SourceRules>,
): TaskHandler {
  const room: ResolvePartition = {
    ports,
    sources,
    links: context.store(resolveStores.links),
    seen: context.store(resolveStores.seen),
    waiting: createWaitingRoom(context.store(resolveStores.waiting)),
    lanes: createLanes(context.store(resolveStores.parked), 'resolve'),
    houseOf: rememberHouses(),
  };
  return {
    process(batch, task) {
      const turn: Turn = { task, nowMicros: microsOfMs(task.now()) };
      for (const record of batch) resolve(room, record, turn);
    },
    tick(task) {
      lookAfterWaiting(room, { task, nowMicros: microsOfMs(task.now()) });
    },
  };
}

/** An account's house customer is asked for with every delivery: the hash is made once. */
function rememberHouses(): ResolvePartition['houseOf'] {
  const accounts = new Map<string, string>();
  return ({ system, account }) => {
    const name = `${system}:${account}`;
    const held = accounts.get(name) ?? houseCustomerIdOf(system, account);
    accounts.set(name, held);
    return held;
  };
}

function resolve(room: ResolvePartition, record: TaskRecord, turn: Turn): void {
  if (record.record === null) {
    return rejectRecord(room, record, invalidEvent('undecodable', record.error.message), turn);
  }
  if (record.value !== null) {
    switch (record.record) {
      case 'keelson.internal.Ingress':
        return settle(room, readDelivery(record, record.value), turn);
      case 'keelson.internal.Claim':
        return hear(room, record, record.value, turn);
      case 'keelson.internal.Control':
        return obey(room, record, record.value, turn);
      default:
    }
  }
  const what = record.record || 'a tombstone';
  rejectRecord(room, record, invalidEvent('unknown_record', `${what} has no place on ${record.topic}`), turn);
}
