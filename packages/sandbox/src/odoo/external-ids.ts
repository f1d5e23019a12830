import type { Row } from '../sqlite.ts';
import type { Env } from './env.ts';
import { OdooError, validationError, valueError } from './errors.ts';
import { isColumn, modelsByTable, tableOf } from './models.ts';
import { modelOf } from './domain.ts';
import { insertRecord, json, numberOf, type Values } from './records.ts';

/** Splits an external id at its first dot; without one it belongs to `__import__`. */
export function splitExternalId(env: Env, externalId: string): { module: string; name: string } {
  const dot = externalId.indexOf('.');
  if (dot >= 0) return { module: externalId.slice(0, dot), name: externalId.slice(dot + 1) };
  const { module } = env.context;
  return { module: typeof module === 'string' && module !== '' ? module : '__import__', name: externalId };
}

/** The row of `ir.model.data` an external id stands in. */
export function findExternalId(env: Env, externalId: string): Row | undefined {
  const { module, name } = splitExternalId(env, externalId);
  return env.db.get('SELECT * FROM ir_model_data WHERE module = ? AND name = ?', module, name);
}

/** The record an external id names, when it is one of `model`. */
export function recordOf(env: Env, externalId: string, model: string): number | undefined {
  const row = findExternalId(env, externalId);
  return row?.['model'] === model ? numberOf(row, 'res_id') : undefined;
}

export function registerExternalId(env: Env, externalId: string, model: string, id: number): void {
  const { module, name } = splitExternalId(env, externalId);
  createExternalId(env, { module, name, model, res_id: id, noupdate: env.context['noupdate'] === true });
}

/** Stores an external id, under the rules of the table: no space in the name, one per module and name. */
export function createExternalId(env: Env, values: Values): number {
  const { module, name } = values as { module: string; name: string };
  if (typeof name === 'string' && name.includes(' ')) {
    const error = new OdooError(
      422,
      'odoo.exceptions.ValidationError',
      'The operation cannot be completed: External IDs cannot contain spaces',
    );
    error.loadMessage =
      'new row for relation "ir_model_data" violates check constraint "ir_model_data_name_nospaces"\n' +
      `DETAIL:  Failing row contains (${name}, ${module}).\n`;
    throw error;
  }
  const taken = env.db.get('SELECT id FROM ir_model_data WHERE module = ? AND name = ?', module, name);
  if (taken !== undefined) {
    throw validationError(
      'The operation cannot be completed: duplicate key value violates unique constraint "ir_model_data_module_name_uniq_index"\n' +
        `DETAIL:  Key (module, name)=(${module}, ${name}) already exists.\n`,
    );
  }
  return insertRecord(env, 'ir.model.data', values);
}

/** `get_external_id`: by record id, the first external id or an empty string. */
export function externalIdsOf(env: Env, model: string, ids: readonly number[]): Record<string, string> {
  const rows = env.db.all(
    `SELECT res_id, module || '.' || name AS full FROM ir_model_data
     WHERE model = ? AND res_id IN (SELECT value FROM json_each(?)) ORDER BY id DESC`,
    model,
    json(ids),
  );
  const known = new Map(rows.map(row => [numberOf(row, 'res_id'), String(row['full'])]));
  return Object.fromEntries(ids.map(id => [String(id), known.get(id) ?? '']));
}

/** `check_object_reference`: model and id, where id is false for an archived record. */
export function checkReference(env: Env, module: string, name: string): [string, number | false] {
  const row = env.db.get('SELECT * FROM ir_model_data WHERE module = ? AND name = ?', module, name);
  if (row === undefined) throw valueError(`External ID not found in the system: ${module}.${name}`);
  const model = String(row['model']);
  const id = numberOf(row, 'res_id');
  if (!modelsByTable.has(tableOf(model))) return [model, id];
  const hidden = modelOf(model).fields['active'];
  const condition = hidden !== undefined && isColumn(hidden) ? 'AND active = 1' : '';
  const found = env.db.get(`SELECT id FROM ${tableOf(model)} WHERE id = ? ${condition}`, id);
  return [model, found === undefined ? false : id];
}
