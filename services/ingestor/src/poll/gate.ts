import { unavailable } from '@keelson/contracts';

/** While a source is left alone for longer than this, requests stay where they are: nobody waits for it at the gate. */
export const longestWaitMs = 30_000;
/** The code of those who were not let in: their source was not asked. */
export const notLetIn = 'gate_closed';

/** Keeps the promises of a source's `api.rate`: so many at once, so many a second, none while it asked to be left alone. */
export interface Gate {
  /**
   * Resolves when one may ask; the answer is called when done. Rejects with Unavailable, code `notLetIn`, when the gate is
   * closed for longer than `longestWaitMs`, or for good.
   */
  enter(): Promise<() => void>;
  closeUntil(atMs: number): void;
  /** Until when nobody may ask; in the past when anybody may. */
  closedUntilMs(): number;
  stop(): void;
}

export interface GateOptions {
  readonly requestsPerSecond: number;
  readonly concurrency: number;
  readonly nowMs: () => number;
}

export function createGate({ requestsPerSecond, concurrency, nowMs }: GateOptions): Gate {
  const spacingMs = 1000 / requestsPerSecond;
  const queue: { readonly resolve: (leave: () => void) => void; readonly reject: (error: Error) => void }[] =
    [];
  let inside = 0;
  let nextMs = 0;
  let closedUntilMs = 0;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const refusal = (reason: string): Error => unavailable(notLetIn, reason);
  const isClosedForLong = (): boolean => closedUntilMs - nowMs() > longestWaitMs;
  const turnAway = (reason: string): void => {
    for (const { reject } of queue.splice(0)) reject(refusal(reason));
  };

  const leave = (): void => {
    inside -= 1;
    admit();
  };

  function admit(): void {
    clearTimeout(timer);
    timer = undefined;
    while (queue.length > 0 && inside < concurrency) {
      const now = nowMs();
      const at = Math.max(nextMs, closedUntilMs);
      if (at > now) {
        timer = setTimeout(admit, Math.min(at - now, 60_000));
        return;
      }
      // A quiet time is not saved up, but a late timer is made good.
      nextMs = Math.max(nextMs, now - 100) + spacingMs;
      inside += 1;
      let left = false;
      queue.shift()?.resolve(() => {
        if (!left) leave();
        left = true;
      });
    }
  }

  return {
    enter: () =>
      new Promise((resolve, reject) => {
        if (stopped) return reject(refusal('the gate is shut'));
        if (isClosedForLong()) return reject(refusal('the source is left alone'));
        queue.push({ resolve, reject });
        if (timer === undefined) admit();
      }),
    closeUntil(atMs) {
      closedUntilMs = Math.max(closedUntilMs, atMs);
      if (isClosedForLong()) turnAway('the source is left alone');
    },
    closedUntilMs: () => closedUntilMs,
    stop() {
      stopped = true;
      clearTimeout(timer);
      turnAway('the gate is shut');
    },
  };
}
