import { events } from '../generated/events.ts';
import type { PolicyFault } from './parse.ts';
import type { PolicyName, PolicyParts } from './policy.ts';

type LineOf = (name: PolicyName, path: readonly PropertyKey[]) => number;
type Fault = (name: PolicyName, path: readonly PropertyKey[], message: string) => void;

/**
 * What the files say of each other: a complete route table, known targets and classes, one entity an account. A file that
 * could not be read is left out, and so is whatever is said of it: one fault is told once.
 */
export function crossFaults(parts: PolicyParts, lineOf: LineOf): PolicyFault[] {
  const faults: PolicyFault[] = [];
  const fault: Fault = (name, path, message) => {
    faults.push({ file: `${name}.yaml`, line: lineOf(name, path), message });
  };
  missingRoutes(parts, fault);
  unknownRoutes(parts, fault);
  accountOwners(parts, fault);
  roles(parts, fault);
  return faults;
}

function missingRoutes({ routes, targets = {} }: PolicyParts, fault: Fault): void {
  if (routes === undefined) return;
  for (const type of Object.keys(events)) {
    const row = routes[type];
    if (row === undefined) fault('routes', ['routes'], `the event ${type} has no row`);
    else {
      for (const target of Object.keys(targets)) {
        if (row[target] === undefined)
          fault('routes', ['routes', type], `${type} says nothing of the target ${target}`);
      }
    }
  }
}

function unknownRoutes({ routes = {}, targets, flows }: PolicyParts, fault: Fault): void {
  for (const [type, row] of Object.entries(routes)) {
    if (!(type in events)) fault('routes', ['routes', type], `${type} is no event`);
    for (const [target, route] of Object.entries(row)) {
      const path = ['routes', type, target];
      if (targets !== undefined && targets[target] === undefined)
        fault('routes', path, `${target} is no target of targets.yaml`);
      if (flows !== undefined && 'class' in route && flows[route.class] === undefined)
        fault('routes', path, `${route.class} is no class of flows.yaml`);
    }
  }
}

function accountOwners({ entities, sources }: PolicyParts, fault: Fault): void {
  if (entities === undefined) return;
  const owners = new Map<string, string>();
  for (const [entity, { accounts }] of Object.entries(entities)) {
    for (const [index, { source, account }] of accounts.entries()) {
      const key = `${source}:${account}`;
      const owner = owners.get(key);
      const path = ['entities', entity, 'accounts', index];
      if (owner !== undefined) fault('entities', path, `${key} belongs to ${owner} already`);
      if (sources !== undefined && sources[source] === undefined)
        fault('entities', path, `${source} is no source of sources.yaml`);
      owners.set(key, entity);
    }
  }
  for (const [source, { account }] of Object.entries(sources ?? {})) {
    if (!owners.has(`${source}:${account}`))
      fault('sources', ['sources', source], `no entity of entities.yaml owns ${source}:${account}`);
  }
}

function roles({ accounts }: PolicyParts, fault: Fault): void {
  for (const [role, account] of Object.entries(accounts?.roles ?? {})) {
    if (accounts?.accounts[account] === undefined)
      fault('accounts', ['roles', role], `${account} is no account`);
  }
}
