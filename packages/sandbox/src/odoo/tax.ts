import { roundTo, sum } from './money.ts';

export type Tax = { id: number; percent: number; included: boolean };
export type TaxedLine = { quantity: number; priceUnit: number; discount: number; taxes: readonly Tax[] };

export type LineAmounts = { subtotal: number; total: number; base: number };
export type TaxResult = {
  /** Per line: price_subtotal and price_total as shown, and the base that is posted. */
  lines: LineAmounts[];
  /** Per tax, in the order met. */
  taxes: { id: number; amount: number }[];
};

type Raw = { base: number; byTax: Map<number, number>; total: number; key: string; included: boolean };

function rawAmounts(line: TaxedLine, round: (value: number) => number): Raw {
  const gross = line.quantity * line.priceUnit * (1 - line.discount / 100);
  const rate = sum(line.taxes.filter(tax => tax.included).map(tax => tax.percent)) / 100;
  const start = round(gross);
  const byTax = new Map<number, number>();
  const net = start / (1 + rate);
  for (const tax of line.taxes) byTax.set(tax.id, round((net * tax.percent) / 100));
  const includedAmount = sum(line.taxes.filter(tax => tax.included).map(tax => byTax.get(tax.id) ?? 0));
  const base = start - includedAmount;
  return {
    base,
    byTax,
    total: base + sum([...byTax.values()]),
    key: line.taxes.map(tax => tax.id).join(),
    included: rate > 0,
  };
}

/** The base of lines that share their taxes: rounded once, over all of them. */
function groupBase(
  lines: readonly TaxedLine[],
  raws: readonly Raw[],
  round: (value: number) => number,
): number {
  const base = sum(raws.map(raw => raw.base));
  if (!raws[0]?.included) return round(base);
  const included = (lines[0]?.taxes ?? []).filter(tax => tax.included);
  const amounts = included.map(tax => sum(raws.map(raw => raw.byTax.get(tax.id) ?? 0)));
  return round(round(base + sum(amounts)) - sum(amounts.map(round)));
}

/** Gives what rounding the sum leaves over or short to the largest lines, one unit each. */
function spread(values: number[], order: readonly number[], target: number, unit: number): void {
  let left = Math.round((target - sum(values)) / unit);
  for (let turn = 0; left !== 0 && order.length > 0; turn += 1) {
    const index = order[turn % order.length] ?? 0;
    values[index] = roundTo((values[index] ?? 0) + Math.sign(left) * unit, unit);
    left -= Math.sign(left);
  }
}

/**
 * Taxes as Odoo 19 computes them. `globally` rounds each tax once over the document, else every line is rounded
 * by itself. `unit` is the currency's rounding.
 */
export function computeTaxes(lines: readonly TaxedLine[], unit: number, globally: boolean): TaxResult {
  const round = (value: number): number => roundTo(value, unit);
  const raws = lines.map(line => rawAmounts(line, globally ? value => value : round));
  const bases = raws.map(raw => round(raw.base));
  for (const key of new Set(raws.map(raw => raw.key))) {
    const members = raws.flatMap((raw, index) => (raw.key === key ? [index] : []));
    const target = groupBase(
      members.flatMap(index => lines[index] ?? []),
      members.flatMap(index => raws[index] ?? []),
      round,
    );
    const largest = members.toSorted((a, b) => Math.abs(raws[b]?.base ?? 0) - Math.abs(raws[a]?.base ?? 0));
    const values = members.map(index => bases[index] ?? 0);
    spread(
      values,
      largest.map(index => members.indexOf(index)),
      target,
      unit,
    );
    members.forEach((index, position) => (bases[index] = values[position] ?? 0));
  }
  const taxIds = [...new Set(raws.flatMap(raw => [...raw.byTax.keys()]))];
  return {
    lines: raws.map((raw, index) => ({
      subtotal: raw.included ? round(round(raw.total) - round(raw.total - raw.base)) : round(raw.base),
      total: round(raw.total),
      base: bases[index] ?? 0,
    })),
    taxes: taxIds.map(id => ({ id, amount: round(sum(raws.map(raw => raw.byTax.get(id) ?? 0))) })),
  };
}
