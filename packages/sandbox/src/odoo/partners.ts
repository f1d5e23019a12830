import type { Env } from './env.ts';
import { OdooError, userError } from './errors.ts';
import {
  insertRecord,
  json,
  numberOf,
  rowOf,
  rowsOf,
  textOf,
  updateRecords,
  type Values,
} from './records.ts';

const blank = (value: unknown): boolean =>
  value === false || value === null || value === undefined || value === '';

function withoutCompanyType(values: Values): Values {
  const { company_type: kind, ...rest } = values;
  return kind === undefined ? rest : { ...rest, is_company: kind === 'company' };
}

function nameNeeded(): OdooError {
  const error = new OdooError(
    422,
    'odoo.exceptions.ValidationError',
    'The operation cannot be completed: Contacts require a name',
  );
  error.loadMessage = 'Contacts require a name';
  return error;
}

export function createPartner(env: Env, values: Values): number {
  if (blank(values['name']) && (values['type'] ?? 'contact') === 'contact') throw nameNeeded();
  const parent = rowOf(env, 'res.partner', Number(values['parent_id'] || 0));
  const name = typeof values['name'] === 'string' ? values['name'] : '';
  const complete_name = parent === undefined ? name : `${textOf(parent, 'complete_name')}, ${name}`;
  return insertRecord(env, 'res.partner', { ...withoutCompanyType(values), complete_name });
}

export function writePartners(env: Env, ids: readonly number[], values: Values): void {
  if ('name' in values && blank(values['name'])) throw nameNeeded();
  updateRecords(env, 'res.partner', ids, withoutCompanyType(values));
  if ('name' in values || 'parent_id' in values) refreshNames(env, ids);
}

/** "Parent, Child": the name of a contact carries that of its company. */
function refreshNames(env: Env, ids: readonly number[]): void {
  for (const row of rowsOf(env, 'res.partner', ids)) {
    const parent = rowsOf(env, 'res.partner', [numberOf(row, 'parent_id')])[0];
    const name = textOf(row, 'name');
    const complete = parent === undefined ? name : `${textOf(parent, 'complete_name')}, ${name}`;
    env.db.run('UPDATE res_partner SET complete_name = ? WHERE id = ?', complete, numberOf(row, 'id'));
  }
  const children = env.db.all(
    'SELECT id FROM res_partner WHERE parent_id IN (SELECT value FROM json_each(?))',
    json(ids),
  );
  if (children.length > 0)
    refreshNames(
      env,
      children.map(row => numberOf(row, 'id')),
    );
}

export function checkPartnersUnused(env: Env, ids: readonly number[]): void {
  const used = env.db.get(
    "SELECT id FROM account_move WHERE state = 'posted' AND partner_id IN (SELECT value FROM json_each(?)) LIMIT 1",
    json(ids),
  );
  if (used !== undefined) throw userError('The partner cannot be deleted because it is used in Accounting');
}
