import type { Row, SqlValue } from '../sqlite.ts';
import { modelOf } from './domain.ts';
import type { Env } from './env.ts';
import { missing, valueError } from './errors.ts';
import { isColumn, linkTableOf, tableOf, type Field } from './models.ts';
import { columnValue, missingRequired } from './values.ts';

export type Values = Readonly<Record<string, unknown>>;

export const json = (ids: readonly number[]): string => JSON.stringify(ids);
export const numberOf = (row: Row, name: string): number => Number(row[name] ?? 0);
export const textOf = (row: Row, name: string): string => String(row[name] ?? '');

export const rowOf = (env: Env, model: string, id: number): Row | undefined =>
  env.db.get(`SELECT * FROM ${tableOf(model)} WHERE id = ?`, id);

/** The rows of `ids`, in that order; the missing ones are left out. */
export function rowsOf(env: Env, model: string, ids: readonly number[]): Row[] {
  const rows = env.db.all(
    `SELECT * FROM ${tableOf(model)} WHERE id IN (SELECT value FROM json_each(?))`,
    json(ids),
  );
  const byId = new Map(rows.map(row => [row['id'], row]));
  return ids.map(id => byId.get(id)).filter(row => row !== undefined);
}

/** The rows of `ids`; throws MissingError when one is not there. */
export function rowsThatExist(env: Env, model: string, ids: readonly number[]): Row[] {
  const rows = rowsOf(env, model, ids);
  if (rows.length === ids.length) return rows;
  const found = new Set(rows.map(row => row['id']));
  throw missing(model, ids.find(id => !found.has(id)) ?? 0, env.uid);
}

/** Makes a record with its defaults and links. Throws for an unknown field, a bad or a missing value. */
export function insertRecord(env: Env, model: string, values: Values): number {
  const fields = modelOf(model).fields;
  const row: Record<string, SqlValue> = { create_date: env.now, write_date: env.now };
  for (const [name, field] of Object.entries(fields)) {
    if (typeof field.default === 'boolean') row[name] = Number(field.default);
    else if (field.default !== undefined) row[name] = field.default;
  }
  Object.assign(row, columnsOf(env, model, values));
  for (const [name, field] of Object.entries(fields)) {
    if (field.required === true && isColumn(field) && (row[name] ?? null) === null) {
      throw missingRequired(model, name);
    }
  }
  const names = Object.keys(row);
  const id = env.db.run(
    `INSERT INTO ${tableOf(model)} (${names.map(name => `"${name}"`).join()}) VALUES (${names.map(() => '?').join()})`,
    ...Object.values(row),
  );
  writeLinks(env, model, [id], values);
  return id;
}

/** Changes records and their stamp, even where nothing differs. */
export function updateRecords(env: Env, model: string, ids: readonly number[], values: Values): void {
  if (ids.length === 0) return;
  const row = { ...columnsOf(env, model, values), write_date: env.now };
  const sets = Object.keys(row).map(name => `"${name}" = ?`);
  env.db.run(
    `UPDATE ${tableOf(model)} SET ${sets.join()} WHERE id IN (SELECT value FROM json_each(?))`,
    ...Object.values(row),
    json(ids),
  );
  writeLinks(env, model, ids, values);
}

/** Removes records with their external ids. */
export function deleteRecords(env: Env, model: string, ids: readonly number[]): void {
  const list = json(ids);
  env.db.run(`DELETE FROM ${tableOf(model)} WHERE id IN (SELECT value FROM json_each(?))`, list);
  env.db.run(
    'DELETE FROM ir_model_data WHERE model = ? AND res_id IN (SELECT value FROM json_each(?))',
    model,
    list,
  );
}

function columnsOf(env: Env, model: string, values: Values): Record<string, SqlValue> {
  const row: Record<string, SqlValue> = {};
  for (const [name, value] of Object.entries(values)) {
    const field = modelOf(model).fields[name];
    if (field === undefined) throw valueError(`Invalid field '${name}' in '${model}'`);
    if (isColumn(field) && name !== 'id') row[name] = columnValue(env, model, name, field, value);
  }
  return row;
}

function writeLinks(env: Env, model: string, ids: readonly number[], values: Values): void {
  for (const [name, value] of Object.entries(values)) {
    const field = modelOf(model).fields[name];
    if (field?.type !== 'many2many' || field.computed === true) continue;
    for (const id of ids) applyLinks(env, linkTableOf(model, name), id, value);
  }
}

/** The commands of a many2many: 3 unlink, 4 link, 5 clear, 6 replace; a plain list of ids replaces. */
function applyLinks(env: Env, table: string, source: number, value: unknown): void {
  const commands = Array.isArray(value) ? (value as unknown[]) : [];
  const clear = () => env.db.run(`DELETE FROM ${table} WHERE source = ?`, source);
  const link = (id: unknown) =>
    env.db.run(`INSERT OR IGNORE INTO ${table} VALUES (?, ?)`, source, Number(id));
  if (commands.every(command => typeof command === 'number')) {
    clear();
    commands.forEach(link);
    return;
  }
  for (const command of commands) {
    const [kind, id, list] = Array.isArray(command) ? (command as unknown[]) : [4, command, undefined];
    if (kind === 3 || kind === 2)
      env.db.run(`DELETE FROM ${table} WHERE source = ? AND target = ?`, source, Number(id));
    if (kind === 4) link(id);
    if (kind === 5 || kind === 6) clear();
    if (kind === 6 && Array.isArray(list)) list.forEach(link);
  }
}

/** The ids a many2many of one record leads to. */
export const linked = (env: Env, model: string, name: string, id: number): number[] =>
  env.db
    .all(`SELECT target FROM ${linkTableOf(model, name)} WHERE source = ? ORDER BY target`, id)
    .map(row => Number(row['target']));

/** True for a field callers may see. */
export const visible = (field: Field): boolean => field.hidden !== true;
