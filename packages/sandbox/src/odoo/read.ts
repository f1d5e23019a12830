import type { Row, SqlValue } from '../sqlite.ts';
import { compileDomain, modelOf, namesField } from './domain.ts';
import type { Env } from './env.ts';
import { valueError } from './errors.ts';
import { isColumn, linkTableOf, tableOf, type Field } from './models.ts';
import { displayName, displayNames } from './names.ts';
import { json, numberOf, rowsOf, visible } from './records.ts';
import { isReconciled, reconciledInvoices } from './reconcile.ts';
import { paymentsWidget } from './payments-widget.ts';
import { taxTotals } from './tax-totals.ts';

export type Wire = Record<string, unknown>;
export type Page = { offset?: unknown; limit?: unknown; order?: unknown };

/** The ids that match, in order. Archived records are left out unless the domain or the context asks for them. */
export function searchIds(env: Env, model: string, domain: unknown, page: Page = {}): number[] {
  const { sql, values } = where(env, model, domain);
  const limit = typeof page.limit === 'number' && page.limit > 0 ? page.limit : -1;
  const offset = typeof page.offset === 'number' ? page.offset : 0;
  const order = orderBy(model, typeof page.order === 'string' && page.order !== '' ? page.order : undefined);
  return env.db
    .all(
      `SELECT id FROM ${tableOf(model)} WHERE ${sql} ORDER BY ${order} LIMIT ? OFFSET ?`,
      ...values,
      limit,
      offset,
    )
    .map(row => numberOf(row, 'id'));
}

export function countMatches(env: Env, model: string, domain: unknown): number {
  const { sql, values } = where(env, model, domain);
  return Number(
    env.db.get(`SELECT count(*) AS n FROM ${tableOf(model)} WHERE ${sql}`, ...values)?.['n'] ?? 0,
  );
}

function where(env: Env, model: string, domain: unknown): { sql: string; values: SqlValue[] } {
  const { sql, values } = compileDomain(model, domain);
  const hasActive = modelOf(model).fields['active'] !== undefined;
  const all = env.context['active_test'] === false || namesField(domain, 'active');
  return { sql: hasActive && !all ? `active = 1 AND (${sql})` : sql, values };
}

function orderBy(model: string, order: string | undefined): string {
  const terms = (order ?? modelOf(model).order).split(',').map(term => term.trim().split(/\s+/));
  const clauses = terms.map(([name = '', direction = 'asc']) => {
    const field = modelOf(model).fields[name];
    if (field === undefined) throw valueError(`Invalid field '${name}' on model '${model}'`);
    const descending = direction.toLowerCase() === 'desc';
    return `${orderColumn(model, name, field)} ${descending ? 'DESC NULLS FIRST' : 'ASC NULLS LAST'}`;
  });
  return clauses.join();
}

function orderColumn(model: string, name: string, field: Field): string {
  if (field.related === undefined) return `"${name}"`;
  const [link = '', column = ''] = field.related.split('.');
  const relation = modelOf(model).fields[link]?.relation ?? model;
  return `(SELECT r."${column}" FROM ${tableOf(relation)} r WHERE r.id = "${link}")`;
}

/** Reads records as JSON-2 answers them: false for what is empty, [id, name] for a many2one, ids for the rest. */
export function readRecords(
  env: Env,
  model: string,
  ids: readonly number[],
  names?: readonly string[],
): Wire[] {
  const fields = modelOf(model).fields;
  const wanted =
    names ?? Object.keys(fields).filter(name => visible(fields[name] ?? { type: 'char', string: '' }));
  for (const name of wanted) {
    if (fields[name] === undefined) throw valueError(`Invalid field '${name}' on '${model}'`);
  }
  const rows = rowsOf(env, model, ids);
  const result: Wire[] = rows.map(row => ({ id: numberOf(row, 'id') }));
  for (const name of wanted) {
    const field = fields[name];
    if (field === undefined || name === 'id') continue;
    const values = column(env, model, name, field, rows);
    result.forEach((record, index) => (record[name] = values[index]));
  }
  return result;
}

function column(env: Env, model: string, name: string, field: Field, rows: readonly Row[]): unknown[] {
  if (field.related !== undefined) return related(env, model, field.related, rows);
  if (field.type === 'one2many') return children(env, name, field, rows);
  if (field.type === 'many2many' && field.computed !== true) return links(env, model, name, rows);
  if (!isColumn(field)) return rows.map(row => computed(env, model, name, row));
  if (field.type === 'many2one') {
    const names = displayNames(
      env,
      field.relation ?? '',
      rows.map(row => numberOf(row, name)),
    );
    return rows.map(row => {
      const id = numberOf(row, name);
      return row[name] === null ? false : [id, names.get(id) ?? ''];
    });
  }
  if (field.type === 'boolean') return rows.map(row => row[name] === 1);
  const empty = ['integer', 'many2one_reference', 'float', 'monetary'].includes(field.type) ? 0 : false;
  return rows.map(row => row[name] ?? empty);
}

function related(env: Env, model: string, path: string, rows: readonly Row[]): unknown[] {
  const [link = '', name = ''] = path.split('.');
  const relation = modelOf(model).fields[link]?.relation ?? '';
  const field = modelOf(relation).fields[name];
  const targets = rows.map(row => rowsOf(env, relation, [numberOf(row, link)])[0]);
  return targets.map(target => {
    if (field === undefined || target === undefined) return false;
    return column(env, relation, name, field, [target])[0];
  });
}

const shownLines = new Set(['product', 'line_section', 'line_subsection', 'line_note']);

function children(env: Env, name: string, field: Field, rows: readonly Row[]): number[][] {
  const table = tableOf(field.relation ?? '');
  const found = env.db.all(
    `SELECT id, "${field.inverse ?? ''}" AS owner, display_type AS kind FROM ${table}
     WHERE "${field.inverse ?? ''}" IN (SELECT value FROM json_each(?)) ORDER BY sequence, id`,
    json(rows.map(row => numberOf(row, 'id'))),
  );
  const shown = found.filter(row => name !== 'invoice_line_ids' || shownLines.has(String(row['kind'])));
  const byOwner = Map.groupBy(shown, row => row['owner']);
  return rows.map(row => (byOwner.get(row['id'] ?? null) ?? []).map(child => numberOf(child, 'id')));
}

function links(env: Env, model: string, name: string, rows: readonly Row[]): number[][] {
  const found = env.db.all(
    `SELECT source, target FROM ${linkTableOf(model, name)}
     WHERE source IN (SELECT value FROM json_each(?)) ORDER BY target`,
    json(rows.map(row => numberOf(row, 'id'))),
  );
  const bySource = Map.groupBy(found, row => row['source']);
  return rows.map(row => (bySource.get(row['id'] ?? null) ?? []).map(link => numberOf(link, 'target')));
}

function computed(env: Env, model: string, name: string, row: Row): unknown {
  const id = numberOf(row, 'id');
  switch (`${model}/${name}`) {
    case 'res.partner/company_type':
      return row['is_company'] === 1 ? 'company' : 'person';
    case 'ir.model.data/complete_name':
      return `${String(row['module'])}.${String(row['name'])}`;
    case 'ir.model.data/reference':
      return `${String(row['model'])},${String(row['res_id'])}`;
    case 'account.move/tax_totals':
      return taxTotals(env, row);
    case 'account.move/invoice_payments_widget':
      return paymentsWidget(env, row);
    case 'account.payment/is_reconciled':
      return isReconciled(env, row);
    case 'account.payment/reconciled_invoice_ids':
      return reconciledInvoices(env, id);
    default:
      return displayName(env, model, row);
  }
}
