import type { Policy } from '@keelson/contracts';
import type { TaskDefinition } from '@keelson/stream';
import type { RoomPorts } from './ports.ts';
import { resolveRoom } from './resolve/room.ts';
import { sourceKinds } from './resolve/source-kinds.ts';
import { routeRoom } from './route/room.ts';

/** The router's two rooms: whose is it, and what now. */
export const routerRooms = (policy: Policy, ports: RoomPorts): readonly TaskDefinition[] => [
  resolveRoom(policy, sourceKinds, ports),
  routeRoom(policy, ports),
];
