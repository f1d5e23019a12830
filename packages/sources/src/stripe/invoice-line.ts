import type { FactInvoiceLine } from '@keelson/contracts';
import type { Fields } from './fields.ts';
import { flag, idOf, optionalInstant, optionalObject, optionalText, requiredId } from './fields.ts';
import { netOf } from './lines.ts';
import { taxLines } from './taxes.ts';
import type { KnownRates } from './taxes.ts';

/** A line in either shape: `price`/`plan` before, `pricing.price_details` and `parent` today. */
export function invoiceLine(invoice: Fields, line: Fields, rates: KnownRates): FactInvoiceLine {
  const taxes = taxLines(line, invoice, rates);
  const period = optionalObject(line, 'period');
  return {
    line_id: requiredId(line),
    description: optionalText(line, 'description'),
    product_ref: refOf(line, 'product'),
    price_ref: refOf(line, 'price'),
    quantity: quantityOf(line),
    net: netOf(line, invoice, taxes),
    taxes,
    period_start: period === null ? null : optionalInstant(period, 'start'),
    period_end: period === null ? null : optionalInstant(period, 'end'),
    proration: isProration(line),
  };
}

function refOf(line: Fields, what: 'product' | 'price'): string | null {
  const pricing = optionalObject(line, 'pricing');
  const details = pricing === null ? null : optionalObject(pricing, 'price_details');
  if (details !== null) return idOf(details[what]);
  const price = line['price'] ?? line['plan'];
  return what === 'price' ? idOf(price) : idOf((price as Fields | null | undefined)?.['product']);
}

/** Decimal text; a line without a quantity (an amount of its own) is one. */
export function quantityOf(line: Fields): string {
  const exact = optionalDecimal(line['quantity_decimal']);
  const whole = line['quantity'];
  return exact ?? (typeof whole === 'number' && Number.isFinite(whole) ? String(whole) : '1');
}

const optionalDecimal = (value: unknown): string | null =>
  typeof value === 'string' && /^-?\d{1,18}(\.\d{1,12})?$/.test(value) ? value : null;

function isProration(line: Fields): boolean {
  if (line['proration'] !== undefined) return flag(line, 'proration');
  const parent = optionalObject(line, 'parent');
  if (parent === null) return false;
  const details = [
    optionalObject(parent, 'invoice_item_details'),
    optionalObject(parent, 'subscription_item_details'),
  ];
  return details.some(detail => detail !== null && flag(detail, 'proration'));
}
