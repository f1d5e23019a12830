import { KeelsonError } from '@keelson/contracts';
import type { Ledger, PostResult } from '../ledger-port.ts';
import type { Entry } from '../posting/entry.ts';
import { checkLedger } from './check.ts';
import { openConnection } from './connection.ts';
import type { Connection, ConnectionOptions, OnSent } from './connection.ts';
import { isRefusal, refusalOf, statementError } from './errors.ts';
import { insertStatement } from './insert.ts';
import { hashesOf, originalsOf } from './lookup.ts';

export interface LedgerOptions extends ConnectionOptions {
  /** Lets a superuser or the tables' owner post: what the database guards is then guarded no more. */
  readonly allowPrivilegedRole: boolean;
}

/** The ledger in PostgreSQL. */
export function openLedger(options: LedgerOptions): Ledger {
  const connection = openConnection(options);
  return {
    check: () => reading(() => checkLedger(connection, options.allowPrivilegedRole)),
    hashesOf: entryIds => reading(() => hashesOf(connection, entryIds)),
    originalsOf: keys => reading(() => originalsOf(connection, keys)),
    post: (entries, onSent) => postEntries(connection, entries, onSent),
    close: () => connection.close(),
  };
}

async function reading<R>(read: () => Promise<R>): Promise<R> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof KeelsonError ? error : statementError(error, 'read');
  }
}

/** All in one statement; when the database refuses it, each alone, so that one bad entry stops no other. */
async function postEntries(
  connection: Connection,
  entries: readonly Entry[],
  onSent: OnSent | undefined,
): Promise<ReadonlyMap<string, PostResult>> {
  if (entries.length === 0) return new Map();
  try {
    return await postTogether(connection, entries, onSent);
  } catch (error) {
    if (!isRefusal(error)) throw error instanceof KeelsonError ? error : statementError(error, 'write');
    const [only] = entries;
    if (entries.length === 1 && only !== undefined) {
      return new Map([[only.entryId, { result: 'refused', ...refusalOf(error) }]]);
    }
  }
  const results = new Map<string, PostResult>();
  // A reversal after what it reverses.
  const inOrder = [...entries].sort((a, b) => Number(a.reverses !== null) - Number(b.reverses !== null));
  for (const entry of inOrder) {
    for (const [id, result] of await postEntries(connection, [entry], onSent)) results.set(id, result);
  }
  return results;
}

async function postTogether(
  connection: Connection,
  entries: readonly Entry[],
  onSent: OnSent | undefined,
): Promise<ReadonlyMap<string, PostResult>> {
  const { text, values } = insertStatement(entries);
  const rows = await connection.query<{ entry_id: string }>(text, values, onSent);
  const made = new Set(rows.map(row => row.entry_id));
  return new Map(
    entries.map(({ entryId }) => [entryId, { result: made.has(entryId) ? 'posted' : 'present' }] as const),
  );
}
