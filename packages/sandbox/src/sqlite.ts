import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

export type SqlValue = string | number | null;
export type Row = Record<string, SqlValue>;

/** A synchronous SQLite file. What a transaction has committed survives the process being killed at once after. */
export type Database = {
  all(sql: string, ...values: SqlValue[]): Row[];
  get(sql: string, ...values: SqlValue[]): Row | undefined;
  /** Answers the id of the row inserted last. */
  run(sql: string, ...values: SqlValue[]): number;
  exec(sql: string): void;
  /** Runs `body`; commits what it wrote, or takes all of it back when it throws. Nests. */
  transaction<T>(body: () => T): T;
  /** Runs `body` and takes back all it wrote, whatever happens. */
  rehearse<T>(body: () => T): T;
  addFunction(name: string, body: (...values: SqlValue[]) => number): void;
  close(): void;
};

/** Opens `file`, making its directory where it is missing. */
export function openDatabase(file: string): Database {
  mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file);
  // WAL with NORMAL: a commit is in the kernel's hands before it returns, so a killed process loses nothing.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -32000');
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    if (statements.size > 500) statements.clear();
    const statement = database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  let depth = 0;
  const nested = <T>(body: () => T, keep: boolean): T => {
    const name = `s${String(depth)}`;
    database.exec(depth === 0 ? 'BEGIN IMMEDIATE' : `SAVEPOINT ${name}`);
    depth += 1;
    let kept = false;
    try {
      const result = body();
      kept = keep;
      return result;
    } finally {
      depth -= 1;
      if (depth === 0) database.exec(kept ? 'COMMIT' : 'ROLLBACK');
      else database.exec(kept ? `RELEASE ${name}` : `ROLLBACK TO ${name}; RELEASE ${name}`);
    }
  };
  return {
    all: (sql, ...values) => prepare(sql).all(...(values as SQLInputValue[])) as Row[],
    get: (sql, ...values) => prepare(sql).get(...(values as SQLInputValue[])) as Row | undefined,
    run: (sql, ...values) => Number(prepare(sql).run(...(values as SQLInputValue[])).lastInsertRowid),
    exec: sql => database.exec(sql),
    transaction: body => nested(body, true),
    rehearse: body => nested(body, false),
    addFunction: (name, body) =>
      database.function(name, { deterministic: true, varargs: true }, (...values) =>
        body(...(values as SqlValue[])),
      ),
    close: () => database.close(),
  };
}
