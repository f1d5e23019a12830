import { toDecimal } from '@keelson/contracts';
import type { FactInvoiceLine, OdooTarget, TaxLine } from '@keelson/contracts';

/** A sale tax in percent, as `search_read` gives it. */
export interface TaxRow {
  readonly id: number;
  readonly name: string;
  readonly amount: number;
  readonly price_include: boolean;
  readonly tax_group_id: readonly [number, string];
}

/** A tax that the issuer charged on a line, and the tax of Odoo that stands for it. */
export interface MatchedTax {
  readonly charged: TaxLine;
  readonly taxId: number;
  readonly groupId: number;
}

/** Odoo's taxes of a line, or the charge that no tax of this Odoo stands for. */
export type LineTaxes = { readonly taxes: readonly MatchedTax[] } | { readonly missing: string };

export interface TaxBook {
  /** What targets.yaml maps to a tax that is not there. */
  readonly faults: readonly string[];
  taxesOf(line: FactInvoiceLine): LineTaxes;
}

/**
 * Which tax of Odoo stands for which of the issuer's: the one that targets.yaml names for the rate; else the only one of
 * that rate; else the only one that gives the amount, for older sources name a tax by its amount alone, and a rate worked
 * out from amounts may be a little off. Between two nobody guesses. Lines carry their net, so only taxes on top count.
 */
export function createTaxBook(
  { taxes: mappings, tax_tolerance_minor: toleranceMinor }: Pick<OdooTarget, 'taxes' | 'tax_tolerance_minor'>,
  rows: readonly TaxRow[],
): TaxBook {
  const onTop = rows.filter(tax => !tax.price_include);
  const faults: string[] = [];
  const mapped = new Map<string, TaxRow>();
  for (const { rate, inclusive, odoo_tax: name } of mappings) {
    const found = onTop.find(tax => tax.name === name);
    if (found !== undefined) mapped.set(keyOf(rate, inclusive), found);
    else
      faults.push(
        `targets.yaml maps ${rate} % to the tax "${name}", which is no active sale tax in percent on top of the price`,
      );
  }

  const rowFor = (charged: TaxLine, line: FactInvoiceLine): TaxRow | undefined => {
    const named = charged.rate === null ? undefined : mapped.get(keyOf(charged.rate, charged.inclusive));
    const rate = charged.rate === null ? undefined : Number(charged.rate);
    return (
      named ??
      only(onTop.filter(({ amount }) => amount === rate)) ??
      only(onTop.filter(({ amount }) => amountsTo(charged, line, amount, toleranceMinor)))
    );
  };

  return {
    faults,
    taxesOf(line) {
      const taxes: MatchedTax[] = [];
      for (const charged of line.taxes) {
        const free = charged.amount.amount_minor === 0n;
        // Without a charge and a rate there is nothing that Odoo must compute.
        const row = free && charged.rate === null ? undefined : rowFor(charged, line);
        if (row !== undefined) taxes.push({ charged, taxId: row.id, groupId: row.tax_group_id[0] });
        else if (!free) return { missing: describe(charged, line) };
      }
      return { taxes };
    },
  };
}

const keyOf = (rate: string, inclusive: boolean): string =>
  `${Number(rate)} ${inclusive ? 'inclusive' : 'exclusive'}`;

const only = <T>(fitting: readonly T[]): T | undefined => (fitting.length === 1 ? fitting[0] : undefined);

const baseOf = (charged: TaxLine, line: FactInvoiceLine): bigint => (charged.base ?? line.net).amount_minor;

function amountsTo(
  charged: TaxLine,
  line: FactInvoiceLine,
  percent: number,
  toleranceMinor: number,
): boolean {
  const computed = (Number(baseOf(charged, line)) * percent) / 100;
  return Math.abs(computed - Number(charged.amount.amount_minor)) <= toleranceMinor;
}

const describe = (charged: TaxLine, line: FactInvoiceLine): string =>
  charged.rate === null
    ? `${toDecimal(charged.amount)} on ${toDecimal({ ...charged.amount, amount_minor: baseOf(charged, line) })}`
    : `${charged.rate} %`;
