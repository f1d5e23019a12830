import { invalidEvent } from '@keelson/contracts';
import type { MappedClaim, MappedFact, MappedFetch } from '../mapping.ts';
import { stripeAlias } from './alias.ts';
import type { Telling } from './telling.ts';

/** What one object of Stripe's yields. */
export type Yielded =
  | { readonly rule: string }
  | {
      readonly facts?: readonly MappedFact[];
      readonly claims?: readonly MappedClaim[];
      readonly fetches?: readonly MappedFetch[];
    };

/** Nobody needs it, and this rule says why. */
export const filtered = (rule: string): Yielded => ({ rule });

/** The object belongs to the same customer as the delivery: whatever names only the object finds it by that. */
export const claimOf = (telling: Telling, id: string, rule: string): MappedClaim => ({
  alias: stripeAlias(telling.account, id),
  rule,
});

/** A fee and a net come from nowhere else: deliveries name the balance transaction without carrying it. */
export const balanceFetches = (...ids: readonly (string | null)[]): MappedFetch[] =>
  [...new Set(ids)]
    .filter(id => id !== null)
    .map(id => ({ objectType: 'balance_transaction', objectId: id, reason: 'fee-and-net' }));

/**
 * The telling carries only a part (a first page, an amount left out): the whole is fetched. What was fetched has to be
 * whole, or it would be asked for without end.
 */
export function wholeFetch(
  telling: Telling,
  objectType: string,
  objectId: string,
  reason: string,
): readonly MappedFetch[] {
  if (telling.eventId === null) throw invalidEvent('incomplete', `${objectType} ${objectId}: ${reason}`);
  return [{ objectType, objectId, reason }];
}
