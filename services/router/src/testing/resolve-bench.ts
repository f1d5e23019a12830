import { topics } from '@keelson/contracts';
import type { Claim, Control, Ingress, Policy, Receipt } from '@keelson/contracts';
import type { TaskHandler, TaskRecord } from '@keelson/stream';
import { createResolveHandler } from '../resolve/handler.ts';
import { createRoomReport } from '../report.ts';
import { resolveStores } from '../resolve/partition.ts';
import { sourceRules } from '../resolve/sources.ts';
import type { SourceKinds } from '../resolve/sources.ts';
import { scriptedMapper } from './deliveries.ts';
import { memoryContext } from './memory-context.ts';
import type { MemoryContext } from './memory-context.ts';
import { codec, policy, ports } from './rooms.ts';

const kind = {
  map: scriptedMapper,
  namesCustomer: (id: string) => id.startsWith('cus_'),
  objectTypeOf: (id: string) => (id.startsWith('ch_') ? 'charge' : null),
};
export const scriptedKinds: SourceKinds = { stripe: kind, 'standard-webhooks': kind, api: kind };

/** The resolve room over one partition in memory, with a mapper that does as the delivery says. */
export interface ResolveBench {
  readonly context: MemoryContext;
  deliver(ingress: Ingress, headers?: Record<string, string>): void;
  claim(claim: Pick<Claim, 'alias' | 'customer_id'>): void;
  command(key: string, control: Control): void;
  handle(record: TaskRecord): void;
  tick(): void;
  restart(): void;
  receipts(): Receipt[];
  outcomes(): string[];
  parked(): ReturnType<typeof parkedOf>;
}

const parkedOf = (context: MemoryContext) => Object.entries(context.entries(resolveStores.parked));

export function resolveBench(given: Policy = policy): ResolveBench {
  const context = memoryContext(codec);
  const rules = sourceRules(given, scriptedKinds);
  const make = (): TaskHandler =>
    createResolveHandler(context, ports, rules, createRoomReport('resolve', ports.log));
  let handler = make();
  const handle = (record: TaskRecord): void => void handler.process([record], context);
  const receipts = (): Receipt[] => context.on(topics.receipts, 'keelson.internal.Receipt');
  return {
    context,
    handle,
    deliver: (ingress, headers) =>
      handle(
        context.input(
          topics.ingress(ingress.source),
          ingress.alias,
          'keelson.internal.Ingress',
          ingress,
          headers,
        ),
      ),
    claim: ({ alias, customer_id }) =>
      handle(
        context.input(topics.claims, alias, 'keelson.internal.Claim', {
          alias,
          customer_id,
          rule: 'test',
          position: 'ingress.stripe/0/7',
          claimed_at: 0,
        }),
      ),
    command: (key, control) =>
      handle(context.input(topics.control('router'), key, 'keelson.internal.Control', control)),
    tick: () => void handler.tick?.(context),
    restart: () => (handler = make()),
    receipts,
    outcomes: () => receipts().map(({ outcome }) => outcome),
    parked: () => parkedOf(context),
  };
}
