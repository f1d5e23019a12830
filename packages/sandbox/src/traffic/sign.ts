import { createHmac } from 'node:crypto';
import type { Delivery, Proof } from './delivery.ts';

/** What the receiver was given to verify with. */
export type TrafficSecrets = {
  /** The provider's endpoint secret, the whole text (`whsec_…`). */
  stripe: string;
  /** Standard Webhooks: `whsec_` and base64. */
  standardWebhooks: string;
  /** Bearer token of the company's own systems. */
  api: string;
};

const STALE_S = 3600;

/**
 * Headers and body of one request, proved as of now (or wrongly, where the delivery is a forged one).
 * @param nowMs the real time: signatures are the one thing that depends on it
 */
export function prove(
  delivery: Delivery,
  secrets: TrafficSecrets,
  nowMs: number,
): { headers: Record<string, string>; body: string } {
  const at = Math.floor(nowMs / 1000) + clockError(delivery.proof);
  const secret = (right: string): string =>
    delivery.proof === 'wrong_secret' ? `whsec_${'00'.repeat(16)}` : right;
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    ...proofOf(delivery, at, secret, secrets),
  };
  const body = delivery.proof === 'altered_body' ? `${delivery.body} ` : delivery.body;
  return { headers, body };
}

function proofOf(
  delivery: Delivery,
  at: number,
  secret: (right: string) => string,
  secrets: TrafficSecrets,
): Record<string, string> {
  if (delivery.proof === 'missing') return {};
  switch (delivery.door) {
    case 'stripe':
      return {
        'stripe-signature': stripeSignature(secret(secrets.stripe), at, delivery.body),
        'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
      };
    case 'standard-webhooks':
      return {
        'webhook-id': delivery.id,
        'webhook-timestamp': String(at),
        'webhook-signature': standardSignature(
          secret(secrets.standardWebhooks),
          delivery.id,
          at,
          delivery.body,
        ),
      };
    case 'api':
      return { authorization: `Bearer ${secret(secrets.api)}` };
  }
}

export const stripeSignature = (secret: string, atS: number, body: string): string =>
  `t=${atS},v1=${createHmac('sha256', secret).update(`${atS}.${body}`).digest('hex')}`;

export function standardSignature(secret: string, id: string, atS: number, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${atS}.${body}`).digest('base64')}`;
}

function clockError(proof: Proof): number {
  if (proof === 'stale') return -STALE_S;
  return proof === 'from_the_future' ? STALE_S : 0;
}
