import { createInterface } from 'node:readline';
import { spawnTied } from '@keelson/local';
import { waitFor } from './wait-for.ts';

/** How a process ended: one of the two is null. */
export type Exit = { code: number | null; signal: NodeJS.Signals | null };

export type TestProcess = {
  pid: number;
  /** All it has written so far, both streams, line by line. */
  lines: () => readonly string[];
  /** The first line that matches, among those after the first `from`. Fails when the process ends first. */
  line: (match: RegExp | string, options?: { timeoutMs?: number; from?: number }) => Promise<string>;
  /** Sends a signal, to this process alone. */
  signal: (name: NodeJS.Signals) => void;
  /** Ends it and waits until it is gone: SIGKILL unless told otherwise. Safe to call again. */
  kill: (name?: NodeJS.Signals) => Promise<Exit>;
  /** How it ended, once it has. */
  exit: () => Exit | undefined;
  /** Settles when it has ended. */
  exited: Promise<Exit>;
};

export type ProcessOptions = { env?: NodeJS.ProcessEnv; cwd?: string };

const running = new Set<TestProcess>();
const SOURCE_FLAGS = [
  '--conditions=@keelson/source',
  '--disable-warning=ExperimentalWarning',
  '--disable-warning=TimeoutNegativeWarning',
];

/** Starts a script of ours from source, on this same Node. `env` is added to the test's own. */
export const startNode = (
  script: string,
  args: readonly string[] = [],
  options: ProcessOptions = {},
): TestProcess => startProcess(process.execPath, [...SOURCE_FLAGS, script, ...args], options);

/**
 * Starts a process that cannot be left behind: it is killed at the end of the test file, and when the test
 * process itself is killed.
 */
export function startProcess(
  command: string,
  args: readonly string[],
  { env, cwd }: ProcessOptions = {},
): TestProcess {
  const child = spawnTied({
    command,
    args,
    cwd,
    env: { ...process.env, ...env },
    output: 'pipe',
    signal: 'KILL',
  });
  const { pid, stdout, stderr } = child;
  if (pid === undefined || !stdout || !stderr) throw new Error(`${command} could not be started`);
  const lines: string[] = [];
  for (const input of [stdout, stderr]) createInterface({ input }).on('line', line => lines.push(line));
  let ended: Exit | undefined;
  // "close" comes after the last line, "exit" may come before it.
  const exited = new Promise<Exit>(resolve =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  );
  const signal = (name: NodeJS.Signals): void => {
    if (!ended) child.kill(name);
  };
  const handle: TestProcess = {
    ...{ pid, exited, signal, lines: () => lines, exit: () => ended },
    line: (match, options) => findLine(handle, match, options),
    kill: async (name = 'SIGKILL') => {
      signal(name);
      return exited;
    },
  };
  running.add(handle);
  void exited.then(exit => {
    ended = exit;
    running.delete(handle);
  });
  return handle;
}

async function findLine(
  { lines, exit }: TestProcess,
  match: RegExp | string,
  { timeoutMs = 15_000, from = 0 }: { timeoutMs?: number; from?: number } = {},
): Promise<string> {
  const matches = (line: string): boolean =>
    typeof match === 'string' ? line.includes(match) : match.test(line);
  const last = (): string => lines().slice(-15).join('\n');
  const look = (): string | Exit | undefined => lines().slice(from).find(matches) ?? exit();
  const found = await waitFor(`a line like ${String(match)}`, look, { timeoutMs }).catch((error: unknown) => {
    throw new Error(`no line like ${String(match)} within ${timeoutMs} ms; it wrote last:\n${last()}`, {
      cause: error,
    });
  });
  if (typeof found === 'string') return found;
  throw new Error(
    `it ended (${JSON.stringify(found)}) before a line like ${String(match)}; it wrote last:\n${last()}`,
  );
}

/** Kills every process started here that still runs. */
export async function killAll(): Promise<void> {
  await Promise.all([...running].map(process => process.kill()));
}

// Under Jest this module is loaded once a test file, so this runs at that file's end.
(globalThis as { afterAll?: (hook: () => Promise<void>) => void }).afterAll?.(killAll);
