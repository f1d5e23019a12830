import { aliasOf } from '@keelson/contracts';
import { idOf, isObject } from './fields.ts';

export const system = 'stripe';

export const stripeAlias = (account: string, id: string): string => aliasOf(system, account, id);

/** The account itself: whatever names no customer belongs to its house customer. */
export const accountAlias = (account: string): string => stripeAlias(account, account);

/**
 * Whom an object is about: the customer it names (by id or expanded), the customer itself, a refund's or dispute's
 * charge (else payment intent), an invoice payment's invoice; everything else the account.
 */
export function subjectAlias(account: string, object: unknown): string {
  return stripeAlias(account, isObject(object) ? (subjectId(object) ?? account) : account);
}

function subjectId(object: Readonly<Record<string, unknown>>): string | null {
  const customer = idOf(object['customer']);
  if (customer !== null) return customer;
  switch (object['object']) {
    case 'customer':
      return idOf(object['id']);
    case 'refund':
    case 'dispute':
      return idOf(object['charge']) ?? idOf(object['payment_intent']);
    case 'invoice_payment':
      return idOf(object['invoice']);
    default:
      return null;
  }
}
