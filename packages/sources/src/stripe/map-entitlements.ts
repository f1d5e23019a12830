import type { Fields } from './fields.ts';
import { isIncomplete, objects, requiredId, requiredText } from './fields.ts';
import { snapshotFact } from './telling.ts';
import type { Telling } from './telling.ts';
import { wholeFetch } from './yielded.ts';
import type { Yielded } from './yielded.ts';

export const entitlementSummary = 'entitlements.active_entitlement_summary';

/** All that a customer may use now, over all of their contracts. */
export function mapEntitlements(telling: Telling, summary: Fields): Yielded {
  const customer = requiredId(summary, 'customer');
  if (isIncomplete(summary, 'entitlements')) {
    return { fetches: wholeFetch(telling, entitlementSummary, customer, 'more-entitlements') };
  }
  const fact = snapshotFact(telling, {
    type: 'contract.entitlement_changed',
    // The summary has no id of its own: it is the customer's.
    object: { object: entitlementSummary, id: customer },
    rank: 0,
    body: {
      'keelson.fact.EntitlementSet': {
        contract_id: null,
        entitlements: objects(summary, 'entitlements').map(entitlement => ({
          feature_key: requiredText(entitlement, 'lookup_key'),
          value: null,
          valid_from: null,
          valid_to: null,
        })),
      },
    },
  });
  return { facts: [fact] };
}
