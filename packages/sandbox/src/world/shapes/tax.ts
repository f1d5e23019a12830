import type { Json } from '../company.ts';
import type { ApiEra, Customer } from '../model.ts';
import type { TaxRate } from '../money.ts';

type Taxed = { amountMinor: number; netMinor: number; taxMinor: number };

/** Tax on one line or document, as each era says it; also at 0, with the reason. */
export function taxes(customer: Customer, taxed: Taxed, era: ApiEra): Json[] {
  const rate = customer.taxRate;
  if (rate === null) return [];
  const reason = customer.taxMode === 'reverse_charge' ? 'reverse_charge' : 'standard_rated';
  if (era === 'old') {
    return [
      {
        amount: taxed.taxMinor,
        inclusive: rate.inclusive,
        tax_rate: rate.id,
        taxability_reason: reason,
        taxable_amount: taxed.netMinor,
      },
    ];
  }
  return [
    {
      amount: taxed.taxMinor,
      tax_behavior: rate.inclusive ? 'inclusive' : 'exclusive',
      tax_rate_details: { tax_rate: rate.id },
      taxability_reason: reason,
      taxable_amount: taxed.netMinor,
      type: 'tax_rate_details',
    },
  ];
}

/** The rate that the tax itself is counted with: none where the customer accounts for it. */
export const effectiveRate = (customer: Customer): TaxRate | null =>
  customer.taxMode === 'reverse_charge' ? null : customer.taxRate;
