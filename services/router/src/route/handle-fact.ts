import { events, invalidEvent, topics } from '@keelson/contracts';
import type { EventType, Fact } from '@keelson/contracts';
import type { TaskContext } from '@keelson/stream';
import { publishImmutable } from './immutable-fact.ts';
import type { FactContext } from './publish.ts';
import { routeReceipt } from './receipt.ts';
import { rules } from './route-table.ts';
import { publishState } from './state-fact.ts';
import { applyUnit, beginUnit } from './unit.ts';
import type { RouteStores, Unit } from './unit.ts';

type Said = Parameters<typeof routeReceipt>[2];

/**
 * One fact, wholly or not at all: its events, states, works and its receipt. Throws when it cannot be handled; then
 * nothing has been sent or changed.
 */
export function handleFact(
  fact: Fact,
  stores: RouteStores,
  factContext: FactContext,
  task: TaskContext,
): void {
  const unit = beginUnit(stores);
  const said = conclude(unit, fact, factContext);
  const timestampMs = Math.floor(fact.received_at / 1000);
  const { headers, partition } = factContext;
  unit.outputs.push({
    topic: topics.receipts,
    key: fact.customer_id,
    partition,
    record: 'keelson.internal.Receipt',
    value: routeReceipt(fact, factContext, said),
    timestampMs,
    headers,
  });
  applyUnit(unit, task, { timestampMs, headers });
}

function conclude(unit: Unit, fact: Fact, context: FactContext): Said {
  if (!Object.hasOwn(events, fact.type)) throw invalidEvent('unknown_type', `${fact.type} is no event`);
  const type = fact.type as EventType;
  switch (fact.kind) {
    case 'immutable': {
      const published = publishImmutable(unit, fact, type, context);
      return published === undefined ? { outcome: 'duplicate' } : { outcome: 'published', ...published };
    }
    case 'snapshot': {
      const told = publishState(unit, fact, type, context);
      return told.outcome === 'published' ? { outcome: 'published', ...told.published } : told;
    }
    case 'hint':
      // Nothing to tell: resolve has asked for the object itself.
      return { outcome: 'filtered', rule: rules.hint };
  }
}
