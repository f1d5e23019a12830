import pg from 'pg';
import type { Client } from 'pg';
import { scramVerifier } from './scram.ts';

/** All that the database itself fills in: no role may write it. */
const filledIn = new Set(['entry_no', 'posted_at']);

/**
 * Makes the role if it is missing, sets its password, and gives it reading and inserting: nothing else.
 *
 * @throws Error when the role is the one that migrates.
 */
export async function grantServiceRole(client: Client, role: string, password: string): Promise<void> {
  const name = pg.escapeIdentifier(role);
  const { rows: self } = await client.query<{ same: boolean }>('select current_user = $1 as same', [role]);
  if (self[0]?.same === true) throw new Error(`${role} owns the ledger and cannot be its service role`);
  await createRole(client, name);
  await client.query(`alter role ${name} password ${pg.escapeLiteral(scramVerifier(password))}`);
  const insertable = async (table: string): Promise<string> => {
    const { rows } = await client.query<{ name: string }>(
      `select column_name as name from information_schema.columns where table_schema = 'ledger' and table_name = $1
       order by ordinal_position`,
      [table],
    );
    return rows
      .filter(column => !filledIn.has(column.name))
      .map(column => pg.escapeIdentifier(column.name))
      .join(', ');
  };
  await client.query(`
    begin;
    revoke all on all tables in schema ledger, keelson_migrations from public, ${name};
    revoke all on schema ledger, keelson_migrations from public, ${name};
    grant usage on schema ledger, keelson_migrations to ${name};
    grant select on all tables in schema ledger, keelson_migrations to ${name};
    grant insert (${await insertable('entry')}) on ledger.entry to ${name};
    grant insert (${await insertable('line')}) on ledger.line to ${name};
    commit;`);
}

/** Roles belong to the whole server, so another database's migration may make it at the same time. */
async function createRole(client: Client, name: string): Promise<void> {
  try {
    await client.query(
      `create role ${name} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls noinherit`,
    );
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code !== '42710' && code !== '23505') throw error;
  }
}
