import type { Flows, Target } from '@keelson/contracts';
import type { Codec, Logger } from '@keelson/stream';
import type { RetryPolicy } from './backoff.ts';
import type { SinkFaultHook } from './faults.ts';
import type { Gate } from './gate.ts';
import type { Pace } from './pace.ts';
import type { Parking } from './parking.ts';
import type { SinkPort, Work } from './port.ts';
import type { Report } from './report.ts';
import type { Rest } from './standing.ts';
import type { Storm } from './storm.ts';
import type { WorkRecordName } from './unit.ts';

/** How long works may wait, and how long a batch may last. */
export interface SinkLimits {
  /** How often one work is tried whose outcome stays unknown. */
  readonly tries: number;
  /** About how long works of one topic are taken for at once: what urgent work waits for bulk work at most. */
  readonly batchMs: number;
  /** The first pause before a work that stepped aside is tried again by itself; it doubles up to the last. */
  readonly stepAside: Pick<RetryPolicy, 'initial_ms' | 'max_ms'>;
  /** A work that stepped aside for longer becomes an exception. */
  readonly stepAsideLimitMs: number;
}

export const defaultLimits: SinkLimits = {
  tries: 3,
  batchMs: 4_000,
  stepAside: { initial_ms: 30_000, max_ms: 3_600_000 },
  // Sources tell things for three days after they happened.
  stepAsideLimitMs: 4 * 86_400_000,
};

/** What all partitions of one sink share in a process. */
export interface SinkShared<W extends Work, P> {
  readonly target: string;
  readonly record: WorkRecordName;
  readonly mode: Target['mode'];
  readonly environment: Target['environment'];
  readonly flows: Flows;
  readonly port: SinkPort<W, P>;
  readonly codec: Pick<Codec, 'decode'>;
  readonly gate: Gate;
  readonly storm: Storm;
  readonly report: Report;
  readonly logger: Logger;
  readonly limits: SinkLimits;
  readonly fault: SinkFaultHook;
  readonly random: () => number;
  readonly generationOf: (topic: string) => number;
  readonly newPace: () => Pace;
  /** Of the partitions held now. */
  readonly parkings: Map<number, Parking>;
  readonly rests: Map<number, Rest>;
}
