import type { Source } from '@keelson/contracts';
import { mapperOf, namesStripeCustomer, stripeObjectTypeOf } from '@keelson/sources';
import type { SourceKind, SourceKinds } from './sources.ts';

/** Senders that speak our own words name their customers as they like, and cannot be asked. */
const canonical = (kind: Source['kind']): SourceKind => ({
  map: mapperOf(kind),
  namesCustomer: () => true,
  objectTypeOf: () => null,
});

export const sourceKinds: SourceKinds = {
  stripe: { map: mapperOf('stripe'), namesCustomer: namesStripeCustomer, objectTypeOf: stripeObjectTypeOf },
  'standard-webhooks': canonical('standard-webhooks'),
  api: canonical('api'),
};
