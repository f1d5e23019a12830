/** How many works to take at once, so that one batch lasts about `targetMs`, however slow the target is. */
export interface Pace {
  size(): number;
  /** `count` works took `durationMs`. */
  note(count: number, durationMs: number): void;
}

export interface PaceOptions {
  readonly targetMs: number;
  readonly max: number;
  /** Where to begin: low, for nobody knows yet how many calls a work takes. */
  readonly first: number;
}

/** Doubles at most while batches are short and full, and cuts at once what lasted too long. */
export function createPace({ targetMs, max, first }: PaceOptions): Pace {
  let size = Math.max(1, Math.min(max, Math.floor(first)));
  return {
    size: () => size,
    note(count, durationMs) {
      if (count === 0) return;
      const ratio = targetMs / Math.max(1, durationMs);
      if (ratio < 1) size = Math.max(1, Math.floor(count * ratio));
      else if (count >= size) size = Math.min(max, Math.max(size + 1, Math.floor(size * Math.min(2, ratio))));
    },
  };
}
