import { houseCustomerIdOf, invalidEvent } from '@keelson/contracts';
import type { TaskContext, TaskHandler, TaskRecord } from '@keelson/stream';
import { createDiscards } from '../discards.ts';
import { createLanes } from '../parked-lanes.ts';
import type { RoomPorts } from '../ports.ts';
import type { RoomReport, RoomSize } from '../report.ts';
import { continueDiscards, continueReleases, obey } from './control.ts';
import { readDelivery } from './delivery.ts';
import { hear, open } from './identity.ts';
import { lookAfterWaiting } from './overdue.ts';
import { beginTurn, resolveStores } from './partition.ts';
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
  report: RoomReport,
): TaskHandler {
  const room: ResolvePartition = {
    ports,
    sources,
    links: context.store(resolveStores.links),
    seen: context.store(resolveStores.seen),
    waiting: createWaitingRoom(context.store(resolveStores.waiting)),
    lanes: createLanes(context.store(resolveStores.parked), 'resolve'),
    discards: createDiscards(context.store(resolveStores.standing), 'resolve'),
    opening: new Set(),
    houseOf: rememberHouses(),
  };
  // What an earlier owner of the partition had not come to the end of.
  for (const alias of [...room.lanes.names(), ...[...room.waiting.queues()].map(queue => queue.alias)])
    if (room.links.get(alias) !== undefined) room.opening.add(alias);
  const size = (): RoomSize => ({ waiting: room.waiting.size(), parked: room.lanes.size() });
  const told = report.open(context, size);
  return {
    process: (batch, task) =>
      told.batch(task, batch.length, counted => {
        const turn = beginTurn(counted);
        goOn(room, turn);
        for (const record of batch) resolve(room, record, turn);
      }),
    tick: task =>
      told.batch(task, 0, counted => {
        const turn = beginTurn(counted);
        goOn(room, turn);
        lookAfterWaiting(room, turn);
      }),
  };
}

/** What was too long for the batches before. */
function goOn(room: ResolvePartition, turn: Turn): void {
  continueDiscards(room, turn);
  for (const alias of room.opening) if (turn.left > 0) open(room, alias, turn);
  continueReleases(room, turn);
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
