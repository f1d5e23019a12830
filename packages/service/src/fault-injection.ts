import { writeSync } from 'node:fs';
import { ConfigurationError } from './faults.ts';
import type { Environment } from './settings.ts';

/** Called at named points of a service's work. */
export type FaultHook = (point: string) => void;

const none: FaultHook = () => undefined;

/**
 * For fault tests alone: with `KEELSON_FAULT_POINT=<room>:<point>:<n>` the process says so on standard error and kills
 * itself (SIGKILL) when the room comes to the point for the n-th time. Without it nothing happens.
 */
export function faultHook(room: string, environment: Environment): FaultHook {
  const armed = environment['KEELSON_FAULT_POINT'];
  if (armed === undefined) return none;
  const [armedRoom, armedPoint, count] = armed.split(':');
  let left = Number(count ?? 1);
  if (armedRoom === undefined || armedPoint === undefined || !Number.isInteger(left) || left < 1) {
    throw new ConfigurationError([`KEELSON_FAULT_POINT: <room>:<point>:<n>, not ${armed}`]);
  }
  if (armedRoom !== room) return none;
  return point => {
    if (point !== armedPoint || --left > 0) return;
    writeSync(2, `fault point ${room}:${point}\n`);
    process.kill(process.pid, 'SIGKILL');
    // The signal ends the process before it returns here; should it not, nothing more may happen either.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  };
}
