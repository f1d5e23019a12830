import { spawn } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';

export type TiedOptions = {
  command: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv | undefined;
  cwd?: string | undefined;
  uid?: number | undefined;
  gid?: number | undefined;
  /** Where standard output and error go. */
  output: 'pipe' | number;
  /** What the process gets when we end. */
  signal: 'TERM' | 'INT' | 'KILL';
};

/**
 * Reads a pipe that only we hold open: when we end, even by SIGKILL, the pipe ends, and so does the process.
 * The shell becomes the process itself (exec), so its id is the one that was spawned.
 */
const tie = (signal: string): string =>
  `exec 3<&0; { cat <&3 >/dev/null; kill -${signal} $$; } >/dev/null 2>&1 & exec "$@" 3<&- </dev/null`;

/** Starts a process in a session of its own (Ctrl-C reaches us, and we decide) that ends when we end. */
export function spawnTied({ command, args, env, cwd, uid, gid, output, signal }: TiedOptions): ChildProcess {
  const stdio: StdioOptions = ['pipe', output, output];
  const identity = { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) };
  const child = spawn('/bin/sh', ['-c', tie(signal), 'sh', command, ...args], {
    ...{ stdio, detached: true, env: env ?? process.env, ...identity },
    ...(cwd === undefined ? {} : { cwd }),
  });
  child.stdin?.on('error', () => undefined);
  child.once('exit', () => child.stdin?.destroy());
  return child;
}
