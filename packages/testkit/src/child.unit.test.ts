import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { identify } from '@keelson/local';
import { startNode, startProcess } from './child.ts';
import { waitFor } from './wait-for.ts';

const COUNTER = `
let count: number = 0;
setInterval(() => console.log('tick ' + ++count), 5);
`;
const PARENT = `
import { startNode } from ${JSON.stringify(fileURLToPath(new URL('child.ts', import.meta.url)))};
const child = startNode(process.argv[2] as string);
await child.line('tick');
child.signal('SIGSTOP');
console.log('child ' + child.pid);
`;
let folder: string;
let counter: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keelson-child-'));
  counter = join(folder, 'counter.ts');
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await writeFile(counter, COUNTER);
  await writeFile(join(folder, 'parent.ts'), PARENT);
});
afterAll(() => rm(folder, { recursive: true }));

const stateOf = async (pid: number): Promise<string | undefined> =>
  (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.[0];

test('a process is waited for by a line, stopped, continued and killed', async () => {
  const child = startNode(counter);
  await child.line(/^tick 3$/);
  child.signal('SIGSTOP');
  await waitFor('the stop', () => stateOf(child.pid), { until: state => state === 'T' });
  const written = child.lines().length;
  child.signal('SIGCONT');
  await child.line('tick', { from: written + 1 });
  expect(await child.kill()).toEqual({ code: null, signal: 'SIGKILL' });
  expect(await identify(child.pid)).toBeUndefined();
});

test('waiting for a line fails with what the process wrote, as soon as it has ended', async () => {
  const child = startProcess(process.execPath, ['-e', 'console.error("no luck"); process.exit(3)']);
  await expect(child.line('ready')).rejects.toThrow(/ended.*"code":3[^]*no luck/);
});

test('a process, even a stopped one, ends with the process that started it', async () => {
  const parent = startNode(join(folder, 'parent.ts'), [counter]);
  const pid = Number((await parent.line(/^child \d+$/)).slice('child '.length));
  expect(await identify(pid)).toBeDefined();
  await parent.kill('SIGKILL');
  await waitFor('its child to end', async () => (await identify(pid)) === undefined);
});
