import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { odooSuite } from './odoo.suite.ts';
import { startOdoo, type Running } from './server.ts';

let running: Running | undefined;
let directory: string | undefined;

odooSuite('stand-in', async () => {
  directory = await mkdtemp(join(tmpdir(), 'keelson-odoo-'));
  running = await startOdoo({
    port: 0,
    dataDirectory: directory,
    database: 'books',
    apiKeys: ['key-of-the-bot'],
  });
  return { url: running.url, database: 'books', apiKey: 'key-of-the-bot' };
});

// The same suite against a real server, where one is named.
const { ODOO_URL: url, ODOO_DB: database, ODOO_API_KEY: apiKey } = process.env;
if (url !== undefined && database !== undefined && apiKey !== undefined) {
  odooSuite('real server', async () => ({ url, database, apiKey }));
}

afterAll(async () => {
  await running?.close();
  if (directory !== undefined) await rm(directory, { recursive: true });
});
