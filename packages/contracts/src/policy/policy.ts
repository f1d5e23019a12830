import type { z } from 'zod';
import { crossFaults } from './cross-faults.ts';
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
import type { Sound } from './sound.ts';
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

export type PolicyName = keyof Policy;

/** What could be read of a policy, file by file. */
export type PolicyParts = { readonly [K in PolicyName]: Policy[K] | undefined };

/** What is sound of the files that name secrets, also where something else in them is not. */
export interface SoundPolicy {
  readonly targets: Sound<Targets> | undefined;
  readonly sources: Sound<Sources> | undefined;
}

/** Texts of the policy files by their names, `targets.yaml` and so on. */
export type PolicyTexts = Readonly<Record<string, string | undefined>>;

/**
 * Reads and checks all policy files together: unknown keys, values out of range, and what the files say of each other.
 * Either the whole policy, or every fault with file and line; `parts` are the files that are well in themselves,
 * `sound` is what can be said of the others all the same.
 */
export function parsePolicy(
  texts: PolicyTexts,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly sound: SoundPolicy } & (
  | { readonly policy: Policy; readonly parts: Policy; readonly faults: readonly [] }
  | { readonly policy: null; readonly parts: PolicyParts; readonly faults: readonly PolicyFault[] }
) {
  const read = <S extends z.ZodType>(name: PolicyName, shape: S): Parsed<z.infer<S>> => {
    const file = `${name}.yaml`;
    const text = texts[file];
    if (text === undefined) return { ok: false, faults: [{ file, line: 1, message: 'the file is missing' }] };
    return parsePolicyFile(file, text, shape, environment);
  };
  const files = {
    targets: read('targets', targetsShape),
    sources: read('sources', sourcesShape),
    entities: read('entities', entitiesShape),
    routes: read('routes', routesShape),
    flows: read('flows', flowsShape),
    accounts: read('accounts', accountsShape),
  };
  const parts: PolicyParts = {
    targets: valueOf(files.targets)?.targets,
    sources: valueOf(files.sources)?.sources,
    entities: valueOf(files.entities)?.entities,
    routes: valueOf(files.routes)?.routes,
    flows: valueOf(files.flows)?.classes,
    accounts: valueOf(files.accounts),
  };
  const sound: SoundPolicy = {
    targets: soundOf(files.targets)?.targets,
    sources: soundOf(files.sources)?.sources,
  };
  const line = (name: PolicyName, path: readonly PropertyKey[]): number => {
    const file = files[name];
    return file.ok ? file.lineOf(path) : 1;
  };
  const own = Object.values(files).flatMap(file => (file.ok ? [] : file.faults));
  const faults = [...own, ...crossFaults(parts, line)];
  return isWhole(parts) && faults.length === 0
    ? { policy: parts, parts, sound, faults: [] }
    : { policy: null, parts, sound, faults };
}

const valueOf = <T>(file: Parsed<T>): T | undefined => (file.ok ? file.value : undefined);

const soundOf = <T>(file: Parsed<T>): T | Sound<T> | undefined => (file.ok ? file.value : file.sound);

const isWhole = (parts: PolicyParts): parts is Policy =>
  Object.values(parts).every(part => part !== undefined);
