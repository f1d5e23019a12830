import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseSteps, playStep, type Bindings } from './replay.ts';
import { startOdoo, type Running } from './server.ts';

// In this order: each goes on where the one before it ended, as when it was recorded.
const scenarios = [
  '00-setup',
  '01-errors',
  '02-fields',
  '03-partners',
  '03b-rights',
  '04a-invoice-load',
  '04b-invoice-post',
  '04c-invoice-currency',
  '04d-invoice-tax',
  '05-credit-notes',
  '06-payments',
  '07-concurrency',
  '09-polling',
  '04f-lock-dates',
];
const logins = ['admin', 'invoicing', 'plain', 'bot'] as const;

describe('the stand-in answers as a real Odoo 19 was recorded to', () => {
  let directory: string;
  let odoo: Running;
  const differences = new Map<string, string[]>();
  const played = new Map<string, number>();

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'keelson-odoo-'));
    odoo = await startOdoo({
      port: 0,
      dataDirectory: directory,
      database: 'odoo19',
      apiKeys: logins.map(login => ({ key: `key-of-${login}`, login })),
      now: () => new Date('2026-11-23T11:04:47Z'),
      severalDatabases: true,
    });
    const server = { url: odoo.url, database: 'odoo19', keyOf: (user: string) => `key-of-${user}` };
    const bindings: Bindings = new Map();
    for (const scenario of scenarios) {
      const steps = parseSteps(
        await readFile(new URL(`fixtures/${scenario}.jsonl`, import.meta.url), 'utf8'),
      );
      const found: string[] = [];
      for (const step of steps) {
        const differs = await playStep(server, step, bindings);
        found.push(...differs.map(text => `${step.note}: ${text}`));
      }
      differences.set(scenario, found);
      played.set(scenario, steps.length);
    }
  });

  afterAll(async () => {
    await odoo.close();
    await rm(directory, { recursive: true });
  });

  test.each(scenarios)('%s', scenario => {
    expect(played.get(scenario)).toBeGreaterThan(0);
    expect(differences.get(scenario)).toEqual([]);
  });
});
