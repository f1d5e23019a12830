import { compileDomain, modelOf } from './domain.ts';
import type { Env } from './env.ts';
import { attributeError } from './errors.ts';
import { isDate } from './dates.ts';
import { recordOf } from './external-ids.ts';
import { tableOf, type Field } from './models.ts';
import { numberOf } from './records.ts';
import { selectionOf } from './values.ts';

/** What `load` answers about a row. */
export type Message = {
  rows: { from: number; to: number };
  type: 'error' | 'warning';
  record: number;
  field?: string;
  message: string;
  moreinfo?: unknown;
  field_name?: string;
};

/** What is wrong with a cell. */
export type CellProblem = { message: string; moreinfo?: unknown; field?: string };
export type Cell = { value: unknown } | { problem: CellProblem };

const ok = (value: unknown): Cell => ({ value });
const bad = (message: string, moreinfo?: unknown): Cell => ({
  problem: { message, ...(moreinfo === undefined ? {} : { moreinfo }) },
});

const yes = new Set(['1', 'true', 'yes']);
const no = new Set(['', '0', 'false', 'no']);

/** Turns a cell of `load` into a value; strings are what it is made for. */
export function convertCell(env: Env, model: string, name: string, field: Field, cell: unknown): Cell {
  if (cell === '' || cell === null || cell === undefined || cell === false) return ok(false);
  const label = field.string;
  if (field.type === 'boolean') {
    if (typeof cell !== 'string')
      throw attributeError(`'${pythonType(cell)}' object has no attribute 'lower'`);
    const text = cell.toLowerCase();
    if (yes.has(text)) return ok(true);
    if (no.has(text)) return ok(false);
    return bad(`Unknown value '${cell}' for boolean field '${label}'`, "Use '1' for yes and '0' for no");
  }
  const text = typeof cell === 'string' ? cell : JSON.stringify(cell);
  switch (field.type) {
    case 'integer':
      return /^\s*[+-]?\d+\s*$/.test(text)
        ? ok(Number(text))
        : bad(`'${text}' does not seem to be an integer for field '${label}'`);
    case 'float':
    case 'monetary':
      return text.trim() !== '' && Number.isFinite(Number(text))
        ? ok(Number(text))
        : bad(`'${text}' does not seem to be a number for field '${label}'`);
    case 'date':
      return isDate(text.slice(0, 10))
        ? ok(text.slice(0, 10))
        : bad(
            `'${text}' does not seem to be a valid date for field '${label}'`,
            "Use the format '2012-12-31'",
          );
    case 'selection':
      return chosen(env, model, name, field, text);
    default:
      return ok(text);
  }
}

const pythonType = (value: unknown): string =>
  typeof value === 'boolean'
    ? 'bool'
    : typeof value === 'number'
      ? Number.isInteger(value)
        ? 'int'
        : 'float'
      : 'list';

function chosen(env: Env, model: string, name: string, field: Field, text: string): Cell {
  const options = selectionOf(env, model, name, field);
  const found = options.find(([key, label]) => key === text || label === text);
  if (found !== undefined) return ok(found[0]);
  return bad(
    `Value '${text}' not found in selection field '${field.string}'`,
    options.map(([, label]) => label),
  );
}

/** The record a cell of a relation names: by name, external id (`id`) or database id (`.id`). */
export function convertReference(env: Env, field: Field, by: string | undefined, cell: unknown): Cell {
  if (cell === '' || cell === null || cell === undefined || cell === false) return ok(false);
  const relation = field.relation ?? '';
  const text = typeof cell === 'string' ? cell : JSON.stringify(cell);
  const possible = (resource: string, extra: Record<string, unknown> = {}) => ({
    name: 'Possible Values',
    type: 'ir.actions.act_window',
    target: 'new',
    view_mode: 'list,form',
    views: [
      [false, 'list'],
      [false, 'form'],
    ],
    context: { create: false },
    help: 'See all possible values',
    res_model: resource,
    ...extra,
  });
  if (by === 'id') {
    const id = recordOf(env, text, relation);
    if (id !== undefined) return ok(id);
    return bad(
      `No matching record found for external id '${text}' in field '${field.string}'`,
      possible('ir.model.data', { domain: [['model', '=', relation]] }),
    );
  }
  const id = by === '.id' ? byDatabaseId(env, relation, text) : byName(env, relation, text);
  if (id !== undefined) return ok(id);
  const kind = by === '.id' ? 'database id' : 'name';
  return bad(`No matching record found for ${kind} '${text}' in field '${field.string}'`, possible(relation));
}

export function byDatabaseId(env: Env, model: string, text: string): number | undefined {
  const id = Number(text);
  if (!Number.isInteger(id)) return undefined;
  return env.db.get(`SELECT id FROM ${tableOf(model)} WHERE id = ?`, id) === undefined ? undefined : id;
}

function byName(env: Env, model: string, text: string): number | undefined {
  const condition = compileDomain(model, [['display_name', '=', text]]);
  const active = modelOf(model).fields['active'] === undefined ? '' : 'active = 1 AND';
  const row = env.db.get(
    `SELECT id FROM ${tableOf(model)} WHERE ${active} (${condition.sql}) ORDER BY id LIMIT 1`,
    ...condition.values,
  );
  return row === undefined ? undefined : numberOf(row, 'id');
}
