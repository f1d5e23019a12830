import type { Json } from '../company.ts';
import type { ApiEra, Invoice, InvoiceLine } from '../model.ts';
import { planShape, priceShape, taxRateShape } from './catalogue.ts';
import { currencyCode, decimal } from './common.ts';
import { taxes } from './tax.ts';

export function lineShape(invoice: Invoice, line: InvoiceLine, era: ApiEra, livemode: boolean): Json {
  const { customer } = invoice;
  return {
    id: line.id,
    object: 'line_item',
    amount: line.amountMinor,
    currency: currencyCode(customer.currency),
    description: line.description,
    discount_amounts: [],
    discountable: !line.proration,
    discounts: [],
    livemode,
    metadata: {},
    period: { end: line.periodEnd, start: line.periodStart },
    quantity: line.quantity,
    ...(era === 'old' ? oldPart(invoice, line, livemode) : currentPart(invoice, line)),
  };
}

const oldPart = (invoice: Invoice, line: InvoiceLine, livemode: boolean): Json => ({
  ...(line.invoiceItemId === null ? {} : { invoice_item: line.invoiceItemId }),
  plan: line.price.interval === null ? null : planShape(line.price, 'old', livemode),
  price: priceShape(line.price, livemode)('old'),
  proration: line.proration,
  proration_details: { credited_items: null },
  subscription: invoice.subscription?.id ?? null,
  ...(line.subscriptionItemId === null ? {} : { subscription_item: line.subscriptionItemId }),
  tax_amounts: taxes(invoice.customer, line, 'old'),
  tax_rates:
    invoice.customer.taxRate === null ? [] : [taxRateShape(invoice.customer.taxRate, 'old', livemode)],
  type: line.invoiceItemId === null ? 'subscription' : 'invoiceitem',
});

const currentPart = (invoice: Invoice, line: InvoiceLine): Json => ({
  invoice: invoice.id,
  parent:
    line.invoiceItemId === null
      ? {
          invoice_item_details: null,
          subscription_item_details: {
            invoice_item: null,
            proration: false,
            proration_details: { credited_items: null },
            subscription: invoice.subscription?.id ?? null,
            subscription_item: line.subscriptionItemId,
          },
          type: 'subscription_item_details',
        }
      : {
          invoice_item_details: {
            invoice_item: line.invoiceItemId,
            proration: line.proration,
            proration_details: { credited_items: null },
            subscription: invoice.subscription?.id ?? null,
          },
          subscription_item_details: null,
          type: 'invoice_item_details',
        },
  pretax_credit_amounts: [],
  pricing: {
    price_details: { price: line.price.id, product: line.price.product.id },
    type: 'price_details',
    unit_amount_decimal: decimal(
      line.proration ? line.amountMinor / line.quantity : line.price.unitAmountMinor,
    ),
  },
  quantity_decimal: decimal(line.quantity),
  subscription: invoice.subscription?.id ?? null,
  subtotal: line.amountMinor,
  taxes: taxes(invoice.customer, line, 'current'),
});
