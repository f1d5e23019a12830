import { randomBytes } from 'node:crypto';
import { stripeSignature } from '@keelson/sandbox';
import { postRequest } from '../http-load/index.ts';

const bodyBytes = 1024;

/** Signed Stripe webhooks of 1 KB, each of another customer, valid for the next five minutes. */
export function signedWebhooks(count: number, secret: string): Buffer[] {
  const atSeconds = Math.floor(Date.now() / 1000);
  return Array.from({ length: count }, () => {
    const body = webhook();
    return postRequest(
      '/webhooks/stripe',
      { 'stripe-signature': stripeSignature(secret, atSeconds, body), 'user-agent': 'Stripe/1.0' },
      body,
    );
  });
}

function webhook(): string {
  const id = (prefix: string): string => `${prefix}_${randomBytes(12).toString('hex')}`;
  const customer = {
    ...{ id: id('cus'), object: 'customer', balance: 0, created: 1_760_000_000, currency: 'eur' },
    ...{ delinquent: false, email: 'billing@example.com', livemode: false, name: 'Example GmbH' },
    address: { city: 'Wien', country: 'AT', line1: 'Ring 1', line2: null, postal_code: '1010', state: null },
    metadata: { note: '' },
  };
  const event = {
    ...{ id: id('evt'), object: 'event', api_version: '2025-03-31.basil', created: 1_760_000_000 },
    ...{ type: 'customer.updated', livemode: false, pending_webhooks: 1, data: { object: customer } },
  };
  customer.metadata.note = 'x'.repeat(bodyBytes - JSON.stringify(event).length);
  return JSON.stringify(event);
}
