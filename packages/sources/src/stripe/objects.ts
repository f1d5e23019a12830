import { mapInvoicePayment } from './allocation.ts';
import type { Fields } from './fields.ts';
import { mapBalanceTransaction } from './map-balance.ts';
import { mapPrice, mapProduct } from './map-catalog.ts';
import { mapCharge } from './map-charge.ts';
import { mapCreditNote } from './map-credit-note.ts';
import { mapCustomer, mapTaxId } from './map-customer.ts';
import { mapDispute } from './map-dispute.ts';
import { entitlementSummary, mapEntitlements } from './map-entitlements.ts';
import { mapInvoice } from './map-invoice.ts';
import { mapPayout } from './map-payout.ts';
import { mapRefund } from './map-refund.ts';
import { mapSubscription } from './map-subscription.ts';
import { mapNotFound, notFoundObject } from './not-found.ts';
import { mapPaymentIntent } from './payment-failed.ts';
import type { Telling } from './telling.ts';
import { filtered } from './yielded.ts';
import type { Yielded } from './yielded.ts';

type ObjectMapper = (telling: Telling, object: Fields) => Yielded;

/** By the object's own type: whichever event tells of it, its state is what counts. */
const mappers = new Map<string, ObjectMapper>([
  ['customer', mapCustomer],
  ['tax_id', mapTaxId],
  ['product', mapProduct],
  ['price', mapPrice],
  ['subscription', mapSubscription],
  [entitlementSummary, mapEntitlements],
  ['invoice', mapInvoice],
  ['invoice_payment', mapInvoicePayment],
  ['credit_note', mapCreditNote],
  ['payment_intent', mapPaymentIntent],
  ['charge', mapCharge],
  ['refund', mapRefund],
  ['dispute', mapDispute],
  ['payout', mapPayout],
  ['balance_transaction', mapBalanceTransaction],
  [notFoundObject, mapNotFound],
]);

/** Why nobody needs an event of this type, though its object is known. */
function filterOf(eventType: string): string | undefined {
  if (eventType === 'invoice.upcoming') return 'no-document-yet';
  if (eventType === 'invoice.deleted') return 'draft-invoice';
  if (eventType.startsWith('plan.')) return 'told-by-price';
  if (eventType.startsWith('payment_intent.') && eventType !== 'payment_intent.payment_failed') {
    return 'told-by-charge';
  }
  return undefined;
}

/** Total: what no mapping knows is filtered as `unsupported-type`. */
export function mapperOf(eventType: string | null, objectType: string): ObjectMapper {
  const rule = eventType === null ? undefined : filterOf(eventType);
  if (rule !== undefined) return () => filtered(rule);
  return mappers.get(objectType) ?? (() => filtered('unsupported-type'));
}
