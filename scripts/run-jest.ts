import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './run-command.ts';

/** How many tests passed and failed. */
export type Totals = { passed: number; failed: number };

type JestResult = {
  numPassedTests: number;
  numFailedTests: number;
  numRuntimeErrorTestSuites: number;
  success: boolean;
};

const JEST = [
  ...['--conditions=@keelson/source', '--experimental-vm-modules'],
  ...['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning'],
  'node_modules/jest/bin/jest.js',
];
const LEAK_MS = 20_000;

/** The test files that match, as absolute paths; all of them without a pattern. */
export async function listTests(patterns: readonly string[]): Promise<string[]> {
  return inScratchFolder(async folder => {
    const file = join(folder, 'files.json');
    const code = await runCommand(process.execPath, [
      ...JEST,
      '--listTests',
      '--json',
      '--outputFile',
      file,
      ...patterns,
    ]);
    if (code !== 0) throw new Error('Jest could not list the tests');
    return JSON.parse(await readFile(file, 'utf8')) as string[];
  });
}

/**
 * Runs test files by Jest and counts. A file that could not be run counts as one failed test; so does a run
 * that failed in any other way, or that did not end by itself because a test left something open.
 */
export async function runJest(files: readonly string[], flags: readonly string[]): Promise<Totals> {
  if (files.length === 0) return { passed: 0, failed: 0 };
  return inScratchFolder(async folder => {
    const file = join(folder, 'result.json');
    const args = [...JEST, '--ci', '--json', '--outputFile', file, ...flags, '--runTestsByPath', ...files];
    let leaked = (): boolean => false;
    const started = (child: ChildProcess): void => {
      leaked = endWhenDone(child, file);
    };
    const code = await runCommand(process.execPath, args, { started });
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) return { passed: 0, failed: 1 };
    const result = JSON.parse(text) as JestResult;
    const failed = result.numFailedTests + result.numRuntimeErrorTestSuites + (leaked() ? 1 : 0);
    return {
      passed: result.numPassedTests,
      failed: failed === 0 && (code !== 0 || !result.success) ? 1 : failed,
    };
  });
}

/** Ends a Jest that has written its result and still does not end; tells whether that was needed. */
function endWhenDone(child: ChildProcess, resultFile: string): () => boolean {
  let doneAt: number | undefined;
  let leaked = false;
  const timer = setInterval(() => {
    if (existsSync(resultFile)) doneAt ??= Date.now();
    if (doneAt === undefined || Date.now() - doneAt < LEAK_MS) return;
    clearInterval(timer);
    leaked = true;
    console.error(`Tests left something open: Jest did not end within ${LEAK_MS / 1000} s of its last test.`);
    child.kill('SIGKILL');
  }, 500);
  child.once('exit', () => clearInterval(timer));
  return () => leaked;
}

async function inScratchFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'keelson-jest-'));
  try {
    return await act(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
