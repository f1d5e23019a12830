/** A retry policy as flows.yaml has it. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly initial_ms: number;
  readonly max_ms: number;
}

/** Exponential; the upper half of each step is random. `attempt` counts from 1, `random` is of [0, 1). */
export function delayMs(
  { initial_ms, max_ms }: Pick<RetryPolicy, 'initial_ms' | 'max_ms'>,
  attempt: number,
  random: number,
): number {
  return Math.round(Math.min(max_ms, initial_ms * 2 ** Math.min(attempt - 1, 30)) * (0.5 + random / 2));
}
