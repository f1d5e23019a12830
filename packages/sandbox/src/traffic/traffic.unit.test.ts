import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { Webhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { expectationsOf } from '../world/expectations.ts';
import { createWorld } from '../world/world.ts';
import type { Delivery } from './delivery.ts';
import { LATE_WINDOW } from './order.ts';
import { planDeliveries } from './plan.ts';
import { sendTraffic } from './send-traffic.ts';
import type { TrafficSecrets } from './sign.ts';
import { prove } from './sign.ts';

const secrets: TrafficSecrets = {
  stripe: `whsec_${randomBytes(24).toString('base64url')}`,
  standardWebhooks: `whsec_${randomBytes(24).toString('base64')}`,
  api: randomBytes(24).toString('hex'),
};
const stripe = new Stripe('sk_test_unused');

/** A receiver after the providers' own libraries. */
function verified(door: Delivery['door'], headers: Record<string, string>, body: string): boolean {
  try {
    if (door === 'stripe') {
      const header = headers['stripe-signature'] ?? '';
      stripe.webhooks.signature?.verifyHeader(body, header, secrets.stripe, 300);
      // The library lets the future pass; a right receiver does not.
      return Number(/t=(\d+)/.exec(header)?.[1]) < Date.now() / 1000 + 300;
    }
    if (door === 'api') return headers.authorization === `Bearer ${secrets.api}`;
    // Its verify() parses what it has verified, and ours is always JSON here.
    new Webhook(secrets.standardWebhooks).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

const run = (seed: number, events: number): Delivery[] => planDeliveries(createWorld({ seed, events }));

describe('the plan of a run', () => {
  test('has exactly as many deliveries as asked for, and as many of each kind as the oracle says', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999 }), fc.integer({ min: 20, max: 400 }), (seed, events) => {
        const { counts } = expectationsOf(createWorld({ seed, events }));
        const deliveries = run(seed, events);
        const of = (kind: Delivery['kind']): number => deliveries.filter(one => one.kind === kind).length;
        expect(deliveries.length).toBe(events);
        expect(of('event')).toBe(counts.distinctEvents);
        expect(of('duplicate')).toBe(counts.duplicates);
        expect(of('forged')).toBe(counts.expected401);
        expect(of('poison')).toBe(counts.expectedRejected);
      }),
      { numRuns: 15 },
    );
  });

  test('is the same for the same seed', () => {
    expect(JSON.stringify(run(7, 400))).toBe(JSON.stringify(run(7, 400)));
    expect(JSON.stringify(run(7, 400))).not.toBe(JSON.stringify(run(8, 400)));
  });

  test('repeats events with another count of waiting endpoints, nothing else', () => {
    const deliveries = run(7, 2000);
    const originals = new Map(deliveries.filter(one => one.kind === 'event').map(one => [one.id, one]));
    const repeats = deliveries.filter(one => one.kind === 'duplicate');
    const bare = (body: string): unknown => ({ ...(JSON.parse(body) as object), pending_webhooks: 0 });
    const changed = repeats.filter(repeat => {
      const original = originals.get(repeat.id) as Delivery;
      return repeat.index <= original.index || !isDeepStrictEqual(bare(repeat.body), bare(original.body));
    });
    expect(changed).toEqual([]);
    expect(repeats.some(repeat => repeat.body !== originals.get(repeat.id)?.body)).toBe(true);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('turns the order round within a window (seed %i)', seed => {
    const world = createWorld({ seed, events: 2000 });
    const deliveries = planDeliveries(world).filter(one => one.kind === 'event' && one.door === 'stripe');
    const at = new Map(deliveries.map((one, i) => [one.id, i]));
    const firstOf = new Map<string, string>();
    let latest = 0;
    let [refundFirst, subscriptionFirst, paidFirst] = [0, 0, 0];
    const finalized = new Map<string, string>();
    world.providerEvents.forEach((event, i) => {
      const place = at.get(event.id) as number;
      latest = Math.max(latest, place - i);
      const before = (other: string | undefined): boolean =>
        other !== undefined && place < (at.get(other) as number);
      if (event.type === 'refund.created' && before(firstOf.get(event.needs[1] ?? ''))) refundFirst += 1;
      if (event.type === 'customer.subscription.created' && before(firstOf.get(event.customerId ?? '')))
        subscriptionFirst += 1;
      if (event.type === 'invoice.paid' && before(finalized.get(event.objectId))) paidFirst += 1;
      if (event.type === 'invoice.finalized') finalized.set(event.objectId, event.id);
      if (!firstOf.has(event.objectId)) firstOf.set(event.objectId, event.id);
    });
    expect(latest).toBeLessThanOrEqual(2 * LATE_WINDOW + 1);
    expect([refundFirst > 0, subscriptionFirst > 0, paidFirst > 0]).toEqual([true, true, true]);
  });
});

describe('a delivery', () => {
  test('is verified by the official libraries, unless it is forged', () => {
    const seen = new Set<string>();
    const misjudged: string[] = [];
    for (const delivery of run(7, 2000)) {
      const { headers, body } = prove(delivery, secrets, Date.now());
      if (verified(delivery.door, headers, body) !== (delivery.kind !== 'forged'))
        misjudged.push(delivery.id);
      seen.add(`${delivery.door}/${delivery.proof}`);
    }
    expect(misjudged).toEqual([]);
    expect([...seen].sort()).toEqual([
      'api/right',
      'api/wrong_secret',
      'standard-webhooks/right',
      'standard-webhooks/wrong_secret',
      'stripe/altered_body',
      'stripe/from_the_future',
      'stripe/missing',
      'stripe/right',
      'stripe/stale',
      'stripe/wrong_secret',
    ]);
  });
});

describe('sending', () => {
  test('gives everything to the receiver, comes again where it is asked to, and repeats a run exactly', async () => {
    const bodies: string[] = [];
    let refusals = 5;
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        const door =
          request.url === '/v1/events' ? 'api' : (request.url?.split('/').at(-1) as Delivery['door']);
        if (refusals > 0) {
          refusals -= 1;
          response.writeHead(refusals % 2 === 0 ? 429 : 503, { 'retry-after': '0' }).end();
          return;
        }
        const ok = verified(door, request.headers as Record<string, string>, body);
        if (ok) bodies.push(body);
        response.writeHead(ok ? 202 : 401).end();
      });
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const ingestorUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { counts } = expectationsOf(createWorld({ seed: 5, events: 300 }));
    try {
      const progress: number[] = [];
      const first = await sendTraffic({
        ingestorUrl,
        secrets,
        seed: 5,
        events: 300,
        onProgress: ({ sent }) => progress.push(sent),
      });
      expect(first.byStatus).toEqual({ 202: counts.accepted, 401: counts.expected401 });
      expect(first.answersByStatus).toEqual({
        202: counts.accepted,
        401: counts.expected401,
        429: 3,
        503: 2,
      });
      expect([first.retries, first.unexpected, progress.at(-1)]).toEqual([5, [], 300]);
      const sentFirst = bodies.splice(0).sort();
      const second = await sendTraffic({
        ingestorUrl,
        secrets,
        seed: 5,
        events: 300,
        again: true,
        ratePerSecond: 5000,
      });
      expect([second.again, second.byStatus]).toEqual([true, first.byStatus]);
      expect(bodies.sort()).toEqual(sentFirst);
    } finally {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    }
  });

  test('says what was not answered rightly', async () => {
    const server = createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(200).end());
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const ingestorUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const result = await sendTraffic({ ingestorUrl, secrets, seed: 5, events: 100 });
      expect(result.unexpected.map(one => [one.kind, one.status])).toEqual([['forged', 200]]);
    } finally {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    }
  });
});
