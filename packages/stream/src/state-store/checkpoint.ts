import type { LogBounds } from '../client/log-reader.ts';
import type { Checkpoint } from './local-store.ts';

/** Half of the changelogs' `delete.retention.ms` of 7 days: within it every tombstone since the checkpoint is still there. */
export const maxCheckpointAgeMs = 3.5 * 24 * 3_600_000;

export interface Circumstances extends LogBounds {
  readonly clusterId: string;
  readonly generation: number;
  readonly nowMs: number;
}

/** Why a local copy can't be carried on from its checkpoint; undefined when it can. */
export function staleness(checkpoint: Checkpoint | undefined, now: Circumstances): string | undefined {
  if (checkpoint === undefined) return 'no checkpoint';
  if (checkpoint.clusterId !== now.clusterId) return 'of another cluster';
  if (checkpoint.generation !== now.generation) return 'of another topic generation';
  if (checkpoint.offset > now.stableEnd) return 'beyond the end of the log';
  if (checkpoint.offset < now.earliest) return 'before the start of the log';
  if (now.nowMs - checkpoint.timeMs > maxCheckpointAgeMs) return 'too old: tombstones may be gone';
  if (checkpoint.timeMs - now.nowMs > maxCheckpointAgeMs) return 'from the future';
  return undefined;
}
