import { events } from '../generated/events.ts';
import { parsePolicyFile } from './parse.ts';
import type { Parsed, PolicyFault } from './parse.ts';
import {
  accountsShape,
  entitiesShape,
  flowsShape,
  routesShape,
  sourcesShape,
  targetsShape,
} from './shapes.ts';
import type { Accounts, Entities, Flows, Routes, Sources, Targets } from './shapes.ts';

/** Everything a business decides, checked as a whole. */
export interface Policy {
  readonly targets: Targets;
  readonly sources: Sources;
  readonly entities: Entities;
  readonly routes: Routes;
  readonly flows: Flows;
  readonly accounts: Accounts;
}

/** Texts of the policy files by their names, `targets.yaml` and so on. */
export type PolicyTexts = Readonly<Record<string, string | undefined>>;

const shapes = {
  targets: targetsShape,
  sources: sourcesShape,
  entities: entitiesShape,
  routes: routesShape,
  flows: flowsShape,
  accounts: accountsShape,
} as const;

/**
 * Reads and checks all policy files together: unknown keys, values out of range, and what the files say of each other.
 * Either the whole policy, or every fault with file and line.
 */
export function parsePolicy(
  texts: PolicyTexts,
  environment: Readonly<Record<string, string | undefined>>,
):
  | { readonly policy: Policy; readonly faults: readonly [] }
  | { readonly policy: null; readonly faults: readonly PolicyFault[] } {
  const faults: PolicyFault[] = [];
  const read = <K extends keyof typeof shapes>(name: K): Parsed<unknown> => {
    const file = `${name}.yaml`;
    const text = texts[file];
    if (text === undefined) return { ok: false, faults: [{ file, line: 1, message: 'the file is missing' }] };
    return parsePolicyFile(file, text, shapes[name], environment);
  };
  const parsed = Object.fromEntries(
    Object.keys(shapes).map(name => [name, read(name as keyof typeof shapes)]),
  );
  for (const file of Object.values(parsed)) if (!file.ok) faults.push(...file.faults);
  if (faults.length > 0) return { policy: null, faults };

  const value = <T>(name: keyof typeof shapes, key: string | null): T => {
    const file = parsed[name];
    if (file?.ok !== true) throw new Error(`${name}.yaml was not read`);
    return (key === null ? file.value : (file.value as Record<string, unknown>)[key]) as T;
  };
  const policy: Policy = {
    targets: value('targets', 'targets'),
    sources: value('sources', 'sources'),
    entities: value('entities', 'entities'),
    routes: value('routes', 'routes'),
    flows: value('flows', 'classes'),
    accounts: value('accounts', null),
  };
  const line = (name: keyof typeof shapes, path: readonly PropertyKey[]): number => {
    const file = parsed[name];
    return file?.ok === true ? file.lineOf(path) : 1;
  };
  const crossed = crossFaults(policy, line);
  return crossed.length > 0 ? { policy: null, faults: crossed } : { policy, faults: [] };
}

/** What the files say of each other: a complete route table, known targets and classes, one entity an account. */
function crossFaults(
  policy: Policy,
  lineOf: (name: keyof typeof shapes, path: readonly PropertyKey[]) => number,
): PolicyFault[] {
  const faults: PolicyFault[] = [];
  const fault = (name: keyof typeof shapes, path: readonly PropertyKey[], message: string): void => {
    faults.push({ file: `${name}.yaml`, line: lineOf(name, path), message });
  };
  for (const type of Object.keys(events)) {
    const row = policy.routes[type];
    if (row === undefined) fault('routes', ['routes'], `the event ${type} has no row`);
    else {
      for (const target of Object.keys(policy.targets)) {
        if (row[target] === undefined)
          fault('routes', ['routes', type], `${type} says nothing of the target ${target}`);
      }
    }
  }
  for (const [type, row] of Object.entries(policy.routes)) {
    if (!(type in events)) fault('routes', ['routes', type], `${type} is no event`);
    for (const [target, route] of Object.entries(row)) {
      if (policy.targets[target] === undefined)
        fault('routes', ['routes', type, target], `${target} is no target of targets.yaml`);
      if ('class' in route && policy.flows[route.class] === undefined) {
        fault('routes', ['routes', type, target], `${route.class} is no class of flows.yaml`);
      }
    }
  }
  const owners = new Map<string, string>();
  for (const [entity, { accounts }] of Object.entries(policy.entities)) {
    for (const [index, { source, account }] of accounts.entries()) {
      const key = `${source}:${account}`;
      const owner = owners.get(key);
      const path = ['entities', entity, 'accounts', index];
      if (owner !== undefined) fault('entities', path, `${key} belongs to ${owner} already`);
      if (policy.sources[source] === undefined)
        fault('entities', path, `${source} is no source of sources.yaml`);
      owners.set(key, entity);
    }
  }
  for (const [source, { account }] of Object.entries(policy.sources)) {
    if (!owners.has(`${source}:${account}`))
      fault('sources', ['sources', source], `no entity of entities.yaml owns ${source}:${account}`);
  }
  for (const [role, account] of Object.entries(policy.accounts.roles)) {
    if (policy.accounts.accounts[account] === undefined)
      fault('accounts', ['roles', role], `${account} is no account`);
  }
  return faults;
}
