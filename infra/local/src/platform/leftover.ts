import { readFile, rm } from 'node:fs/promises';
import { pollUntil } from './poll.ts';
import { isAlive } from './process-identity.ts';
import type { StopSignal } from './child-process.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** Ends exactly this process: by `stopSignal`, and by SIGKILL when it still runs after `graceMs`. */
export async function stopProcess(
  identity: ProcessIdentity,
  graceMs: number,
  stopSignal: StopSignal = 'SIGTERM',
): Promise<void> {
  const gone = async (): Promise<true | undefined> => ((await isAlive(identity)) ? undefined : true);
  if (!(await isAlive(identity))) return;
  signal(identity.pid, stopSignal);
  await pollUntil('process', graceMs, gone).catch(async () => {
    signal(identity.pid, 'SIGKILL');
    await pollUntil('process after SIGKILL', 10_000, gone);
  });
}

/** Ends the process that an earlier, killed run noted in `pidFile`, if that very process still runs. */
export async function stopLeftover(pidFile: string): Promise<void> {
  const text = await readFile(pidFile, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  const identity = JSON.parse(text) as ProcessIdentity;
  await stopProcess(identity, 15_000);
  await rm(pidFile, { force: true });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended in the meantime, which is what was asked for.
  }
}
