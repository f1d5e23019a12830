/**
 * When a fact that stepped aside is tried again by itself. Half of a delay is random: of twice the grace it is over at the
 * first such try, and none comes later than twice of it.
 */
export const triesAfterGrace = (
  graceMs: number,
): { readonly initial_ms: number; readonly max_ms: number } => ({
  initial_ms: Math.max(2 * graceMs, 1_000),
  max_ms: Math.max(2 * graceMs, 3_600_000),
});

/** Facts that wait for another are few; beyond this many the longest waiting starts anew. */
const most = 100_000;

/** Counts, from when each was first seen by this process, how long facts have waited for what they build on. */
export interface Grace {
  /** Whether this one has waited long enough. The first asking starts its time. */
  isOver(id: string, now: number): boolean;
}

/**
 * In memory alone: after a restart the waiting starts anew, which delays a fact and loses nothing. Counted from here and
 * not from the delivery, because after an outage everything is old, and its original may be right behind.
 */
export function createGrace(graceMs: number): Grace {
  const since = new Map<string, number>();
  return {
    isOver: (id, now) => {
      const start = since.get(id);
      if (start === undefined) {
        if (graceMs <= 0) return true;
        if (since.size >= most) since.delete(since.keys().next().value ?? '');
        since.set(id, now);
        return false;
      }
      return now - start >= graceMs;
    },
  };
}
