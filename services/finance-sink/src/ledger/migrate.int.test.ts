import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { freshDatabase } from '@keelson/testkit';
import type { TestDatabase } from '@keelson/testkit';
import {
  asService,
  ledgerOptions,
  migrate,
  run,
  serviceRole,
  withPasswordFile,
} from '../testing/test-ledger.ts';
import type { LedgerOptions } from './ledger.ts';
import { openLedger } from './ledger.ts';
import { migrateLedger } from './migrate.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
}, 120_000);
afterEach(() => database.drop());

const again = () =>
  withPasswordFile(passwordFile => migrateLedger(database.url, { serviceRole, passwordFile }));

async function checked(url: string, change: Partial<LedgerOptions> = {}): Promise<void> {
  const ledger = openLedger(ledgerOptions(url, change));
  try {
    await ledger.check();
  } finally {
    await ledger.close();
  }
}

describe('migrating', () => {
  test('applies what is missing once, though two do it at one time', async () => {
    const results = await Promise.all([again(), again()]);
    expect(results.map(({ applied }) => applied.length).sort()).toEqual([0, 1]);
    expect(await again()).toEqual({ applied: [] });
    await checked(asService(database.url));
  });

  test('refuses a migration that was changed afterwards, and one that it does not know', async () => {
    await migrate(database.url);
    await run(database.url, `update keelson_migrations.ledger set checksum = 'other'`);
    await expect(again()).rejects.toThrow('0001-ledger.sql was changed after it was applied');
    await run(database.url, `insert into keelson_migrations.ledger values (9999, '9999-later.sql', 'x')`);
    await run(database.url, `delete from keelson_migrations.ledger where version = 1`);
    await expect(again()).rejects.toThrow('9999-later.sql');
  });

  test('refuses to make the owner the service role', async () => {
    const owner = decodeURIComponent(new URL(database.url).username);
    const attempt = withPasswordFile(passwordFile =>
      migrateLedger(database.url, { serviceRole: owner, passwordFile }),
    );
    await expect(attempt).rejects.toThrow('cannot be its service role');
  });

  test('takes back what the role was given besides', async () => {
    await migrate(database.url);
    await run(database.url, `grant update, delete on ledger.line to ${serviceRole}`);
    await again();
    await checked(asService(database.url));
  });
});

describe('the check at start', () => {
  const faultsOf = (change = {}) =>
    checked(asService(database.url), change).then(
      () => '',
      (error: Error & { kind?: string }) => `${error.kind}: ${error.message}`,
    );

  test('says that the ledger was never migrated', async () => {
    await withPasswordFile(async passwordFile => {
      const other = await freshDatabase();
      await migrateLedger(other.url, { serviceRole, passwordFile });
      await other.drop();
    });
    expect(await faultsOf()).toMatch(/^misconfigured: the ledger was not migrated/);
  });

  test('refuses a superuser, unless told', async () => {
    await migrate(database.url);
    await expect(checked(database.url)).rejects.toMatchObject({
      kind: 'misconfigured',
      message: expect.stringContaining('superuser'),
    });
    await checked(database.url, { allowPrivilegedRole: true });
  });

  test('says every fault at once', async () => {
    await migrate(database.url);
    await run(
      database.url,
      `grant update (account) on ledger.line to ${serviceRole};
       grant truncate on ledger.entry to ${serviceRole};
       grant create on schema ledger to ${serviceRole};
       alter table ledger.line disable trigger lines_complete;
       alter table ledger.entry enable trigger entries_complete;`,
    );
    const faults = await faultsOf();
    for (const fault of [
      'lines_complete on ledger.line is missing or off',
      'entries_complete on ledger.entry is missing or off',
      'may update columns of ledger.line',
      'may truncate ledger.entry',
      'may create objects in the schema ledger',
    ]) {
      expect(faults).toContain(fault);
    }
  });

  test.each([
    ['an owner', `alter table ledger.line owner to ${serviceRole}`, 'owns ledger.line'],
    [
      'a role that may not post',
      `revoke insert on ledger.line from ${serviceRole}; revoke all on ledger.line from ${serviceRole}`,
      'may not insert ledger.line',
    ],
    ['a missing migration', 'delete from keelson_migrations.ledger', '0001-ledger.sql is missing'],
    [
      'a missing guard',
      'drop trigger entry_append_only on ledger.entry',
      'entry_append_only on ledger.entry is missing',
    ],
  ])('refuses %s', async (_name, sql, fault) => {
    await migrate(database.url);
    await run(database.url, sql);
    expect(await faultsOf()).toContain(fault);
  });
});
