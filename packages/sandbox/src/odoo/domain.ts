import type { SqlValue } from '../sqlite.ts';
import { datetimeBound } from './dates.ts';
import { typeError, valueError } from './errors.ts';
import { linkTableOf, models, tableOf, type Field, type Model } from './models.ts';

export type Condition = { sql: string; values: SqlValue[] };
type Leaf = readonly [string, string, unknown];

const always: Condition = { sql: '1', values: [] };
const comparisons = new Set(['=', '!=', '<>', '<', '<=', '>', '>=', 'in', 'not in']);
const patterns = new Set(['like', 'not like', 'ilike', 'not ilike', '=like', '=ilike']);

export function modelOf(name: string): Model {
  const model = models.get(name);
  if (model === undefined) throw valueError(`no such model: ${name}`);
  return model;
}

/** Compiles an Odoo domain to a condition on the model's table. */
export function compileDomain(model: string, domain: unknown): Condition {
  if (domain === undefined || domain === null || domain === false) return always;
  if (!Array.isArray(domain)) {
    throw typeError(`Domain() invalid argument type for domain: ${python(domain)}`);
  }
  const stack: Condition[] = [];
  for (const term of (domain as unknown[]).toReversed()) {
    if (term === '!') stack.push(negate(stack.pop() ?? always));
    else if (term === '&' || term === '|') {
      const [left, right] = [stack.pop() ?? always, stack.pop() ?? always];
      stack.push(join([left, right], term === '&' ? ' AND ' : ' OR '));
    } else stack.push(compileTerm(model, term));
  }
  return join(stack.toReversed(), ' AND ');
}

/** True when the domain names the field itself, so that no default filter on it applies. */
export const namesField = (domain: unknown, field: string): boolean =>
  Array.isArray(domain) && domain.some(term => Array.isArray(term) && term[0] === field);

function compileTerm(model: string, term: unknown): Condition {
  if (!Array.isArray(term) || term.length !== 3)
    throw valueError(`Domain() invalid item in domain: ${python(term)}`);
  const [path, operator, value] = term as [unknown, unknown, unknown];
  if (path === 1 || path === 0) return { sql: path === value ? '1' : '0', values: [] };
  if (typeof path !== 'string') throw valueError(`Domain() invalid item in domain: ${python(term)}`);
  if (typeof operator !== 'string' || !(comparisons.has(operator) || patterns.has(operator))) {
    throw valueError(`Invalid operator in condition ${python(term)}`);
  }
  return compileLeaf(modelOf(model), [path, operator, value]);
}

function compileLeaf(model: Model, leaf: Leaf): Condition {
  const [path, operator, value] = leaf;
  const [head = '', ...rest] = path.split('.');
  const field = model.fields[head];
  if (field === undefined)
    throw valueError(`Invalid field ${model.name}.${head} in condition ${python(leaf)}`);
  if (field.related !== undefined) {
    return compileLeaf(model, [[field.related, ...rest].join('.'), operator, value]);
  }
  if (rest.length > 0) return through(model, head, field, [rest.join('.'), operator, value]);
  if (field.computed === true) return compileComputed(model, head, leaf);
  if (field.type === 'many2many' || field.type === 'one2many') {
    return through(model, head, field, [
      typeof firstOf(value) === 'string' ? 'display_name' : 'id',
      operator,
      value,
    ]);
  }
  if (field.type === 'many2one' && typeof firstOf(value) === 'string') {
    return through(model, head, field, ['display_name', operator, value]);
  }
  if (patterns.has(operator)) return compilePattern(`"${head}"`, operator, value);
  return compileComparison(`"${head}"`, field, operator, value);
}

/** A condition on records that another field leads to. */
function through(model: Model, name: string, field: Field, leaf: Leaf): Condition {
  const relation = field.relation;
  if (relation === undefined)
    throw valueError(`Invalid field ${model.name}.${name} in condition ${python(leaf)}`);
  const inner = compileLeaf(modelOf(relation), leaf);
  const found = `SELECT id FROM ${tableOf(relation)} WHERE ${inner.sql}`;
  if (field.type === 'many2one') return { sql: `"${name}" IN (${found})`, values: inner.values };
  if (field.type === 'one2many') {
    const source = `SELECT "${field.inverse ?? 'id'}" FROM ${tableOf(relation)} WHERE ${inner.sql}`;
    return { sql: `id IN (${source})`, values: inner.values };
  }
  const links = `SELECT source FROM ${linkTableOf(model.name, name)} WHERE target IN (${found})`;
  return { sql: `id IN (${links})`, values: inner.values };
}

function compileComputed(model: Model, name: string, leaf: Leaf): Condition {
  const [, operator, value] = leaf;
  if (name === 'display_name') {
    const fields = model.searchName.length > 0 ? model.searchName : ['id'];
    const each = fields.map(field => compileLeaf(model, [field, operator, value]));
    return join(each, operator.startsWith('not') || operator === '!=' ? ' AND ' : ' OR ');
  }
  if (name === 'company_type') return compileLeaf(model, ['is_company', operator, value === 'company']);
  if (name === 'complete_name') {
    const column = "(module || '.' || name)";
    if (patterns.has(operator)) return compilePattern(column, operator, value);
    return compileComparison(column, { type: 'char', string: '' }, operator, value);
  }
  throw valueError(`Cannot convert ${model.name}.${name} to SQL because it is not stored`);
}

function compilePattern(column: string, operator: string, value: unknown): Condition {
  const exact = operator.startsWith('=');
  const folded = operator.includes('ilike');
  const text = typeof value === 'string' ? value : '';
  // What begins with a text is found by the index, as PostgreSQL does.
  if (operator === '=like' && /^[^%_]+%$/.test(text)) {
    const start = text.slice(0, -1);
    return { sql: `(${column} >= ? AND ${column} < ?)`, values: [start, `${start}\u{10FFFF}`] };
  }
  const sql = `like_pattern(${column}, ?, ${folded ? '1' : '0'}) = 1`;
  const condition = { sql, values: [exact ? text : `%${text}%`] };
  return operator.startsWith('not') ? negate(condition) : condition;
}

function compileComparison(column: string, field: Field, operator: string, value: unknown): Condition {
  if (operator === 'in' || operator === 'not in') {
    const list = Array.isArray(value) ? (value as unknown[]) : [value];
    const set = list.filter(item => !(isEmpty(item) && field.type !== 'boolean'));
    const values = set.map(item => sqlValue(field, item, '='));
    const found: Condition = {
      sql: `${column} IN (SELECT value FROM json_each(?))`,
      values: [JSON.stringify(values)],
    };
    const withNull = set.length < list.length || (field.type === 'boolean' && list.includes(false));
    const all = withNull ? join([found, { sql: `${column} IS NULL`, values: [] }], ' OR ') : found;
    return operator === 'in' ? all : negate(all);
  }
  if (field.type === 'boolean') {
    const wanted = (operator === '=') === Boolean(value);
    return { sql: `coalesce(${column}, 0) = ${wanted ? '1' : '0'}`, values: [] };
  }
  const same = operator === '=' || operator === '!=' || operator === '<>';
  if (same && isEmpty(value)) {
    return { sql: `${column} IS ${operator === '=' ? '' : 'NOT '}NULL`, values: [] };
  }
  const values = [sqlValue(field, value, operator)];
  if (operator === '=') return { sql: `${column} = ?`, values };
  if (same) return { sql: `(${column} IS NULL OR ${column} <> ?)`, values };
  return { sql: `${column} ${operator} ?`, values };
}

function sqlValue(field: Field, value: unknown, operator: string): SqlValue {
  if (field.type === 'datetime') return datetimeBound(value, operator);
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'number' || typeof value === 'string') return value;
  return null;
}

const isEmpty = (value: unknown): boolean => value === false || value === null || value === undefined;
const firstOf = (value: unknown): unknown => (Array.isArray(value) ? (value as unknown[])[0] : value);

// A condition on NULL is unknown, and so is its negation: Odoo counts a missing value as no match.
const negate = (condition: Condition): Condition => ({
  sql: `NOT coalesce((${condition.sql}), 0)`,
  values: condition.values,
});

function join(conditions: readonly Condition[], operator: ' AND ' | ' OR '): Condition {
  if (conditions.length === 0) return always;
  const sql = conditions.map(condition => `(${condition.sql})`).join(operator);
  return { sql, values: conditions.flatMap(condition => condition.values) };
}

/** Shows a JSON value the way Python would, for messages. */
export function python(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (value === null || value === undefined) return 'None';
  if (Array.isArray(value)) return `(${value.map(python).join(', ')})`;
  return JSON.stringify(value);
}
