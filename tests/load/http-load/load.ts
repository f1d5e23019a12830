/** What the generator is told to send. */
export interface Load {
  readonly port: number;
  readonly connections: number;
  /** Whole requests as they go over the wire, sent one after the other and round again. */
  readonly requests: readonly Uint8Array[];
  /** Not measured, at the start. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** Open loop: so many a second, whatever comes back. Without it closed: each connection sends when it is answered. */
  readonly perSecond?: number;
}

/** What came of it. Of an open loop, a request's time begins when it was due, not when a connection was free for it. */
export interface LoadResult {
  /** Answered in the measured time, by status; 0 is a broken connection. */
  readonly byStatus: Readonly<Record<string, number>>;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** The generator's own CPU in the measured time. */
  readonly cpuMicros: number;
  /** Wall clock in ms of when each was due, warm-up included, in the order of `requests`. */
  readonly sentAtMs: readonly number[];
}
