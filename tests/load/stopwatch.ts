/** Where time goes, by named step; a step within another counts for itself alone. */
export interface Stopwatch {
  time<T>(step: string, work: () => T): T;
  /** Microseconds by step. */
  steps(): ReadonlyMap<string, number>;
}

export function createStopwatch(): Stopwatch {
  const totals = new Map<string, number>();
  let inner = 0;
  return {
    time(step, work) {
      const outer = inner;
      inner = 0;
      const start = performance.now();
      try {
        return work();
      } finally {
        const elapsed = performance.now() - start;
        totals.set(step, (totals.get(step) ?? 0) + (elapsed - inner) * 1000);
        inner = outer + elapsed;
      }
    },
    steps: () => totals,
  };
}
