import { add, subtract, sum, zero } from '@keelson/contracts';
import type { Money, TaxLine } from '@keelson/contracts';
import { currencyCode, requiredMoney } from './currency.ts';
import type { Fields } from './fields.ts';
import { objects } from './fields.ts';
import { taxSum } from './taxes.ts';

/** After discounts and credits, without the tax that is inside the price. */
export function netOf(line: Fields, document: Fields, taxes: readonly TaxLine[]): Money {
  const discounts = objects(line, 'discount_amounts');
  const credits = objects(line, 'pretax_credit_amounts').filter(
    credit => credit['type'] === 'credit_balance_transaction',
  );
  const off = [...discounts, ...credits].map(part => requiredMoney(part, 'amount', document));
  const amount = requiredMoney(line, 'amount', document);
  return subtract(subtract(amount, sum(amount.currency, off)), taxSum(document, taxes, true));
}

interface Amounts {
  readonly net: Money;
  readonly taxes: readonly TaxLine[];
}

/**
 * What the document's totals say beyond its lines: shipping, a discount or a tax of the whole document in old versions.
 * It becomes a line of its own, so that lines and totals always agree and the difference can be seen. Null when there is
 * none.
 */
export function restOf(
  document: Fields,
  lines: readonly Amounts[],
  total: Money,
  totalTax: Money | null,
): Amounts | null {
  const currency = currencyCode(document);
  const lineTax = lines.reduce((all, line) => add(all, taxSum(document, line.taxes)), zero(currency));
  const tax = subtract(totalTax ?? lineTax, lineTax);
  const net = subtract(
    subtract(total, totalTax ?? lineTax),
    sum(
      currency,
      lines.map(line => line.net),
    ),
  );
  if (net.amount_minor === 0n && tax.amount_minor === 0n) return null;
  const taxes =
    tax.amount_minor === 0n
      ? []
      : [{ amount: tax, base: null, rate: null, jurisdiction: null, inclusive: false, reason: null }];
  return { net, taxes };
}
