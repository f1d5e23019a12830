import type { Control } from '@keelson/contracts';
import { microsOfMs } from '@keelson/contracts';
import type { StateStore, TaskContext } from '@keelson/stream';

/** Why a partition rests, as its holder's process tells it; null when it works. */
export interface Rest {
  reason: string | null;
}

/** One partition's commands that outlast their batch: in standing.<target>-sink, so that no restart forgets them. */
export interface Standing {
  /** An operator lets the partition rest. */
  paused(): boolean;
  pause(control: Control): void;
  resume(): void;
  /**
   * A discard of as many entries as there may be: of all that is parked, the last of it at `latestAt` (µs). What is parked
   * from now on is not meant.
   */
  discard(control: Control, latestAt: number): void;
  /** Discards that are not through. They mean what was parked at `issued_at` or before; nothing else was. */
  discards(): (readonly [key: string, control: Control])[];
  /** When something is parked, in µs: `at`, or the first instant after it that no discard means that was heard before. */
  parkedAt(at: number): number;
  /** Whether the exceptions of a lane (null: one that stands alone) that were parked at that time, in µs, are being discarded. */
  discarding(): (lane: string | null, parkedAt: number) => boolean;
  done(key: string): void;
}

const pauseKey = 'pause';
const discardPrefix = 'discard/';
const reasonOf = (pause: Control | undefined): string | null =>
  pause === undefined ? null : `operator: ${pause.actor}: ${pause.reason}`;

/** `rests`: by partition, of all that the process holds; this one takes its place there, and leaves with its task. */
export function createStanding(
  store: StateStore<Control>,
  { partition, signal, now }: Pick<TaskContext, 'partition' | 'signal' | 'now'>,
  rests: Map<number, Rest>,
): Standing {
  const rest: Rest = { reason: reasonOf(store.get(pauseKey)) };
  rests.set(partition, rest);
  const discards = (): (readonly [key: string, control: Control])[] => [...store.entries(discardPrefix)];
  let heardAt = Math.max(...discards().map(([, { issued_at }]) => issued_at));
  signal.addEventListener('abort', () => {
    if (rests.get(partition) === rest) rests.delete(partition);
  });
  return {
    paused: () => rest.reason !== null,
    pause(control) {
      store.put(pauseKey, control);
      rest.reason = reasonOf(control);
    },
    resume() {
      if (rest.reason !== null) store.delete(pauseKey);
      rest.reason = null;
    },
    discard(control, latestAt) {
      const key = `${discardPrefix}${control.command_id}`;
      // A sender may write its command twice: the second must not mean what came in between.
      if (store.get(key) !== undefined) return;
      // No clock tells what was parked before from what is parked after: within its millisecond, or by another process's.
      heardAt = Math.max(microsOfMs(now()), latestAt);
      store.put(key, { ...control, issued_at: heardAt });
    },
    discards,
    discarding() {
      const standing = discards();
      return (lane, parkedAt) =>
        standing.some(
          ([, control]) => (control.lane === null || control.lane === lane) && parkedAt <= control.issued_at,
        );
    },
    parkedAt: at => Math.max(at, heardAt + 1),
    done: key => store.delete(key),
  };
}
