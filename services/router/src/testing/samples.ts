import { readFileSync, readdirSync } from 'node:fs';
import type { Ingress } from '@keelson/contracts';
import { stripeReceiver } from '@keelson/sources';
import { account, t0 } from './facts.ts';

const folder = new URL('../../../../packages/sources/src/stripe/samples/', import.meta.url);

/** Stripe's samples of one age as the ingestor would write them, in the order of their names. */
export function sampleDeliveries(age: 'current' | 'old'): Ingress[] {
  const directory = new URL(`${age}/`, folder);
  return readdirSync(directory)
    .filter(name => name.endsWith('.json'))
    .flatMap(name => stripeDelivery(readFileSync(new URL(name, directory))));
}

/** One webhook's body as ingress records. */
export const stripeDelivery = (body: Buffer): Ingress[] =>
  stripeReceiver.split(body, { account, headers: {} }).map(({ deliveryId, account: of, alias, payload }) => ({
    delivery_id: deliveryId,
    source: 'stripe',
    account: of,
    received_at: t0,
    content_type: 'application/json',
    headers: {},
    payload,
    alias,
    secret_id: null,
    origin: 'webhook',
  }));
