import { topics } from '@keelson/contracts';
import type { Policy } from '@keelson/contracts';
import type { TaskDefinition } from '@keelson/stream';
import type { RoomPorts } from '../ports.ts';
import { createRoomReport } from '../report.ts';
import { createRouteHandler } from './handler.ts';
import { routeTable } from './route-table.ts';
import { routeStores } from './unit.ts';

/** The second room: what now? Keyed by customer. */
export function routeRoom(
  policy: Pick<Policy, 'routes' | 'targets' | 'flows'>,
  ports: RoomPorts,
): TaskDefinition {
  const table = routeTable(policy);
  const report = createRoomReport('route', ports.log);
  return {
    service: 'router',
    room: 'route',
    inputs: [topics.control('router'), topics.replay('router'), topics.resolved],
    stores: Object.values(routeStores),
    maxBatchRecords: 1000,
    createHandler: context => createRouteHandler(context, ports, table, report),
  };
}
