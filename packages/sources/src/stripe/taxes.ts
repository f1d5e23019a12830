import { add, zero } from '@keelson/contracts';
import type { Money, TaxLine } from '@keelson/contracts';
import { currencyCode, requiredMoney, optionalMoney } from './currency.ts';
import type { Fields } from './fields.ts';
import { flag, idOf, isObject, objects, optionalObject, optionalText } from './fields.ts';
import { simplestRate } from './tax-rate.ts';

/** A tax as one line or one whole document says it, in either shape. */
interface SaidTax {
  readonly rateId: string | null;
  readonly amount: Money;
  readonly base: Money | null;
  readonly inclusive: boolean;
  readonly reason: string | null;
}

/** Rates of a document: today's lines name a rate by id alone, so what is known of it is gathered here first. */
export type KnownRates = ReadonlyMap<
  string,
  { readonly percent: string | null; readonly jurisdiction: string | null }
>;

/** Taxes of a line, or of a whole document: `taxes`/`total_taxes` today, `tax_amounts`/`total_tax_amounts` before. */
export function saidTaxes(fields: Fields, holder: Fields): readonly SaidTax[] {
  const today = [...objects(fields, 'taxes'), ...objects(fields, 'total_taxes')];
  if (today.length > 0) return today.map(tax => todaysTax(tax, holder));
  return [...objects(fields, 'tax_amounts'), ...objects(fields, 'total_tax_amounts')].map(tax =>
    oldTax(tax, holder),
  );
}

function todaysTax(tax: Fields, holder: Fields): SaidTax {
  const details = optionalObject(tax, 'tax_rate_details');
  return {
    rateId: details === null ? null : idOf(details['tax_rate']),
    amount: requiredMoney(tax, 'amount', holder),
    base: optionalMoney(tax, 'taxable_amount', holder),
    inclusive: tax['tax_behavior'] === 'inclusive',
    reason: optionalText(tax, 'taxability_reason'),
  };
}

const oldTax = (tax: Fields, holder: Fields): SaidTax => ({
  rateId: idOf(tax['tax_rate']),
  amount: requiredMoney(tax, 'amount', holder),
  base: optionalMoney(tax, 'taxable_amount', holder),
  inclusive: flag(tax, 'inclusive'),
  reason: optionalText(tax, 'taxability_reason'),
});

/** What a document says of its tax rates: embedded rate objects, else derived from the document's own sums. */
export function knownRates(document: Fields, lines: readonly Fields[]): KnownRates {
  const rates = new Map<string, { percent: string | null; jurisdiction: string | null }>();
  const sums = new Map<string, { amount: Money; base: Money; roundings: number }>();
  for (const line of lines) {
    for (const rate of embeddedRates(line)) {
      const id = idOf(rate['id']);
      if (id !== null) rates.set(id, { percent: percentOf(rate), jurisdiction: jurisdictionOf(rate) });
    }
    for (const { rateId, amount, base } of saidTaxes(line, document)) {
      if (rateId === null || base === null) continue;
      const sum = sums.get(rateId) ?? {
        amount: zero(amount.currency),
        base: zero(amount.currency),
        roundings: 0,
      };
      sums.set(rateId, {
        amount: add(sum.amount, amount),
        base: add(sum.base, base),
        roundings: sum.roundings + 1,
      });
    }
  }
  for (const [id, sum] of sums) {
    if (rates.has(id)) continue;
    const percent = simplestRate(sum.amount.amount_minor, sum.base.amount_minor, sum.roundings);
    rates.set(id, { percent, jurisdiction: null });
  }
  return rates;
}

/** `tax_rates` beside the amounts, or rates expanded inside them. */
function embeddedRates(line: Fields): readonly Fields[] {
  const inside = [...objects(line, 'tax_amounts'), ...objects(line, 'taxes')].map(
    tax => tax['tax_rate'] ?? optionalObject(tax, 'tax_rate_details')?.['tax_rate'],
  );
  return [...objects(line, 'tax_rates'), ...inside.filter(isObject)];
}

function percentOf(rate: Fields): string | null {
  const percentage = rate['effective_percentage'] ?? rate['percentage'];
  return typeof percentage === 'number' && Number.isFinite(percentage) ? String(percentage) : null;
}

const jurisdictionOf = (rate: Fields): string | null =>
  optionalText(rate, 'jurisdiction') ?? optionalText(rate, 'state') ?? optionalText(rate, 'country');

export function taxLines(fields: Fields, document: Fields, rates: KnownRates): readonly TaxLine[] {
  return saidTaxes(fields, document).map(({ rateId, amount, base, inclusive, reason }) => {
    const known = rateId === null ? undefined : rates.get(rateId);
    const derived = base === null ? null : simplestRate(amount.amount_minor, base.amount_minor, 1);
    return {
      amount,
      base,
      rate: known === undefined ? derived : known.percent,
      jurisdiction: known?.jurisdiction ?? null,
      inclusive,
      reason,
    };
  });
}

/** Sum of the taxes, all or those inside the price. */
export const taxSum = (document: Fields, taxes: readonly TaxLine[], inclusiveOnly = false): Money =>
  taxes
    .filter(tax => tax.inclusive || !inclusiveOnly)
    .reduce((sum, tax) => add(sum, tax.amount), zero(currencyCode(document)));
