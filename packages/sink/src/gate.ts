import {
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  DelegateBackoff,
  handleWhen,
  isBrokenCircuitError,
  retry,
} from 'cockatiel';
import { dispositionOf, KeelsonError, misconfigured, unavailable } from '@keelson/contracts';
import { delayMs } from './backoff.ts';
import type { RetryPolicy } from './backoff.ts';

/** Why a sink stands still though its target answers. */
export type PauseCause = 'storm' | 'misconfigured';

/** Whether the target may be called; one a process, for all its partitions. */
export interface Gate {
  /** Nothing is taken from the topics while it is closed. */
  isOpen(): boolean;
  breakerOpen(): boolean;
  /** Empty when open. */
  reasons(): string[];
  pause(cause: PauseCause, reason: string): void;
  /** An operator says: try again. Ends every pause made here; an open breaker closes by its own probe. */
  resume(): void;
  /**
   * Calls the target: a few tries with jitter on I/O trouble; when it is `unavailable` to the last, the breaker opens.
   * Throws what the call threw; `unavailable` while the breaker is open; pauses on `misconfigured`.
   */
  call<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>;
  /** When closed and the time has come: `check` the target, and open when it is well. Never throws. */
  probe(check: () => Promise<void>): Promise<void>;
  /** The check before the first work: `misconfigured` is thrown, `unavailable` leaves the breaker open. */
  start(check: () => Promise<void>): Promise<void>;
}

export interface GateOptions {
  /** Tries in place, with the batch in hand. */
  readonly retry: RetryPolicy;
  /** Pauses between probes of a target that is away. */
  readonly probe: Pick<RetryPolicy, 'initial_ms' | 'max_ms'>;
  readonly random: () => number;
  readonly now: () => number;
  readonly onChange: (reasons: readonly string[]) => void;
}

export const defaultTries: RetryPolicy = { attempts: 4, initial_ms: 200, max_ms: 2_000 };
export const defaultProbe = { initial_ms: 1_000, max_ms: 30_000 } as const;

const isUnavailable = (error: unknown): error is KeelsonError =>
  error instanceof KeelsonError && error.kind === 'unavailable';
const retryAfterOf = (result: object): number =>
  'error' in result && isUnavailable(result.error) ? (result.error.retryAfterMs ?? 0) : 0;
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export function createGate({ retry: tries, probe: probing, random, now, onChange }: GateOptions): Gate {
  const pauses = new Map<PauseCause, string>();
  let away = '';
  let misconfiguredChecks = 0;
  let checkAtMs = 0;

  // A target that asks for a longer rest than we wait in place gets it from the breaker.
  const worthTrying = (error: unknown): boolean =>
    isUnavailable(error)
      ? (error.retryAfterMs ?? 0) <= tries.max_ms
      : !(error instanceof KeelsonError) && dispositionOf(error) === 'back_off';
  const retries = retry(handleWhen(worthTrying), {
    maxAttempts: tries.attempts - 1,
    backoff: new DelegateBackoff(({ attempt, result }: { attempt: number; result: object }) =>
      Math.max(retryAfterOf(result), delayMs(tries, attempt, random())),
    ),
  });
  const breaker = circuitBreaker(handleWhen(isUnavailable), {
    breaker: new ConsecutiveBreaker(1),
    halfOpenAfter: new DelegateBackoff(({ attempt, result }: { attempt: number; result: object }) =>
      Math.max(retryAfterOf(result), delayMs(probing, attempt, random())),
    ),
  });
  breaker.onFailure(({ reason }) => {
    if ('error' in reason) away = messageOf(reason.error);
  });

  const breakerOpen = (): boolean => breaker.state !== CircuitState.Closed;
  const reasons = (): string[] => [
    ...[...pauses].map(([cause, reason]) => `${cause}: ${reason}`),
    ...(breakerOpen() ? [`unavailable: ${away}`] : []),
  ];
  const changed = (): void => onChange(reasons());
  breaker.onBreak(changed);
  breaker.onReset(changed);

  function pause(cause: PauseCause, reason: string): void {
    if (pauses.get(cause) === reason) return;
    pauses.set(cause, reason);
    changed();
  }
  function noteMisconfigured(error: KeelsonError): void {
    checkAtMs = now() + delayMs(probing, ++misconfiguredChecks, random());
    pause('misconfigured', error.message);
  }
  function end(causes: readonly PauseCause[]): void {
    const ended = causes.filter(cause => pauses.delete(cause));
    misconfiguredChecks = 0;
    if (ended.length > 0) changed();
  }

  async function call<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await breaker.execute(work);
    } catch (error) {
      if (isBrokenCircuitError(error))
        throw unavailable('breaker_open', `unavailable: ${away}`, { cause: error });
      if (error instanceof KeelsonError && error.kind === 'misconfigured') noteMisconfigured(error);
      throw error;
    }
  }
  const checked = (check: () => Promise<void>): Promise<void> => call(() => check().catch(rethrowAsOurs));

  return {
    isOpen: () => pauses.size === 0 && !breakerOpen(),
    breakerOpen,
    reasons,
    pause,
    resume: () => end(['storm', 'misconfigured']),
    call: (signal, work) => {
      signal.throwIfAborted();
      return call(() => retries.execute(work, signal));
    },
    async probe(check) {
      const due = breakerOpen() || (pauses.has('misconfigured') && now() >= checkAtMs);
      if (!due) return;
      try {
        await checked(check);
        end(['misconfigured']);
      } catch {
        // It is said already: by the breaker, or by the pause.
      }
    },
    async start(check) {
      try {
        await checked(check);
      } catch (error) {
        if (!isUnavailable(error)) throw error;
      }
    },
  };
}

/** A check knows two ways to fail. */
function rethrowAsOurs(error: unknown): never {
  if (error instanceof KeelsonError && (error.kind === 'misconfigured' || error.kind === 'unavailable'))
    throw error;
  if (dispositionOf(error) === 'back_off') throw unavailable('io', messageOf(error), { cause: error });
  throw misconfigured('check_failed', messageOf(error), { cause: error });
}
