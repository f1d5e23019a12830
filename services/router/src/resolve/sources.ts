import { invalidEvent } from '@keelson/contracts';
import type { Policy, Source } from '@keelson/contracts';
import type { MapContext, Mapper } from '@keelson/sources';

/** What resolve needs to know of one source, worked out once from the policy. */
export interface SourceRules {
  readonly name: string;
  readonly map: Mapper;
  /** Unknown customers become known by their alias alone. */
  readonly mints: (alias: Alias) => boolean;
  /** What an object is called when it is asked for by id; null where nobody can be asked. */
  readonly objectTypeOf: (objectId: string) => string | null;
  /** What waits longer is asked for once; undefined where nobody can be asked. */
  readonly fetchAfterMicros: number | undefined;
  readonly waitingLimitMicros: number;
  /** Throws invalidEvent for an account that no legal entity owns. */
  readonly contextOf: (account: string) => MapContext;
}

export interface Alias {
  readonly text: string;
  readonly system: string;
  readonly account: string;
  readonly id: string;
}

/** `system:account:id`; the id may hold colons. */
export function parseAlias(text: string): Alias {
  const first = text.indexOf(':');
  const second = text.indexOf(':', first + 1);
  return {
    text,
    system: text.slice(0, first),
    account: text.slice(first + 1, second),
    id: text.slice(second + 1),
  };
}

/** The account itself: the house customer's alias. */
export const isAccount = ({ account, id }: Alias): boolean => account === id;

/** What a kind of source brings: its mapping, and what its ids mean. */
export interface SourceKind {
  readonly map: Mapper;
  readonly namesCustomer: (objectId: string) => boolean;
  readonly objectTypeOf: (objectId: string) => string | null;
}

export type SourceKinds = Readonly<Record<Source['kind'], SourceKind>>;

/** Rules by the source's name. */
export function sourceRules(
  { sources, entities }: Pick<Policy, 'sources' | 'entities'>,
  kinds: SourceKinds,
): ReadonlyMap<string, SourceRules> {
  return new Map(
    Object.entries(sources).map(([name, source]) => {
      const { map, namesCustomer, objectTypeOf } = kinds[source.kind];
      const contexts = accountContexts(name, source, entities);
      const rules: SourceRules = {
        name,
        map,
        objectTypeOf,
        mints: alias => source.unknown_customer === 'mint' && namesCustomer(alias.id),
        fetchAfterMicros:
          'fetch_waiting_after_seconds' in source ? source.fetch_waiting_after_seconds * 1e6 : undefined,
        waitingLimitMicros: source.waiting_limit_days * 86_400e6,
        contextOf(account) {
          const context = contexts.get(account);
          if (context === undefined)
            throw invalidEvent('unknown_account', `no legal entity of entities.yaml owns ${name}:${account}`);
          return context;
        },
      };
      return [name, rules];
    }),
  );
}

function accountContexts(
  name: string,
  source: Source,
  entities: Policy['entities'],
): ReadonlyMap<string, MapContext> {
  const contexts = new Map<string, MapContext>();
  for (const [legalEntity, { time_zone: timeZone, accounts }] of Object.entries(entities)) {
    for (const each of accounts)
      if (each.source === name) contexts.set(each.account, { source, legalEntity, timeZone });
  }
  return contexts;
}
