import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { lockDataFolder } from './data-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keelson-folder-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a data folder serves one process at a time', async () => {
  const unlock = await lockDataFolder(folder);
  await expect(lockDataFolder(folder)).rejects.toThrow(
    `in use by process ${process.pid}. Stop that one first`,
  );
  await unlock();
  await (
    await lockDataFolder(folder)
  )();
});

test('the note of a process that has ended, or that another has replaced, counts for nothing', async () => {
  await writeFile(join(folder, 'in-use.json'), JSON.stringify({ pid: process.pid, startedAt: 'long ago' }));
  await (
    await lockDataFolder(folder)
  )();
});

test('a half-written note counts for nothing', async () => {
  await writeFile(join(folder, 'in-use.json'), '{"pid":');
  await (
    await lockDataFolder(folder)
  )();
});
