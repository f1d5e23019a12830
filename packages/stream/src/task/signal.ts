/** Resolves true after `ms`, false as soon as `signal` aborts. */
export function delay(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve(false);
    const aborted = (): void => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', aborted);
      resolve(true);
    }, ms);
    signal.addEventListener('abort', aborted, { once: true });
  });
}

/** A wait for "something has changed": `set` ends the current wait, or the next one when nobody waits. */
export interface Wake {
  set(): void;
  /** Resolves when set, at the latest after `ms`. */
  wait(ms: number): Promise<void>;
}

export function createWake(): Wake {
  let pending = false;
  let release: (() => void) | undefined;
  return {
    set() {
      pending = true;
      release?.();
    },
    async wait(ms) {
      if (!pending && ms > 0) {
        await new Promise<void>(resolve => {
          const timer = setTimeout(resolve, ms);
          release = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        release = undefined;
      }
      pending = false;
    },
  };
}
