import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { deskSuite } from './desk.suite.ts';
import { startDesk, type RunningDesk } from './server.ts';

let running: RunningDesk | undefined;
let directory: string | undefined;

deskSuite('stand-in', async () => {
  directory = await mkdtemp(join(tmpdir(), 'keelson-desk-'));
  running = await startDesk({ port: 0, dataDirectory: directory, apiTokens: ['token-of-the-desk'] });
  return { url: running.url, apiToken: 'token-of-the-desk' };
});

afterAll(async () => {
  await running?.close();
  if (directory !== undefined) await rm(directory, { recursive: true });
});
