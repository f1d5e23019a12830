import { writeFile } from 'node:fs/promises';
import pg from 'pg';

export const ledgerRole = 'keelson_ledger';

/** An own database for the ledger, made when missing; its URL as the owner. */
export async function ensureLedgerDatabase(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query(`select from pg_database where datname = 'keelson_ledger'`);
    if (rowCount === 0) await client.query('create database keelson_ledger');
  } finally {
    await client.end();
  }
  const url = new URL(databaseUrl);
  url.pathname = '/keelson_ledger';
  return url.toString();
}

/** Writes the URL that the service posts with: its own role, which can insert and read and no more. */
export async function writeServiceUrl(ownerUrl: string, password: string, file: string): Promise<void> {
  const url = new URL(ownerUrl);
  url.username = ledgerRole;
  url.password = password;
  await writeFile(file, url.toString() + '\n', { mode: 0o600 });
}

/** A debit or credit balance per customer, account and currency, in minor units; zero ones left out. */
export interface LedgerBalance {
  readonly customerId: string;
  readonly documentId: string;
  readonly account: string;
  readonly currency: string;
  readonly balanceMinor: bigint;
}

export interface LedgerSnapshot {
  readonly entries: number;
  readonly balanced: boolean;
  readonly balances: readonly LedgerBalance[];
}

/** What the ledger holds, read in one snapshot, with its own check of balance per entry and currency. */
export async function readLedger(ownerUrl: string): Promise<LedgerSnapshot> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    const entries = await client.query<{ count: string }>('select count(*) from ledger.entry');
    const unbalanced = await client.query(
      'select from ledger.line group by entry_id, currency having sum(amount_minor) <> 0 limit 1',
    );
    const balances = await client.query<{
      customer_id: string;
      document_id: string;
      account: string;
      currency: string;
      balance: string;
    }>(
      `select e.customer_id, e.document_id, l.account, l.currency, sum(l.amount_minor) as balance
         from ledger.entry e join ledger.line l using (entry_id)
        group by e.customer_id, e.document_id, l.account, l.currency having sum(l.amount_minor) <> 0`,
    );
    return {
      entries: Number(entries.rows[0]?.count ?? 0),
      balanced: unbalanced.rowCount === 0,
      balances: balances.rows.map(row => ({
        customerId: row.customer_id,
        documentId: row.document_id,
        account: row.account,
        currency: row.currency.trim(),
        balanceMinor: BigInt(row.balance),
      })),
    };
  } finally {
    await client.end();
  }
}
