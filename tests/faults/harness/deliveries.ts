import { randomBytes } from 'node:crypto';
import { microsOfMs, topics } from '@keelson/contracts';
import { createWorld, planDeliveries } from '@keelson/sandbox';
import type { Delivery } from '@keelson/sandbox';
import { stripeReceiver } from '@keelson/sources';
import type { OutputRecord } from '@keelson/stream';
import { stripeAccount } from '../../../infra/local/src/system/environment.ts';

export type IngressRecord = OutputRecord<'keelson.internal.Ingress'>;

const eventsPerWorld = 1_000;

/** What Stripe would send, duplicates and poison with it, without end: one small company after the other. */
export function* stripeDeliveries(seed: number): Generator<Delivery, never> {
  for (let next = seed; ; next++) {
    for (const delivery of planDeliveries(createWorld({ seed: next, events: eventsPerWorld })))
      if (delivery.door === 'stripe' && delivery.kind !== 'forged') yield delivery;
  }
}

/** Deliveries as the ingestor writes them, each with a trace of its own: by it, whatever follows is known again. */
export function ingressRecords({ body }: Pick<Delivery, 'body'>, nowMs: number): IngressRecord[] {
  const split = stripeReceiver.split(Buffer.from(body), { account: stripeAccount, headers: {} });
  return split.map(({ deliveryId, account, alias, payload }) => ({
    topic: topics.ingress('stripe'),
    key: alias,
    record: 'keelson.internal.Ingress',
    timestampMs: nowMs,
    headers: { traceparent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01` },
    value: {
      delivery_id: deliveryId,
      source: 'stripe',
      account,
      received_at: microsOfMs(nowMs),
      content_type: 'application/json',
      headers: {},
      payload,
      alias,
      secret_id: null,
      origin: 'webhook',
    },
  }));
}
