import { headers as names, KeelsonError } from '@keelson/contracts';
import type { TaskRecord } from '@keelson/stream';
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
  readonly table: RouteTable;
  readonly partition: number;
  readonly controlTopic: string;
}

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
