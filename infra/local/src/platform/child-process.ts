import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { identify } from './process-identity.ts';
import { stopProcess } from './leftover.ts';
import { spawnTied } from './tied-process.ts';

/** How a process of the platform ended: one of the two is null. */
export type Exit = { code: number | null; signal: NodeJS.Signals | null };

/** A process of the platform. It ends with us, whatever happens to us. */
export type Child = {
  pid: number;
  /** Settles when the process has ended; never rejects. */
  exited: Promise<Exit>;
  /** How it ended, once it has. */
  exit: () => Exit | undefined;
  /** The last lines it wrote, for error messages. */
  tail: () => Promise<string>;
  /** Ends it: by its stop signal, and after `graceMs` without mercy. Safe to call again. */
  stop: (graceMs: number) => Promise<void>;
};

export type StopSignal = 'SIGTERM' | 'SIGINT';

export type ChildOptions = {
  /** For messages. */
  name: string;
  command: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  uid?: number | undefined;
  gid?: number | undefined;
  /** Asks it to end in good order. */
  stopSignal?: StopSignal;
  /** Gets what the process writes, from the beginning of the file. */
  logFile: string;
  /** Holds the process' identity while it runs, so that a later start can tell a leftover from a stranger. */
  pidFile: string;
};

/** Starts a process that ends with us, and notes who it is. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const child = spawnLogged(options);
  const exited = new Promise<Exit>(resolve => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: 127, signal: null }));
  });
  let exit: Exit | undefined;
  void exited.then(value => {
    exit = value;
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${options.name}: "${options.command}" could not be started`);
  const identity = await identify(pid);
  if (identity) await writeFile(options.pidFile, JSON.stringify(identity));
  const stop = async (graceMs: number): Promise<void> => {
    if (identity && !exit) await stopProcess(identity, graceMs, options.stopSignal);
    await exited;
    await rm(options.pidFile, { force: true });
  };
  return { pid, exited, exit: () => exit, tail: () => tailOf(options.logFile), stop };
}

function spawnLogged({ stopSignal = 'SIGTERM', logFile, ...options }: ChildOptions): ChildProcess {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'w', 0o600);
  const child = spawnTied({ ...options, output: log, signal: stopSignal === 'SIGINT' ? 'INT' : 'TERM' });
  closeSync(log);
  return child;
}

/** The last lines of a log file, indented. */
async function tailOf(logFile: string): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return text
    .trimEnd()
    .split('\n')
    .slice(-12)
    .map(line => `    ${line.slice(0, 300)}`)
    .join('\n');
}
