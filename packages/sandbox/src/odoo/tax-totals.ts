import type { Row } from '../sqlite.ts';
import type { Env } from './env.ts';
import { roundTo, sum } from './money.ts';
import { linked, numberOf, rowOf, textOf } from './records.ts';
import { unitOf } from './reconcile.ts';
import { companyCurrencyId } from './seed.ts';

export const moveLines = (env: Env, move: number, kind?: string): Row[] =>
  kind === undefined
    ? env.db.all('SELECT * FROM account_move_line WHERE move_id = ? ORDER BY id', move)
    : env.db.all(
        'SELECT * FROM account_move_line WHERE move_id = ? AND display_type = ? ORDER BY id',
        move,
        kind,
      );

const total = (rows: readonly Row[], name: string, unit: number): number =>
  roundTo(Math.abs(sum(rows.map(row => numberOf(row, name)))), unit);

/** The object of a move's totals by tax group, as the form shows it and as `write` takes it back. */
export function taxTotals(env: Env, move: Row): unknown {
  const currency = numberOf(move, 'currency_id');
  const unit = unitOf(env, currency);
  const companyUnit = unitOf(env, companyCurrencyId);
  const amounts = (rows: readonly Row[]) =>
    [total(rows, 'amount_currency', unit), total(rows, 'balance', companyUnit)] as const;
  const products = moveLines(env, numberOf(move, 'id'), 'product');
  const taxes = moveLines(env, numberOf(move, 'id'), 'tax');
  const [base, companyBase] = amounts(products);
  const [tax, companyTax] = amounts(taxes);
  const sums = {
    tax_amount_currency: tax,
    tax_amount: companyTax,
    base_amount_currency: base,
    base_amount: companyBase,
  };
  const groups = Map.groupBy(taxes, line => groupOf(env, line));
  const shown = [...groups].map(([group, rows]) => {
    const ids = [...new Set(rows.map(row => numberOf(row, 'tax_line_id')))];
    const own = products.filter(line =>
      linked(env, 'account.move.line', 'tax_ids', numberOf(line, 'id')).some(id => ids.includes(id)),
    );
    const [groupTax, companyGroupTax] = amounts(rows);
    const [groupBase, companyGroupBase] = amounts(own);
    return {
      id: group,
      involved_tax_ids: ids,
      tax_amount_currency: groupTax,
      tax_amount: companyGroupTax,
      base_amount_currency: groupBase,
      base_amount: companyGroupBase,
      display_base_amount_currency: groupBase,
      display_base_amount: companyGroupBase,
      group_name: textOf(rowOf(env, 'account.tax.group', group) ?? {}, 'name'),
      group_label: false,
    };
  });
  return {
    currency_id: currency,
    currency_pd: unit,
    company_currency_id: companyCurrencyId,
    company_currency_pd: companyUnit,
    has_tax_groups: shown.length > 0,
    subtotals: [{ tax_groups: shown, ...sums, name: 'Untaxed Amount' }],
    ...sums,
    same_tax_base: true,
    total_amount_currency: roundTo(base + tax, unit),
    total_amount: roundTo(companyBase + companyTax, companyUnit),
    display_in_company_currency: currency !== companyCurrencyId,
  };
}

export const groupOf = (env: Env, taxLine: Row): number =>
  numberOf(rowOf(env, 'account.tax', numberOf(taxLine, 'tax_line_id')) ?? {}, 'tax_group_id');

/** The tax amounts asked for by group in a `tax_totals` that is written. */
export function wantedTaxes(value: unknown): Map<number, number> {
  const wanted = new Map<number, number>();
  const subtotals = (value as { subtotals?: unknown } | null)?.subtotals;
  for (const subtotal of Array.isArray(subtotals) ? (subtotals as { tax_groups?: unknown }[]) : []) {
    const groups = Array.isArray(subtotal.tax_groups)
      ? (subtotal.tax_groups as Record<string, unknown>[])
      : [];
    for (const group of groups) {
      const { id, tax_amount_currency: amount } = group;
      if (typeof id === 'number' && typeof amount === 'number') wanted.set(id, amount);
    }
  }
  return wanted;
}
