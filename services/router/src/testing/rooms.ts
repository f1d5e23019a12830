import { topics } from '@keelson/contracts';
import type { Control, Fact, Policy } from '@keelson/contracts';
import type { TaskHandler, TaskRecord } from '@keelson/stream';
import type { RoomPorts } from '../ports.ts';
import { createRoomReport } from '../report.ts';
import { createRouteHandler } from '../route/handler.ts';
import { routeTable } from '../route/route-table.ts';
import { memoryContext, testCodec } from './memory-context.ts';
import type { MemoryContext } from './memory-context.ts';
import { routerTopics, testPolicy } from './policy.ts';

export const policy = testPolicy();
export const codec = testCodec(routerTopics(policy));

export const ports: RoomPorts = {
  codec,
  log: { warn: () => undefined, debug: () => undefined },
  generationOf: () => 1,
};

/** The route room over one partition in memory. */
export interface RouteBench {
  readonly context: MemoryContext;
  handle(...facts: readonly Fact[]): void;
  handleWith(headers: Record<string, string>, fact: Fact): void;
  command(key: string, control: Control): void;
  /** Several records in one batch. */
  batch(...records: readonly TaskRecord[]): void;
  poison(key: string, bytes: Buffer): void;
  /** A takeover: what the handler remembered is gone, what is on the broker stays. */
  restart(): void;
  tick(): void;
  outcomes(): string[];
}

export function routeBench(given: Pick<Policy, 'routes' | 'targets' | 'flows'> = policy): RouteBench {
  const context = memoryContext(codec);
  const table = routeTable(given);
  const make = (): TaskHandler =>
    createRouteHandler(context, ports, table, createRoomReport('route', ports.log));
  let handler = make();
  const feed = (fact: Fact, headers: Record<string, string> = {}): void =>
    void handler.process(
      [context.input(topics.resolved, fact.customer_id, 'keelson.internal.Fact', fact, headers)],
      context,
    );
  return {
    context,
    handle: (...facts) => facts.forEach(fact => feed(fact)),
    handleWith: (headers, fact) => feed(fact, headers),
    batch: (...records) => void handler.process(records, context),
    command: (key, control) =>
      void handler.process(
        [context.input(topics.control('router'), key, 'keelson.internal.Control', control)],
        context,
      ),
    poison: (key, bytes) => void handler.process([context.poison(topics.resolved, key, bytes)], context),
    restart: () => (handler = make()),
    tick: () => void handler.tick?.(context),
    outcomes: () =>
      context
        .on(topics.receipts, 'keelson.internal.Receipt')
        .filter(({ target }) => target === 'route')
        .map(({ outcome }) => outcome),
  };
}
