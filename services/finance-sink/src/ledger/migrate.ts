import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '@keelson/contracts';
import pg from 'pg';
import { grantServiceRole } from './service-role.ts';

const folder = join(import.meta.dirname, '..', '..', 'migrations');

/** One numbered file of `migrations/`. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
  readonly sql: string;
}

export interface MigrateOptions {
  /** The role that the service posts as; made when it is missing. It must not be the owner. */
  readonly serviceRole: string;
  /** Holds the service role's password in its first line. */
  readonly passwordFile: string;
}

/** All migrations that this version of the service knows, in order. */
export async function knownMigrations(): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter(name => /^\d{4}-.+\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async name => {
      const sql = await readFile(join(folder, name), 'utf8');
      return { version: Number(name.slice(0, 4)), name, checksum: sha256(sql), sql };
    }),
  );
}

/**
 * Brings the ledger's schema up to date as its owner, then gives the service's role what it needs and no more. May be
 * run again at any time, and by several at once.
 *
 * @returns the versions that were applied now.
 * @throws Error when a migration that was applied has another text by now, or the database knows newer ones.
 */
export async function migrateLedger(
  ownerUrl: string,
  { serviceRole, passwordFile }: MigrateOptions,
): Promise<{ readonly applied: readonly number[] }> {
  const password = (await readFile(passwordFile, 'utf8')).split('\n')[0]?.trim() ?? '';
  if (password === '') throw new Error(`${passwordFile} holds no password`);
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'keelson-ledger-migrate' });
  await client.connect();
  try {
    // One at a time; the lock goes with the connection.
    await client.query(`select pg_advisory_lock(hashtext('keelson.ledger.migrate'))`);
    const applied = await applyMissing(client);
    await grantServiceRole(client, serviceRole, password);
    return { applied };
  } finally {
    await client.end();
  }
}

async function applyMissing(client: pg.Client): Promise<readonly number[]> {
  await client.query(`
    create schema if not exists keelson_migrations;
    create table if not exists keelson_migrations.ledger (
      version integer primary key, name text not null, checksum text not null,
      applied_at timestamptz not null default now());`);
  const { rows } = await client.query<{ version: number; name: string; checksum: string }>(
    'select version, name, checksum from keelson_migrations.ledger',
  );
  const done = new Map(rows.map(row => [row.version, row]));
  const known = await knownMigrations();
  for (const row of rows) {
    const same = known.find(migration => migration.version === row.version);
    if (same === undefined) throw new Error(`the ledger has migration ${row.name}, which is not known here`);
    if (same.checksum !== row.checksum) throw new Error(`${same.name} was changed after it was applied`);
  }
  const applied: number[] = [];
  for (const migration of known) {
    if (done.has(migration.version)) continue;
    await inTransaction(client, async () => {
      await client.query(migration.sql);
      await client.query(
        'insert into keelson_migrations.ledger (version, name, checksum) values ($1, $2, $3)',
        [migration.version, migration.name, migration.checksum],
      );
    });
    applied.push(migration.version);
  }
  return applied;
}

async function inTransaction(client: pg.Client, act: () => Promise<void>): Promise<void> {
  await client.query('begin');
  try {
    await act();
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}
