/**
 * What `npm test` runs: the checks (contract, types, lint), then all tests on one platform, the fault tests
 * last and one after the other. `npm test -- PATTERN...` runs only the test files that match. Ends with one
 * line over everything, `N passed, N failed`, a check counting as one test.
 */
import { sep } from 'node:path';
import { PLATFORM_SOCKET, servePlatform } from '@keelson/testkit';
import { listTests, runJest } from './run-jest.ts';
import type { Totals } from './run-jest.ts';
import { runCommand, signalRunning } from './run-command.ts';

const CHECKS = ['contracts:check', 'typecheck', 'lint'];
const FAULTS = `${sep}tests${sep}faults${sep}`;

let interrupted = false;
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    interrupted = true;
    signalRunning(name);
  });
}

const say = (text: string): void => console.log(`\n=== ${text}`);

async function runChecks(): Promise<Totals[]> {
  const totals: Totals[] = [];
  for (const check of CHECKS) {
    if (interrupted) break;
    say(check);
    const code = await runCommand('npm', ['run', '--silent', check]);
    say(`${check}: ${code === 0 ? 'passed' : 'failed'}`);
    totals.push(code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });
  }
  return totals;
}

async function runTests(patterns: readonly string[]): Promise<Totals[]> {
  const files = await listTests(patterns);
  if (files.length === 0) {
    say(`no test file matches ${patterns.join(' ')}`);
    return [{ passed: 0, failed: 1 }];
  }
  const faults = files.filter(file => file.includes(FAULTS));
  const others = files.filter(file => !file.includes(FAULTS));
  const platform = await servePlatform(line => console.error(line));
  process.env[PLATFORM_SOCKET] = platform.socketPath;
  try {
    if (others.length > 0) say(`${others.length} test files`);
    const first = await runJest(others, []);
    if (interrupted) return [first];
    if (faults.length > 0) say(`${faults.length} files of fault tests, one after the other`);
    return [first, await runJest(faults, ['--runInBand', '--verbose'])];
  } finally {
    await platform.close();
  }
}

const patterns = process.argv.slice(2);
const totals = patterns.length > 0 ? [] : await runChecks();
if (!interrupted) totals.push(...(await runTests(patterns)));
const passed = totals.reduce((sum, one) => sum + one.passed, 0);
const failed = totals.reduce((sum, one) => sum + one.failed, 0);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = interrupted ? 130 : failed > 0 || passed === 0 ? 1 : 0;
