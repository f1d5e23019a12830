/** When refusals are too many to be the customers' own: see contracts.md, `Misconfigured`. */
export interface StormLimits {
  readonly windowMs: number;
  /** More customers than this refused for one reason. */
  readonly customers: number;
  /** Or this share of at least `ofAtLeast` customers. */
  readonly percent: number;
  readonly ofAtLeast: number;
}

export const defaultStormLimits: StormLimits = {
  windowMs: 5 * 60_000,
  customers: 20,
  percent: 5,
  ofAtLeast: 200,
};

export interface Storm {
  /** A work of this customer came to an answer. */
  answered(customer: string): void;
  /** It was refused. Returns true when that is one too many. */
  refused(customer: string, code: string): boolean;
  /** Begins anew, as after a restart. */
  reset(): void;
}

export function createStorm(limits: StormLimits, now: () => number): Storm {
  const customers = new Map<string, number>();
  const byCode = new Map<string, Map<string, number>>();
  return {
    answered(customer) {
      touch(customers, customer, now());
      drop(customers, now() - limits.windowMs);
    },
    refused(customer, code) {
      touch(customers, customer, now());
      const refused = byCode.get(code) ?? new Map<string, number>();
      byCode.set(code, refused);
      touch(refused, customer, now());
      const since = now() - limits.windowMs;
      drop(refused, since);
      drop(customers, since);
      return (
        refused.size > limits.customers ||
        (customers.size >= limits.ofAtLeast && refused.size * 100 >= customers.size * limits.percent)
      );
    },
    reset() {
      customers.clear();
      byCode.clear();
    },
  };
}

/** Kept in order of time: the oldest first. */
function touch(times: Map<string, number>, key: string, now: number): void {
  times.delete(key);
  times.set(key, now);
}

function drop(times: Map<string, number>, before: number): void {
  for (const [key, time] of times) {
    if (time >= before) return;
    times.delete(key);
  }
}
