import type { Fields } from './fields.ts';
import { requiredId, requiredText } from './fields.ts';
import type { Telling } from './telling.ts';
import { claimOf, filtered } from './yielded.ts';
import type { Yielded } from './yielded.ts';

/** What the poller writes when the source has no such object. */
export const notFoundObject = 'keelson.not_found';

/** Others may wait behind the aliases of these. */
export const waitedFor: ReadonlySet<string> = new Set(['charge', 'payment_intent', 'invoice']);

/** Money does not wait: what waits behind an object that its source does not have goes to the house customer. */
export function mapNotFound(telling: Telling, answer: Fields): Yielded {
  const rule = 'not-found-at-source';
  if (!waitedFor.has(requiredText(answer, 'object_type'))) return filtered(rule);
  return { claims: [claimOf(telling, requiredId(answer), rule)] };
}
