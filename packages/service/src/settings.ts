import type { z } from 'zod';
import { ConfigurationError } from './faults.ts';
import type { Attempt, Reading } from './faults.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

type Shape = Readonly<Record<string, z.ZodType>>;
type Settings<S extends Shape> = { readonly [N in keyof S]: z.infer<S[N]> };

/** Settings of an environment, as far as they could be read. */
export interface SettingReadings<S extends Shape> {
  readonly one: <N extends keyof S & string>(name: N) => z.infer<S[N]>;
  readonly all: Reading<Settings<S>>;
}

/** One attempt a setting. */
export function readSettings<S extends Shape>(
  shape: S,
  environment: Environment,
  attempt: Attempt,
): SettingReadings<S> {
  const readings = Object.entries(shape).map(
    ([name, type]) => [name, attempt(() => parseSetting(name, type, environment))] as const,
  );
  const byName = new Map(readings);
  return {
    one: <N extends keyof S & string>(name: N) => byName.get(name)?.() as z.infer<S[N]>,
    all: attempt(
      () => Object.fromEntries(readings.map(([name, reading]) => [name, reading()])) as Settings<S>,
    ),
  };
}

function parseSetting(name: string, type: z.ZodType, environment: Environment): unknown {
  const result = type.safeParse(environment[name]);
  if (result.success) return result.data;
  if (environment[name] === undefined) throw new ConfigurationError([`${name} is not set`]);
  throw new ConfigurationError(result.error.issues.map(issue => `${name}: ${issue.message}`));
}

/** A setting of a service's own: a whole number of `least` to `most`. @throws ConfigurationError */
export function wholeNumber(
  environment: Environment,
  name: string,
  {
    fallback,
    least = 0,
    most = Number.MAX_SAFE_INTEGER,
  }: { fallback: number; least?: number; most?: number },
): number {
  const text = environment[name] ?? String(fallback);
  if (/^\d+$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
  throw new ConfigurationError([`${name}: a whole number ${range}, not ${text}`]);
}
