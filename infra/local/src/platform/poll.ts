import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks again and again until `probe` gives a value, at most for `timeoutMs`; a probe that throws counts as
 * "not yet". `gaveUp` ends the wait early with its error (a process that died will never answer).
 *
 * @throws Error naming `what` and the last failure when the time is over.
 */
export async function pollUntil<T>(
  what: string,
  timeoutMs: number,
  probe: () => Promise<T | undefined>,
  gaveUp: () => Error | undefined = () => undefined,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined) return value;
    } catch (error) {
      lastError = error;
    }
    const reason = gaveUp();
    if (reason) throw reason;
    if (Date.now() > deadline)
      throw new Error(`${what}: no answer within ${timeoutMs} ms`, { cause: lastError });
    await delay(50);
  }
}
