/** What Stripe's ids say of themselves by their beginning. */
const objectTypes = new Map([
  ['cus', 'customer'],
  ['ch', 'charge'],
  ['py', 'charge'],
  ['pi', 'payment_intent'],
  ['in', 'invoice'],
  ['sub', 'subscription'],
  ['re', 'refund'],
  ['pyr', 'refund'],
  ['dp', 'dispute'],
  ['du', 'dispute'],
  ['cn', 'credit_note'],
  ['po', 'payout'],
  ['txn', 'balance_transaction'],
]);

/** The object type to ask for by this id, or null where the id does not say. */
export const objectTypeOf = (id: string): string | null =>
  objectTypes.get(id.slice(0, id.indexOf('_'))) ?? null;

/** Whether the id is a customer's own: then its alias alone makes the customer known. */
export const namesCustomer = (id: string): boolean => id.startsWith('cus_');
