import type { z } from 'zod';

type KeyOf<T> = T extends unknown ? keyof T : never;
type ValueOf<T, K> = T extends unknown ? (K extends keyof T ? T[K] : never) : never;

/**
 * What is sound of a value that has faults: whatever has one is left out, and nothing has its default. Of a union it may
 * be any member.
 */
export type Sound<T> = [T] extends [readonly (infer E)[]]
  ? readonly Sound<E>[]
  : [T] extends [object]
    ? { readonly [K in KeyOf<T>]?: Sound<ValueOf<T, K>> }
    : T;

/** A value as it was read, without what `issues` are about and without what stands at one of `paths`. Pure. */
export function soundOf(
  value: unknown,
  issues: readonly z.core.$ZodIssue[],
  paths: readonly (readonly PropertyKey[])[],
): unknown {
  const sound = { value: structuredClone(value) };
  for (const path of [...issues.flatMap(unsound), ...paths]) {
    const parent = ['value', ...path.slice(0, -1)].slice(0, path.length).reduce<unknown>(valueAt, sound);
    if (typeof parent === 'object' && parent !== null) Reflect.deleteProperty(parent, path.at(-1) ?? 'value');
  }
  return sound.value;
}

function unsound(issue: z.core.$ZodIssue): (readonly PropertyKey[])[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') return issue.keys.map(key => [...path, key]);
  // Nobody knows what the rest of it should be.
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined) return [path.slice(0, -1)];
  return [path];
}

const valueAt = (value: unknown, key: PropertyKey): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined;
