import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { LOOPBACK, rememberedPort } from './ports.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keelson-ports-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('a port is the same at the next start', async () => {
  const file = join(folder, 'same', 'port');
  expect(await rememberedPort(file)).toBe(await rememberedPort(file));
});

test('a port that somebody has taken since is given up, for good', async () => {
  const file = join(folder, 'taken', 'port');
  const first = await rememberedPort(file);
  const server = createServer();
  await new Promise<void>(resolve => server.listen(first, LOOPBACK, resolve));
  const second = await rememberedPort(file);
  await new Promise(resolve => server.close(resolve));
  expect(second).not.toBe(first);
  expect(await rememberedPort(file)).toBe(second);
});
