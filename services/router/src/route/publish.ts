import { topics } from '@keelson/contracts';
import type { ContractState, CustomerState, EventHead, Fact } from '@keelson/contracts';
import { headOf, publicEvent } from './public-event.ts';
import type { EventName } from './public-event.ts';
import { filterOf, rules } from './route-table.ts';
import type { RouteTable, TargetRoute } from './route-table.ts';
import { routeReceipt } from './receipt.ts';
import { heldContract, knownCustomer } from './unit.ts';
import type { Unit } from './unit.ts';
import { workOf } from './works.ts';

/** What stays the same for all that one fact yields. */
export interface FactContext {
  readonly table: RouteTable;
  readonly partition: number;
  readonly replayId: string | null;
  /** Headers of internal records: the trace, and the replay's mark. */
  readonly headers: Readonly<Record<string, string>>;
  readonly nowMicros: number;
}

/** Where the events of a fact went: for its receipt. */
export interface Published {
  /** Targets that got work, one entry a work. */
  readonly works: string[];
  readonly filtered: Record<string, string>;
}

export interface EventOfFact extends EventName {
  readonly value: unknown;
}

/** Sends a fact's public events, their works, and a receipt for each target that cannot handle one yet. */
export function publish(
  unit: Unit,
  fact: Fact,
  context: FactContext,
  events: readonly EventOfFact[],
): Published {
  const published: Published = { works: [], filtered: {} };
  const timestampMs = Math.floor(fact.received_at / 1000);
  const customer = knownCustomer(unit, fact);
  let contracts: readonly ContractState[] | undefined;
  for (const event of events) {
    const head = headOf(fact, event);
    unit.outputs.push(publicEvent(head, fact, event.value, context.partition, context.headers));
    for (const route of context.table[event.type]) {
      const filter = filterOf(route, { house: fact.house || customer.house, livemode: fact.livemode });
      if (filter !== null) {
        published.filtered[route.target] = filter;
        if (filter === rules.unsupported) sendUnsupported(unit, fact, context, head, route);
        continue;
      }
      contracts ??= contractsOf(unit, customer);
      published.works.push(route.target);
      unit.outputs.push({
        topic: route.topic,
        key: fact.customer_id,
        partition: context.partition,
        ...workOf(route, { head, fact, customer, contracts, replayId: context.replayId }),
        timestampMs,
        headers: context.headers,
      } as (typeof unit.outputs)[number]);
    }
  }
  return published;
}

function contractsOf(unit: Unit, { contract_ids }: CustomerState): ContractState[] {
  return contract_ids.map(id => heldContract(unit, id)).filter(contract => contract !== undefined);
}

function sendUnsupported(
  unit: Unit,
  fact: Fact,
  context: FactContext,
  head: EventHead,
  { target }: TargetRoute,
): void {
  unit.outputs.push({
    topic: topics.receipts,
    key: fact.customer_id,
    partition: context.partition,
    record: 'keelson.internal.Receipt',
    value: routeReceipt(fact, context, {
      event_id: head.event_id,
      target,
      type: head.type,
      outcome: 'filtered',
      rule: rules.unsupported,
      attempts: 0,
    }),
    timestampMs: Math.floor(fact.received_at / 1000),
    headers: context.headers,
  });
}
