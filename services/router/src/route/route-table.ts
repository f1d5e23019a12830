import { events, topics } from '@keelson/contracts';
import type { EventType, Policy, Target, WorkMode } from '@keelson/contracts';

/** What one event means for one target, worked out once from the policy. */
export interface TargetRoute {
  readonly target: string;
  readonly kind: Target['kind'];
  /** The rule by which nothing goes there whatever the event holds; null when work may go there. */
  readonly filter: string | null;
  /** The rule that chose the target. */
  readonly rule: string;
  readonly class: string;
  /** Whether work of the house customer goes there. */
  readonly house: boolean;
  /** Where work goes: the target's urgent or bulk topic. */
  readonly topic: string;
  readonly mode: WorkMode;
  /** Test events never go there. */
  readonly live: boolean;
}

export type RouteTable = Readonly<Record<EventType, readonly TargetRoute[]>>;

/** Names of the rules that no route states itself. */
export const rules = {
  unsupported: 'unsupported',
  houseCustomer: 'house-customer',
  targetOff: 'target-off',
  testEvent: 'test-event',
  hint: 'hint',
  erased: 'erased',
} as const;

/** The complete table event × target. Throws on a gap, which the policy's own check has reported before. */
export function routeTable({
  routes,
  targets,
  flows,
}: Pick<Policy, 'routes' | 'targets' | 'flows'>): RouteTable {
  const table = {} as Record<EventType, readonly TargetRoute[]>;
  for (const type of Object.keys(events) as EventType[]) {
    table[type] = Object.entries(targets).map(([target, { kind, environment, mode }]) => {
      const route = routes[type]?.[target];
      if (route === undefined) throw new Error(`routes.yaml says nothing of ${type} and ${target}`);
      const base = {
        target,
        kind,
        live: environment === 'live',
        mode: mode === 'shadow' ? mode : 'live',
      } as const;
      if ('filter' in route)
        return { ...base, filter: route.filter, rule: route.filter, class: '', house: true, topic: '' };
      const flow = flows[route.class];
      if (flow === undefined) throw new Error(`flows.yaml has no class ${route.class}`);
      return {
        ...base,
        filter: mode === 'off' ? rules.targetOff : null,
        rule: route.rule,
        class: route.class,
        house: route.house,
        topic: flow.speed === 'bulk' ? topics.sinkBulk(target) : topics.sink(target),
      };
    });
  }
  return table;
}

/** The rule by which this event does not go to the target; null when it does. */
export function filterOf(
  route: TargetRoute,
  { house, livemode }: { house: boolean; livemode: boolean },
): string | null {
  if (route.filter !== null) return route.filter;
  if (house && !route.house) return rules.houseCustomer;
  return route.live && !livemode ? rules.testEvent : null;
}
