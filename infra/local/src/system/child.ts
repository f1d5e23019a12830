import { openSync, closeSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { pollUntil, spawnTied } from '../platform/index.ts';

/** One process of the system, its output in a file. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** Resolves with what it ended by, expected or not. */
  readonly ended: Promise<string>;
  /** SIGTERM, and after `graceMs` SIGKILL. Safe to call again. */
  stop(graceMs?: number): Promise<void>;
}

/** Starts a TypeScript entry point with this Node. It ends when we end, however that happens. */
export async function startChild(
  name: string,
  script: string,
  env: NodeJS.ProcessEnv,
  logFile: string,
): Promise<Child> {
  await mkdir(dirname(logFile), { recursive: true });
  const output = openSync(logFile, 'a');
  const child: ChildProcess = spawnTied({
    command: process.execPath,
    args: [
      '--conditions=@keelson/source',
      '--disable-warning=TimeoutNegativeWarning',
      '--disable-warning=ExperimentalWarning',
      script,
    ],
    env,
    output,
    signal: 'TERM',
  });
  closeSync(output);
  let stopping: Promise<void> | undefined;
  const ended = new Promise<string>(resolve => {
    child.once('error', error => resolve(error.message));
    child.once('exit', (code, signal) =>
      resolve(signal === null ? `exit code ${code ?? 'unknown'}` : signal),
    );
  });
  const stop = async (graceMs: number): Promise<void> => {
    child.kill('SIGTERM');
    const overdue = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await ended;
    clearTimeout(overdue);
  };
  return {
    name,
    pid: child.pid ?? 0,
    logFile,
    ended,
    stop: (graceMs = 15_000) => (stopping ??= stop(graceMs)),
  };
}

/** Waits until `url` answers 200. Throws with the end of the log when the process ends first, or time runs out. */
export async function untilReady(child: Child, url: string, timeoutMs: number): Promise<void> {
  let gone: string | undefined;
  void child.ended.then(how => (gone = how));
  let last = 'no answer yet';
  const probe = async (): Promise<true | undefined> => {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2000) });
    last = (await answer.text()).trim();
    return answer.ok ? true : undefined;
  };
  const gaveUp = (): Error | undefined =>
    gone === undefined ? undefined : new Error(`it ended with ${gone}`);
  try {
    await pollUntil(child.name, timeoutMs, probe, gaveUp);
  } catch (error) {
    const why =
      gone === undefined ? `is not ready after ${timeoutMs / 1000} s (${last})` : `ended with ${gone}`;
    const log = await readFile(child.logFile, 'utf8').catch(() => '');
    const tail = log.trimEnd().split('\n').slice(-12).join('\n');
    throw new Error(`${child.name} ${why}. Its log (${child.logFile}) ends with:\n${tail}`, { cause: error });
  }
}
