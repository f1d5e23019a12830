import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshDatabase } from '@keelson/testkit';
import pg from 'pg';
import { createLedgerPort } from '../ledger-port.ts';
import { openLedger } from '../ledger/ledger.ts';
import type { LedgerOptions } from '../ledger/ledger.ts';
import { migrateLedger } from '../ledger/migrate.ts';
import { testChart } from './chart.ts';

export const serviceRole = 'keelson_ledger_test';
export const password = "a'b\\c:d@e";

/** A migrated ledger of the test's own. */
export interface TestLedger {
  readonly ownerUrl: string;
  readonly serviceUrl: string;
  readonly drop: () => Promise<void>;
}

export async function freshLedger(): Promise<TestLedger> {
  const { url, drop } = await freshDatabase({ name: 'finance-ledger', prepare: migrate });
  return { ownerUrl: url, serviceUrl: asService(url), drop };
}

export async function migrate(url: string): Promise<void> {
  await withPasswordFile(passwordFile => migrateLedger(url, { serviceRole, passwordFile }));
}

/** A file that holds the service role's password, for as long as `act` runs. */
export async function withPasswordFile<R>(act: (file: string) => Promise<R>): Promise<R> {
  const folder = await mkdtemp(join(tmpdir(), 'keelson-ledger-'));
  try {
    const file = join(folder, 'password');
    await writeFile(file, `${password}\n`, { mode: 0o600 });
    return await act(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

export const asService = (ownerUrl: string): string =>
  Object.assign(new URL(ownerUrl), { username: serviceRole, password: encodeURIComponent(password) }).href;

export const ledgerOptions = (url: string, change: Partial<LedgerOptions> = {}): LedgerOptions => ({
  url,
  maxConnections: 2,
  connectTimeoutMs: 5_000,
  statementTimeoutMs: 10_000,
  allowPrivilegedRole: false,
  ...change,
});

export const portOn = (url: string, change: Partial<LedgerOptions> = {}) =>
  createLedgerPort(openLedger(ledgerOptions(url, change)), {
    chart: testChart,
    originalGraceMs: 1,
    maxBatch: 500,
  });

/** Runs SQL with a connection of its own; several statements are possible. */
export async function run(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    type Result = pg.QueryResult<Record<string, unknown>>;
    const result = (await client.query(sql)) as unknown as Result | Result[];
    return (Array.isArray(result) ? result.at(-1) : result)?.rows ?? [];
  } finally {
    await client.end();
  }
}
