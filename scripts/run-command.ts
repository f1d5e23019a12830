import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

const running = new Set<ChildProcess>();

/**
 * Runs a command with our own output and no input, and gives its exit code (1 when a signal ended it).
 * `started` gets the process, for whoever must watch it.
 */
export function runCommand(
  command: string,
  args: readonly string[],
  { env = {}, started }: { env?: NodeJS.ProcessEnv; started?: (child: ChildProcess) => void } = {},
): Promise<number> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  running.add(child);
  started?.(child);
  return new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', code => resolve(code ?? 1));
  }).finally(() => running.delete(child));
}

/** Passes a signal on to what runs. */
export function signalRunning(name: NodeJS.Signals): void {
  for (const child of running) child.kill(name);
}
