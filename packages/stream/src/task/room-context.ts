import type { TaskDefinition } from '../api.ts';
import type { Logger } from '../logger.ts';
import type { RoomMetrics } from '../metrics.ts';
import type { Membership } from './membership.ts';
import type { TaskOptions } from './options.ts';

/** What the tasks of one room share. */
export interface RoomContext {
  readonly definition: TaskDefinition;
  readonly options: TaskOptions;
  readonly groupId: string;
  readonly maxBatchRecords: number;
  readonly lingerMs: number;
  readonly tickMs: number;
  readonly inboxBytes: number;
  readonly membership: Membership;
  readonly metrics: RoomMetrics;
  readonly logger: Logger;
  readonly counts: { transactions: number; doubts: number; fences: number };
  /** Wall clock in ms: for what is written down. */
  now(): number;
  /** Monotonic clock in ms: for how long something takes, whatever is done to the wall clock. */
  clock(): number;
  /** Something can be fetched that could not before. */
  kickFetch(): void;
}
