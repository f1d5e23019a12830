/** Lets `burst` requests through at once and `perSecond` in the long run. */
export interface TokenBucket {
  /** 0 when a request may pass (and is counted); else the seconds until one may. */
  take(nowMs: number): number;
}

export function createTokenBucket(perSecond: number, burst: number): TokenBucket {
  let tokens = burst;
  let lastMs = -Infinity;
  return {
    take(nowMs) {
      if (nowMs > lastMs) {
        tokens = Math.min(burst, tokens + ((nowMs - lastMs) / 1000) * perSecond);
        lastMs = nowMs;
      }
      if (tokens >= 1) {
        tokens -= 1;
        return 0;
      }
      return Math.ceil((1 - tokens) / perSecond);
    },
  };
}
