import { execFile } from 'node:child_process';

export type CommandResult = { code: number; output: string };

/** Runs a command to its end without a shell and gives its exit code (127: no such command) and all it wrote. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: { cwd?: string; timeoutMs?: number; uid?: number; gid?: number; env?: NodeJS.ProcessEnv } = {},
): Promise<CommandResult> {
  const { timeoutMs = 60_000, ...rest } = options;
  return new Promise(resolve => {
    execFile(
      command,
      [...args],
      { ...rest, timeout: timeoutMs, maxBuffer: 1 << 26 },
      (error, stdout, stderr) => {
        const output = `${stdout}${stderr}`;
        if (!error) return resolve({ code: 0, output });
        if (error.code === 'ENOENT') return resolve({ code: 127, output: `${command}: not found` });
        resolve({ code: typeof error.code === 'number' ? error.code : 1, output: output || error.message });
      },
    ).stdin?.end();
  });
}
