/**
 * Tells which external ids were written while a call was under way. The real one works on a snapshot: of two loads
 * of one external id at once, the one that commits later meets a serialization conflict.
 */
export type Contention = {
  /** Marks the arrival of a call; the returned function marks its end. */
  enter(): { started: number; leave: () => void };
  /** Marks external ids as written now. */
  wrote(externalIds: Iterable<string>): void;
  changedSince(started: number, externalId: string): boolean;
};

export function createContention(): Contention {
  const written = new Map<string, number>();
  let clock = 0;
  let underWay = 0;
  return {
    enter: () => {
      underWay += 1;
      let left = false;
      return {
        started: clock,
        leave: () => {
          if (left) return;
          left = true;
          underWay -= 1;
          if (underWay === 0) written.clear();
        },
      };
    },
    wrote: externalIds => {
      clock += 1;
      for (const externalId of externalIds) written.set(externalId, clock);
    },
    changedSince: (started, externalId) => (written.get(externalId) ?? -1) > started,
  };
}
