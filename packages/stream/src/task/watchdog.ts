import type { RoomContext } from './room-context.ts';
import type { Task } from './task.ts';

const checkMs = 1_000;
const hangAfterMs = 5 * 60_000;
/** sysexits' EX_SOFTWARE. */
const exitCode = 70;

/** Looks whether a task has come to a standstill inside a call. A heartbeat would hide it: it goes on by itself. */
export function startWatchdog(
  { options, groupId, logger }: RoomContext,
  tasks: () => Iterable<Task>,
): { stop(): void } {
  const limitMs = options.hangAfterMs ?? hangAfterMs;
  const onHang = options.onHang ?? (() => process.exit(exitCode));
  const timer = setInterval(
    () => {
      for (const task of tasks()) {
        if (task.busyForMs() <= limitMs) continue;
        logger.error({ room: groupId, partition: task.partition, busyForMs: task.busyForMs() }, 'task hangs');
        onHang(task.partition);
      }
    },
    Math.min(checkMs, limitMs),
  );
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
