import { topics } from '@keelson/contracts';
import type { Policy } from '@keelson/contracts';
import type { TaskDefinition } from '@keelson/stream';
import type { RoomPorts } from '../ports.ts';
import { createRoomReport } from '../report.ts';
import { createResolveHandler } from './handler.ts';
import { resolveStores } from './partition.ts';
import { sourceRules } from './sources.ts';
import type { SourceKinds } from './sources.ts';

/** The first room: whose is it? Keyed by alias. */
export function resolveRoom(
  policy: Pick<Policy, 'sources' | 'entities'>,
  kinds: SourceKinds,
  ports: RoomPorts,
): TaskDefinition {
  const sources = sourceRules(policy, kinds);
  const report = createRoomReport('resolve', ports.log);
  return {
    service: 'router',
    room: 'resolve',
    inputs: [topics.control('router'), topics.claims, ...Object.keys(policy.sources).map(topics.ingress)],
    stores: Object.values(resolveStores),
    maxBatchRecords: 2000,
    createHandler: context => createResolveHandler(context, ports, sources, report),
  };
}
