import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';

/** How far into its changelog a table has read, and under which circumstances. */
export interface Checkpoint {
  readonly offset: bigint;
  readonly clusterId: string;
  readonly generation: number;
  readonly timeMs: number;
}

/** One changelog's local copy: encoded values by key. A cache, which can be deleted at any time. */
export interface LocalTable {
  get(key: string): Uint8Array | undefined;
  /** The first `limit` entries after `from` (from it on when `inclusive`), ordered by their keys' UTF-8 bytes. */
  page(from: string, inclusive: boolean, limit: number): readonly { key: string; value: Uint8Array }[];
  put(key: string, value: Uint8Array, timestampMs: number): void;
  delete(key: string): void;
  /** Removes what was written before `timestampMs`; returns how many. */
  expire(timestampMs: number): number;
  count(): number;
  checkpoint(): Checkpoint | undefined;
  setCheckpoint(checkpoint: Checkpoint): void;
  /** Forgets entries and checkpoint. */
  wipe(): void;
}

/** All tables of one task. Entries and checkpoints written within `write` become visible together or not at all. */
export interface LocalStore {
  /** Not within `write` when asked for the first time. `expires`: entries will be removed by time, so time gets an index. */
  table(name: string, options?: { readonly expires?: boolean }): LocalTable;
  write<T>(work: () => T): T;
  close(): void;
}

const slots = 8;

export interface LocalStoreOptions {
  /** What differs after every start of the operating system; null where nobody can say. */
  readonly bootId?: string | null;
}

/**
 * Opens the store of a task, alone: SQLite holds an exclusive lock on the file for as long as it is open, and the
 * operating system releases it when the process ends, however it ends. When somebody else holds it (a stopped process,
 * a second member with the same directory), the next free slot is taken; its checkpoint says how much of it is usable.
 *
 * Where the boot is known, nothing is forced to disk while the store is open, as a process that dies loses nothing that
 * it gave to the operating system. What only a crash of the machine itself can damage, a store left open under another
 * boot, is not trusted: it is emptied, and restored from its changelog.
 */
export function openLocalStore(
  directory: string,
  name: string,
  { bootId = bootIdOfLinux() }: LocalStoreOptions = {},
): LocalStore {
  mkdirSync(directory, { recursive: true });
  for (let slot = 0; slot < slots; slot++) {
    const path = join(directory, slot === 0 ? `${name}.sqlite` : `${name}.${slot}.sqlite`);
    const database = openExclusively(path, bootId);
    if (database !== undefined) return createLocalStore(database);
  }
  throw new Error(`all ${slots} local stores ${name} in ${directory} are in use`);
}

function bootIdOfLinux(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return null;
  }
}

function openExclusively(path: string, bootId: string | null): DatabaseSync | undefined {
  for (const attempt of ['as it is', 'anew']) {
    const database = new DatabaseSync(path);
    try {
      // Exclusive before WAL: no shared-memory file. NORMAL cannot lose consistency, only the last writes on power loss.
      // Pages of 8 KiB make a restore a fifth faster than SQLite's own size, and cost a batch little; a service has a
      // store for each of its tasks, so the cache of each is small (the hot entries are kept decoded above it).
      database.exec(
        'PRAGMA page_size=8192; PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-4096;',
      );
      database.exec(
        `BEGIN EXCLUSIVE;
         CREATE TABLE IF NOT EXISTS checkpoint(name TEXT PRIMARY KEY, offset TEXT, cluster TEXT, generation INTEGER, time INTEGER);
         CREATE TABLE IF NOT EXISTS left_open(boot TEXT NOT NULL);
         COMMIT;`,
      );
      const left = database.prepare('SELECT boot FROM left_open').all();
      if (left.some(({ boot }) => boot !== bootId)) throw new Error('left open by another boot');
      if (bootId !== null) {
        database
          .prepare('INSERT INTO left_open SELECT ? WHERE NOT EXISTS (SELECT * FROM left_open)')
          .run(bootId);
        database.exec('PRAGMA wal_checkpoint(TRUNCATE); PRAGMA synchronous=OFF;');
      }
      return database;
    } catch (error) {
      database.close();
      if (isLocked(error)) return undefined;
      if (attempt === 'anew') throw error;
      for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true });
    }
  }
  return undefined;
}

const isLocked = (error: unknown): boolean => {
  const code = (error as { errcode?: number }).errcode ?? 0;
  return (code & 0xff) === 5 || (code & 0xff) === 6;
};

function createLocalStore(database: DatabaseSync): LocalStore {
  const tables = new Map<string, LocalTable>();
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const rollback = database.prepare('ROLLBACK');
  let writing = false;
  return {
    table(name, { expires = false } = {}) {
      if (writing && !tables.has(name))
        throw new Error(`table ${name} must be opened before it is written to`);
      const table = tables.get(name) ?? createTable(database, name, expires);
      tables.set(name, table);
      return table;
    },
    write(work) {
      begin.run();
      writing = true;
      try {
        const result = work();
        commit.run();
        return result;
      } catch (error) {
        rollback.run();
        throw error;
      } finally {
        writing = false;
      }
    },
    close() {
      try {
        // All of it is on disk before the store says that it was closed: a checkpoint that has something to copy syncs the
        // whole file, and the update gives it something.
        database.exec(
          'PRAGMA synchronous=FULL; UPDATE left_open SET boot = boot; PRAGMA wal_checkpoint(TRUNCATE); DELETE FROM left_open;',
        );
      } finally {
        database.close();
      }
    },
  };
}

function createTable(database: DatabaseSync, name: string, expires: boolean): LocalTable {
  const quoted = `"store ${name.replaceAll('"', '""')}"`;
  database.exec(
    `CREATE TABLE IF NOT EXISTS ${quoted}(key TEXT PRIMARY KEY, value BLOB NOT NULL, time INTEGER NOT NULL) WITHOUT ROWID`,
  );
  if (expires)
    database.exec(`CREATE INDEX IF NOT EXISTS "time of ${name.replaceAll('"', '""')}" ON ${quoted}(time)`);
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  const get = prepare(`SELECT value FROM ${quoted} WHERE key = ?`);
  const put = prepare(`INSERT OR REPLACE INTO ${quoted}(key, value, time) VALUES (?, ?, ?)`);
  const remove = prepare(`DELETE FROM ${quoted} WHERE key = ?`);
  const after = prepare(`SELECT key, value FROM ${quoted} WHERE key > ? ORDER BY key LIMIT ?`);
  const from = prepare(`SELECT key, value FROM ${quoted} WHERE key >= ? ORDER BY key LIMIT ?`);
  const expire = prepare(`DELETE FROM ${quoted} WHERE time < ?`);
  const count = prepare(`SELECT count(*) AS entries FROM ${quoted}`);
  const readCheckpoint = prepare('SELECT offset, cluster, generation, time FROM checkpoint WHERE name = ?');
  const writeCheckpoint = prepare(
    'INSERT OR REPLACE INTO checkpoint(name, offset, cluster, generation, time) VALUES (?, ?, ?, ?, ?)',
  );
  const forget = prepare('DELETE FROM checkpoint WHERE name = ?');
  type Page = readonly { key: string; value: Uint8Array }[];
  return {
    get: key => (get.get(key) as { value: Uint8Array } | undefined)?.value,
    page: (start, inclusive, limit) => (inclusive ? from : after).all(start, limit) as unknown as Page,
    put: (key, value, timestampMs) => void put.run(key, value, timestampMs),
    delete: key => void remove.run(key),
    expire: timestampMs => Number(expire.run(timestampMs).changes),
    count: () => (count.get() as { entries: number }).entries,
    checkpoint() {
      const row = readCheckpoint.get(name) as
        { offset: string; cluster: string; generation: number; time: number } | undefined;
      return (
        row && {
          offset: BigInt(row.offset),
          clusterId: row.cluster,
          generation: row.generation,
          timeMs: row.time,
        }
      );
    },
    setCheckpoint: ({ offset, clusterId, generation, timeMs }) =>
      void writeCheckpoint.run(name, String(offset), clusterId, generation, timeMs),
    wipe() {
      database.exec(`DELETE FROM ${quoted}`);
      forget.run(name);
    },
  };
}
