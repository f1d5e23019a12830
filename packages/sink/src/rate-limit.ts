import { delay } from './delay.ts';

export interface RateLimit {
  readonly requestsPerSecond: number;
  /** Calls under way at once. */
  readonly concurrency: number;
}

/** One target's allowance, shared by all partitions of a process. First come, first served. */
export interface RateLimiter extends RateLimit {
  /**
   * Waits for leave to make one call. The function it gives must be called when the call has ended, or the place stays
   * taken. Rejects with the signal's reason when it aborts; nothing is taken then.
   */
  take(signal: AbortSignal): Promise<() => void>;
  /** `take`, the call, and the place given back however it ends. */
  run<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T>;
}

export interface RateLimiterClock {
  readonly now: () => number;
  /** Rejects with the signal's reason when it aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Evenly spaced: no burst, whatever was left unused before. */
export function createRateLimiter(
  { requestsPerSecond, concurrency }: RateLimit,
  { now, sleep }: RateLimiterClock = { now: Date.now, sleep: delay },
): RateLimiter {
  const intervalMs = 1000 / requestsPerSecond;
  const waiting: (() => void)[] = [];
  let free = concurrency;
  let nextAtMs = -Infinity;

  const release = (): void => {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  };

  async function place(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (free > 0) {
      free--;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        waiting.splice(waiting.indexOf(granted), 1);
        reject(signal.reason as Error);
      };
      const granted = (): void => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      waiting.push(granted);
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  async function take(signal: AbortSignal): Promise<() => void> {
    await place(signal);
    let held = true;
    const giveBack = (): void => {
      if (held) release();
      held = false;
    };
    try {
      const atMs = Math.max(now(), nextAtMs);
      nextAtMs = atMs + intervalMs;
      const waitMs = atMs - now();
      if (waitMs > 0) await sleep(waitMs, signal);
      return giveBack;
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  return {
    requestsPerSecond,
    concurrency,
    take,
    async run(signal, call) {
      const done = await take(signal);
      try {
        return await call();
      } finally {
        done();
      }
    },
  };
}
