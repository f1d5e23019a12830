import type { RateLimiterClock } from '../rate-limit.ts';

/** Time that passes only while everybody waits for it. */
export interface VirtualClock extends RateLimiterClock {
  /** Runs until `work` is done, moving the clock to the next alarm whenever nothing else happens. */
  run<T>(work: Promise<T>): Promise<T>;
}

export function createVirtualClock(startMs = Date.parse('2026-11-02T12:00:00Z')): VirtualClock {
  let nowMs = startMs;
  let alarms: { readonly atMs: number; readonly ring: () => void }[] = [];
  return {
    now: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        alarms.push({ atMs: nowMs + ms, ring: resolve });
      }),
    async run(work) {
      let done = false;
      const finished = work.finally(() => (done = true));
      finished.catch(() => undefined);
      while (!done) {
        await new Promise(resolve => setImmediate(resolve));
        if (done || alarms.length === 0) continue;
        nowMs = Math.max(nowMs, Math.min(...alarms.map(({ atMs }) => atMs)));
        const due = alarms.filter(({ atMs }) => atMs <= nowMs);
        alarms = alarms.filter(({ atMs }) => atMs > nowMs);
        for (const { ring } of due) ring();
      }
      return finished;
    },
  };
}
