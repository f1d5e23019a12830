import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { migrateLedger } from '@keelson/finance-sink';
import { createWorld } from '@keelson/sandbox';
import { freshDatabase } from '@keelson/testkit';
import type { TestDatabase } from '@keelson/testkit';
import pg from 'pg';
import { readSecretFile } from '../../infra/local/src/system/secrets.ts';
import { createInstallation } from './harness/installation.ts';
import type { Installation } from './harness/installation.ts';
import { stopwatch } from './harness/report.ts';
import { companyDeliveries, killAtEachPoint, sinkPoints } from './harness/sink-kills.ts';

/* The real finance sink on a real PostgreSQL, killed once at each point: each fact is posted exactly once. */

const role = 'keelson_fault_test';
let installation: Installation;
let database: TestDatabase;

beforeAll(async () => {
  installation = await createInstallation();
  database = await freshDatabase();
  const { ledgerPassword, ledgerUrl } = installation.secrets;
  await migrateLedger(database.url, { serviceRole: role, passwordFile: ledgerPassword });
  const url = Object.assign(new URL(database.url), {
    username: role,
    password: await readSecretFile(ledgerPassword),
  });
  await writeFile(ledgerUrl, `${url.href}\n`, { mode: 0o600 });
}, 300_000);

afterAll(async () => {
  await installation.close();
  await database.drop();
}, 60_000);

interface LedgerRow {
  readonly entry_id: string;
  readonly event_id: string;
  readonly sum: string;
}

async function ledger(): Promise<LedgerRow[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query<LedgerRow>(
    `select entry_id, event_id, (select sum(abs(amount_minor)) from ledger.line l where l.entry_id = e.entry_id) as sum
       from ledger.entry e`,
  );
  await client.end();
  return rows;
}

test('killed at each point: every fact is posted once and has one receipt', async () => {
  const say = stopwatch('finance-sink');
  const all = companyDeliveries(createWorld({ seed: 31, events: 400 }));
  // A credit note comes before the invoice that it credits: it has to wait, parked.
  const early = all.filter(({ type }) => type.startsWith('credit_note.'));
  const deliveries = [...early, ...all.filter(delivery => !early.includes(delivery))];
  const { hits, works, receipts, open, wrong } = await killAtEachPoint({
    ...{ installation, service: 'finance-sink', target: 'finance', deliveries, parking: early.length },
    env: { KEELSON_FINANCE_ORIGINAL_GRACE_MS: '600000' },
  });
  expect(hits).toEqual(sinkPoints.map(point => `finance-sink:${point}`));
  expect(wrong).toEqual([]);
  const entries = await ledger();
  const effects = receipts.filter(({ outcome }) => outcome === 'applied' || outcome === 'already');
  say(`${works} works, ${effects.length} effects, ${entries.length} entries, ${open} open`);
  expect(effects.length).toBeGreaterThan(50);
  expect(entries.map(({ entry_id }) => entry_id).sort()).toEqual(
    effects.map(({ effect_id }) => effect_id).sort(),
  );
  expect(entries.map(({ event_id }) => event_id).sort()).toEqual(
    effects.map(({ event_id }) => event_id).sort(),
  );
  // Of what was posted when the process died nobody heard: the next one found it there.
  expect(effects.filter(({ outcome }) => outcome === 'already').length).toBeGreaterThan(0);
}, 900_000);
