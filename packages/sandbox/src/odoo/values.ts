import type { SqlValue } from '../sqlite.ts';
import { isDate } from './dates.ts';
import type { Env } from './env.ts';
import type { OdooError } from './errors.ts';
import { missing, validationError, valueError } from './errors.ts';
import { modelOf, python } from './domain.ts';
import { tableOf, type Field } from './models.ts';

/** The languages that are installed: the selection of `res.partner.lang`. */
export const installedLanguages = (env: Env): (readonly [string, string])[] =>
  env.db
    .all('SELECT code, name FROM res_lang WHERE active = 1 ORDER BY name')
    .map(row => [String(row['code']), String(row['name'])]);

export const selectionOf = (env: Env, model: string, name: string, field: Field) =>
  model === 'res.partner' && name === 'lang' ? installedLanguages(env) : (field.selection ?? []);

/** Turns a value of `create` or `write` into that of the column, with the errors of the real one. */
export function columnValue(env: Env, model: string, name: string, field: Field, value: unknown): SqlValue {
  if (value === null || value === undefined) return null;
  if (field.type === 'boolean') return Number(Boolean(value));
  if (value === false) return null;
  switch (field.type) {
    case 'integer':
    case 'many2one_reference':
      return integerOf(value);
    case 'float':
    case 'monetary':
      return floatOf(value);
    case 'many2one':
      return referenceOf(env, model, name, field, integerOf(value));
    case 'selection':
      return chosen(env, model, name, field, value);
    case 'date':
      return dateOf(value);
    case 'html':
      return htmlOf(textOf(value));
    default:
      return textOf(value) === '' ? null : textOf(value);
  }
}

function chosen(env: Env, model: string, name: string, field: Field, value: unknown): SqlValue {
  const text = textOf(value);
  if (selectionOf(env, model, name, field).some(([key]) => key === text)) return text;
  throw valueError(`Wrong value for ${model}.${name}: ${python(value)}`);
}

function integerOf(value: unknown): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return Math.trunc(number);
  if (value === true) return 1;
  throw valueError(`invalid literal for int() with base 10: ${python(value)}`);
}

function floatOf(value: unknown): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  if (value === true) return 1;
  throw valueError(`could not convert string to float: ${python(value)}`);
}

function dateOf(value: unknown): string {
  const text = textOf(value).slice(0, 10);
  if (isDate(text)) return text;
  throw valueError(`time data ${python(value)} does not match format '%Y-%m-%d'`);
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : JSON.stringify(value);

const htmlOf = (text: string): string | null =>
  text === '' ? null : text.startsWith('<') ? text : `<p>${text}</p>`;

function referenceOf(env: Env, model: string, name: string, field: Field, id: number): number {
  const relation = field.relation ?? model;
  if (env.db.get(`SELECT id FROM ${tableOf(relation)} WHERE id = ?`, id) !== undefined) return id;
  if (model === 'account.move.line') throw missing(relation, id, env.uid);
  throw validationError(
    'The operation cannot be completed: Another model is using the record you are trying to delete.\n\n' +
      `The troublemaker is: '${modelOf(model).label}' (${model})\n` +
      `Thanks to the following constraint: '${field.string}' (${name})\n` +
      'How about archiving the record instead?',
  );
}

export const missingRequired = (model: string, name: string): OdooError =>
  validationError(
    `The operation cannot be completed: Missing required value for the field '${modelOf(model).fields[name]?.string ?? name}' (${name}).\n` +
      `Model: '${modelOf(model).label}' (${model})\n` +
      '- create/update: a mandatory field is not set\n' +
      '- delete: another model requires the record being deleted, you can archive it instead\n',
  );
