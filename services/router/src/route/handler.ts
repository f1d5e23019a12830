import { microsOfMs, rejected, topics } from '@keelson/contracts';
import type { Fact } from '@keelson/contracts';
import type { TaskContext, TaskHandler, TaskRecord } from '@keelson/stream';
import { createDiscards } from '../discards.ts';
import { parkedEntry, parkedKey } from '../parked-entry.ts';
import { createLanes } from '../parked-lanes.ts';
import type { RoomPorts } from '../ports.ts';
import { problemOf } from '../report.ts';
import type { RoomReport } from '../report.ts';
import { passUnknownWriter } from '../unknown-writer.ts';
import { continueDiscards, continueReleases, obey } from './control.ts';
import { handleFact } from './handle-fact.ts';
import { beginTurn, contextOf, laneOf } from './partition.ts';
import type { RoutePartition, Turn } from './partition.ts';
import type { RouteTable } from './route-table.ts';
import { routeStores } from './unit.ts';

/** What now: facts of one partition's customers become events, states, works and receipts. */
export function createRouteHandler(
  context: TaskContext,
  ports: RoomPorts,
  table: RouteTable,
  report: RoomReport,
): TaskHandler {
  const room: RoutePartition = {
    ports,
    table,
    partition: context.partition,
    controlTopic: topics.control('router'),
    stores: {
      customers: context.store(routeStores.customers),
      contracts: context.store(routeStores.contracts),
      documents: context.store(routeStores.documents),
    },
    lanes: createLanes(context.store(routeStores.parked), 'route'),
    discards: createDiscards(context.store(routeStores.standing), 'route'),
  };
  const told = report.open(context, () => ({ parked: room.lanes.size() }));
  return {
    process: (batch, task) =>
      told.batch(task, batch.length, counted => {
        const turn = beginTurn(counted);
        goOn(room, turn);
        for (const record of batch) {
          if (record.topic === room.controlTopic) obey(room, record, turn);
          else route(room, record, turn);
        }
      }),
    tick: task => told.batch(task, 0, counted => goOn(room, beginTurn(counted))),
  };
}

/** What was too long for the batches before. */
function goOn(room: RoutePartition, turn: Turn): void {
  continueDiscards(room, turn);
  continueReleases(room, turn);
}

/** The customer's line is closed, or this one cannot be handled: then it is parked, and the partition goes on. */
function route(room: RoutePartition, record: TaskRecord, turn: Turn): void {
  if (room.lanes.has(record.key)) return park(room, record, turn, behind);
  try {
    const fact = factOf(record);
    handleFact(fact, room.stores, contextOf(room, record.headers, turn.nowMicros), turn.task);
  } catch (error) {
    passUnknownWriter(error);
    park(room, record, turn, error);
  }
}

const behind = rejected('behind', 'an earlier fact of this customer is parked');

function factOf(record: TaskRecord): Fact {
  if (record.record === 'keelson.internal.Fact' && record.value !== null) return record.value;
  if (record.record === null) throw rejected('undecodable', record.error.message, { cause: record.error });
  throw rejected('unknown_record', `${record.record || 'a tombstone'} is no fact`);
}

function park(room: RoutePartition, record: TaskRecord, { task, nowMicros }: Turn, error: unknown): void {
  const { lanes, ports } = room;
  const generation = ports.generationOf(record.topic);
  const fact = record.record === 'keelson.internal.Fact' ? record.value : null;
  const entry = parkedEntry(
    { ...record, record: record.record ?? '', bytes: record.bytes ?? Buffer.alloc(0) },
    generation,
    {
      room: 'route',
      lane: laneOf(record.key, error),
      error,
      position: fact?.position ?? task.position(record),
      eventId: fact?.event_id ?? null,
      receivedAt: fact?.received_at ?? microsOfMs(record.timestampMs),
      nowMicros,
    },
  );
  lanes.put(parkedKey(record.key, record.topic, generation, record.offset), entry);
  if (error !== behind)
    ports.log.warn({ ...problemOf(error), position: entry.position, type: fact?.type }, 'fact parked');
}
