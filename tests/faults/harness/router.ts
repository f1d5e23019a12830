import { routerRooms } from '../../../services/router/src/rooms.ts';
import { policy, ports } from '../../../services/router/src/testing/rooms.ts';
import type { Installation } from './installation.ts';
import { startMs } from './installation.ts';
import type { Room } from './idle.ts';
import type { TestProcess } from '@keelson/testkit';

/** The router's two rooms, in the order in which work goes through them. */
export const rooms: readonly Room[] = routerRooms(policy, ports);

/** A router that has its partitions in both rooms. */
export async function startRouter(installation: Installation, member: string): Promise<TestProcess> {
  const router = installation.start('router', { member });
  await Promise.all([assigned(router, 'resolve', /\[\d/), assigned(router, 'route', /\[\d/)]);
  return router;
}

/** Waits until a room of this member has got partitions that match, among what it says after the first `from` lines. */
export async function assigned(
  router: TestProcess,
  room: 'resolve' | 'route',
  partitions: RegExp,
  from = 0,
): Promise<void> {
  const line = new RegExp(`router-${room}","partitions":${partitions.source}.*"partitions assigned"`);
  await router.line(line, { timeoutMs: startMs, from });
}

/** How often tasks of this process were fenced. */
export const fencesOf = (router: TestProcess): number =>
  router.lines().filter(line => line.includes('"fenced: ')).length;
