import { misconfigured } from '@keelson/contracts';
import type { Connection } from './connection.ts';
import { knownMigrations } from './migrate.ts';

/**
 * Whether the database guards this ledger against this very service.
 *
 * @throws misconfigured with every fault: migrations that differ, a role that could change what is posted, a guard that
 * is missing or off.
 */
export async function checkLedger(connection: Connection, allowPrivilegedRole: boolean): Promise<void> {
  const migrations = await migrationFaults(connection);
  // Without its tables there is nothing more to ask.
  const faults =
    migrations.length > 0
      ? migrations
      : [
          ...(await grantFaults(connection)),
          ...(await guardFaults(connection)),
          ...(allowPrivilegedRole ? [] : await roleFaults(connection)),
        ];
  if (faults.length > 0) throw misconfigured('ledger', faults.join('; '));
}

async function migrationFaults(connection: Connection): Promise<readonly string[]> {
  const [there] = await connection.query<{ there: boolean }>(
    `select to_regclass('keelson_migrations.ledger') is not null
            and has_table_privilege(to_regclass('keelson_migrations.ledger'), 'select') as there`,
    [],
  );
  if (there?.there !== true) return ['the ledger was not migrated, or not for this role'];
  const rows = await connection.query<{ version: number; checksum: string }>(
    'select version, checksum from keelson_migrations.ledger',
    [],
  );
  const applied = new Map(rows.map(row => [row.version, row.checksum]));
  const known = await knownMigrations();
  const faults = known
    .filter(({ version, checksum }) => applied.get(version) !== checksum)
    .map(({ version, name }) =>
      applied.has(version) ? `${name} was applied in another form` : `${name} is missing`,
    );
  for (const version of applied.keys()) {
    if (!known.some(migration => migration.version === version))
      faults.push(`migration ${version} is unknown here`);
  }
  return faults;
}

async function grantFaults(connection: Connection): Promise<readonly string[]> {
  const rows = await connection.query<{ fault: string }>(
    `select format('the role may not %s %s', privilege, relation) as fault
     from unnest(array['ledger.entry', 'ledger.line']) relation, unnest(array['select', 'insert']) privilege
     where not has_any_column_privilege(relation, privilege)`,
    [],
  );
  return rows.map(row => row.fault);
}

/** The triggers that hold the books together, each there and always on. */
async function guardFaults(connection: Connection): Promise<readonly string[]> {
  const rows = await connection.query<{ fault: string }>(
    `select format('the trigger %s on %s is missing or off', guard, relation) as fault
     from (values ('ledger.line', 'lines_complete'), ('ledger.line', 'line_append_only'),
                  ('ledger.entry', 'entries_complete'), ('ledger.entry', 'entry_append_only')) g(relation, guard)
     where not exists (select from pg_trigger t
                       where t.tgrelid = relation::regclass and t.tgname = guard and t.tgenabled = 'A')`,
    [],
  );
  return rows.map(row => row.fault);
}

/** Whatever would let this role change, empty or rebuild the ledger, or step around its guards. */
async function roleFaults(connection: Connection): Promise<readonly string[]> {
  const rows = await connection.query<{ fault: string }>(
    `with me as (select r.* from pg_roles r where r.rolname = current_user),
     mine as (select c.oid, c.oid::regclass::text as name, c.relowner from pg_class c
              join pg_namespace n on n.oid = c.relnamespace
              where n.nspname in ('ledger', 'keelson_migrations') and c.relkind in ('r', 'p'))
     select format('the role %s is a superuser', rolname) as fault from me where rolsuper
     union all
     select format('the role %s may make roles', rolname) from me where rolcreaterole and not rolsuper
     union all
     select format('the role %s owns %s', me.rolname, mine.name) from me, mine
       where not me.rolsuper and pg_has_role(me.oid, mine.relowner, 'member')
     union all
     select format('the role %s may %s %s', me.rolname, privilege, mine.name)
       from me, mine, unnest(array['update', 'delete', 'truncate', 'trigger']) privilege
       where not me.rolsuper and not pg_has_role(me.oid, mine.relowner, 'member')
         and has_table_privilege(me.oid, mine.oid, privilege)
     union all
     select format('the role %s may update columns of %s', me.rolname, mine.name)
       from me, mine
       where not me.rolsuper and not has_table_privilege(me.oid, mine.oid, 'update')
         and has_any_column_privilege(me.oid, mine.oid, 'update')
     union all
     select format('the role %s may create objects in the schema ledger', me.rolname)
       from me where not me.rolsuper and has_schema_privilege(me.oid, 'ledger', 'create')
     union all
     select format('the role %s may set session_replication_role', me.rolname)
       from me where not me.rolsuper and has_parameter_privilege(me.oid, 'session_replication_role', 'set')`,
    [],
  );
  return rows.map(row => row.fault);
}
