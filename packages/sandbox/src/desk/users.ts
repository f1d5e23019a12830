import type { Database, Row } from '../sqlite.ts';
import { checkFields, emptyFields, type FieldValue } from './fields.ts';

export type User = Record<string, unknown>;
export type Outcome =
  { status: 'Created' | 'Updated'; user: User } | { status: 'Failed'; error: string; details: string };

const plain = ['name', 'phone', 'details', 'notes', 'locale', 'time_zone', 'role'] as const;

export function createUserTables(db: Database): void {
  db.exec(`
    CREATE TABLE IF NOT EXISTS users (
      id INTEGER PRIMARY KEY AUTOINCREMENT, external_id TEXT UNIQUE, email TEXT UNIQUE,
      body TEXT NOT NULL, user_fields TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
    INSERT OR IGNORE INTO sqlite_sequence (rowid, name, seq)
      SELECT 1, 'users', 360000000000 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'users')`);
}

const failed = (details: string): Outcome => ({ status: 'Failed', error: 'RecordInvalid', details });
const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Makes a user or changes the one with the same external id, or else the same address. Fields not given stay. */
export function upsertUser(db: Database, given: unknown, now: string): Outcome {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return failed('user: must be an object');
  const input = given as Record<string, unknown>;
  const fields = checkFields(input['user_fields']);
  if ('problem' in fields) return failed(fields.problem);
  const externalId = textOf(input['external_id']);
  const email = textOf(input['email'])?.toLowerCase() ?? null;
  const byExternalId = find(db, 'external_id', externalId);
  const byEmail = find(db, 'email', email);
  if (byEmail !== undefined && byExternalId !== byEmail) {
    const other = byExternalId !== undefined && byExternalId['id'] !== byEmail['id'];
    const taken =
      externalId !== null && byEmail['external_id'] !== null && byEmail['external_id'] !== externalId;
    if (other || taken) return failed(`Email: ${email ?? ''} is already being used by another user`);
  }
  const known = byExternalId ?? byEmail;
  if (known === undefined && textOf(input['name']) === null)
    return failed('Name: is too short (minimum one character)');
  const body = { ...(known === undefined ? {} : parse(known, 'body')), ...picked(input) };
  const held =
    known === undefined ? emptyFields() : (parse(known, 'user_fields') as Record<string, FieldValue>);
  const merged = JSON.stringify({ ...held, ...fields.values });
  if (known === undefined) {
    const id = db.run(
      'INSERT INTO users (external_id, email, body, user_fields, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)',
      externalId,
      email,
      JSON.stringify(body),
      merged,
      now,
      now,
    );
    return { status: 'Created', user: userById(db, id) };
  }
  const id = Number(known['id']);
  db.run(
    'UPDATE users SET external_id = ?, email = ?, body = ?, user_fields = ?, updated_at = ? WHERE id = ?',
    externalId ?? known['external_id'] ?? null,
    'email' in input ? email : (known['email'] ?? null),
    JSON.stringify(body),
    merged,
    now,
    id,
  );
  return { status: 'Updated', user: userById(db, id) };
}

const parse = (row: Row, column: string): Record<string, unknown> =>
  JSON.parse(String(row[column])) as Record<string, unknown>;

function picked(input: Record<string, unknown>): Record<string, unknown> {
  const known = plain.filter(name => input[name] !== undefined).map(name => [name, input[name]] as const);
  const tags = Array.isArray(input['tags']) ? { tags: input['tags'] as unknown[] } : {};
  return { ...Object.fromEntries(known), ...tags };
}

const find = (db: Database, column: 'external_id' | 'email', value: string | null): Row | undefined =>
  value === null ? undefined : db.get(`SELECT * FROM users WHERE ${column} = ?`, value);

function shown(row: Row): User {
  const body = parse(row, 'body');
  const defaults = {
    phone: null,
    details: '',
    notes: '',
    locale: 'en-US',
    time_zone: 'UTC',
    role: 'end-user',
    tags: [],
  };
  return {
    id: Number(row['id']),
    url: `/api/v2/users/${String(row['id'])}.json`,
    external_id: row['external_id'] ?? null,
    email: row['email'] ?? null,
    ...defaults,
    ...body,
    active: true,
    created_at: row['created_at'],
    updated_at: row['updated_at'],
    user_fields: parse(row, 'user_fields'),
  };
}

const userById = (db: Database, id: number): User =>
  shown(db.get('SELECT * FROM users WHERE id = ?', id) ?? {});

/** The users with these ids or external ids; those that are not there are left out. */
export const usersBy = (db: Database, column: 'id' | 'external_id', values: readonly string[]): User[] =>
  db
    .all(
      `SELECT * FROM users WHERE ${column} IN (SELECT value FROM json_each(?)) ORDER BY id`,
      JSON.stringify(column === 'id' ? values.map(Number) : values),
    )
    .map(shown);

/** Users after one id, in the order they were made. */
export const usersAfter = (db: Database, id: number, limit: number): User[] =>
  db.all('SELECT * FROM users WHERE id > ? ORDER BY id LIMIT ?', id, limit).map(shown);
