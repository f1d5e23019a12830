import { topics } from '@keelson/contracts';
import type { Ingress, Policy, RecordName } from '@keelson/contracts';
import type { TaskHandler } from '@keelson/stream';
import { createRoomReport } from '../report.ts';
import { createResolveHandler } from '../resolve/handler.ts';
import { sourceKinds } from '../resolve/source-kinds.ts';
import { sourceRules } from '../resolve/sources.ts';
import { createRouteHandler } from '../route/handler.ts';
import { routeTable } from '../route/route-table.ts';
import { memoryContext } from './memory-context.ts';
import type { MemoryContext } from './memory-context.ts';
import { codec, policy, ports } from './rooms.ts';

/** Both rooms over one partition in memory: what one writes for another is read at once. */
export interface RouterBench {
  readonly context: MemoryContext;
  deliver(...deliveries: readonly Ingress[]): void;
  /** Lets time pass for the waiting room. */
  tick(): void;
}

const between: readonly string[] = [topics.claims, topics.resolved];

export function routerBench(given: Policy = policy): RouterBench {
  const context = memoryContext(codec);
  const resolve = createResolveHandler(
    context,
    ports,
    sourceRules(given, sourceKinds),
    createRoomReport('resolve', ports.log),
  );
  const route = createRouteHandler(context, ports, routeTable(given), createRoomReport('route', ports.log));
  let read = 0;

  /** Reads what was written for the rooms themselves, until nothing new comes. */
  function flow(): void {
    for (; read < context.written.length; read++) {
      const { topic, key, record, value, headers } = context.written[read] ?? {};
      if (topic === undefined || key === undefined || !between.includes(topic)) continue;
      const room: TaskHandler = topic === topics.resolved ? route : resolve;
      void room.process([context.input(topic, key, record as RecordName, value as never, headers)], context);
    }
  }
  return {
    context,
    deliver(...deliveries) {
      for (const each of deliveries) {
        const record = 'keelson.internal.Ingress';
        void resolve.process([context.input(topics.ingress(each.source), each.alias, record, each)], context);
        flow();
      }
    },
    tick() {
      void resolve.tick?.(context);
      flow();
    },
  };
}
