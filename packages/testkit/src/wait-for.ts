import { inspect } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';

export type WaitOptions<T> = {
  /** Default 15 s. */
  timeoutMs?: number;
  /** Between two looks; default 20 ms. */
  everyMs?: number;
  /** When a value is what was waited for; default: when it is truthy. */
  until?: (value: T) => boolean;
};

/**
 * Looks again and again until the value is what was waited for, and gives it. A look that throws counts as
 * "not yet".
 *
 * @throws Error that names `what`, the time, and what was seen last.
 */
export async function waitFor<T>(
  what: string,
  look: () => T | Promise<T>,
  { timeoutMs = 15_000, everyMs = 20, until = Boolean }: WaitOptions<T> = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  let seen: string;
  let cause: unknown;
  do {
    try {
      const value = await look();
      if (until(value)) return value as NonNullable<T>;
      seen = inspect(value, { depth: 4, breakLength: 110 });
    } catch (error) {
      cause = error;
      seen = String(error);
    }
    await delay(everyMs);
  } while (performance.now() < deadline);
  throw new Error(`waited ${timeoutMs} ms for ${what}; last seen: ${seen.slice(0, 2_000)}`, { cause });
}
