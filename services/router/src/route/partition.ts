import { headers as names, KeelsonError, microsOfMs } from '@keelson/contracts';
import type { TaskContext, TaskRecord } from '@keelson/stream';
import type { Discards } from '../discards.ts';
import { travellingHeaders } from '../headers.ts';
import type { Lanes } from '../parked-lanes.ts';
import type { RoomPorts } from '../ports.ts';
import type { FactContext } from './publish.ts';
import type { RouteTable } from './route-table.ts';
import type { RouteStores } from './unit.ts';

/** One partition's side of the route room. */
export interface RoutePartition {
  readonly ports: RoomPorts;
  readonly stores: RouteStores;
  readonly lanes: Lanes;
  readonly discards: Discards;
  readonly table: RouteTable;
  readonly partition: number;
  readonly controlTopic: string;
}

/** One call of the handler. */
export interface Turn {
  readonly task: TaskContext;
  /** Its instant; a discard moves it on by one, so that what the same batch parks behind it is later. */
  nowMicros: number;
  /** How many parked facts may be tried again: a long line takes several batches, and no transaction grows with it. */
  left: number;
}

export const maxFromLines = 2000;

export const beginTurn = (task: TaskContext): Turn => ({
  task,
  nowMicros: microsOfMs(task.now()),
  left: maxFromLines,
});

export const contextOf = (
  { table, partition }: RoutePartition,
  headers: TaskRecord['headers'],
  nowMicros: number,
): FactContext => ({
  table,
  partition,
  replayId: headers[names.replay] ?? null,
  headers: travellingHeaders(headers),
  nowMicros,
});

/** A conflict concerns one fact; whatever else is wrong, what comes after it may build on it. */
export const laneOf = (customerId: string, error: unknown): string | null =>
  error instanceof KeelsonError && error.kind === 'conflict' ? null : customerId;
