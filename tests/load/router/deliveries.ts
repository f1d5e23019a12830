import { randomBytes } from 'node:crypto';
import { microsOfMs, topics } from '@keelson/contracts';
import { createWorld, planDeliveries } from '@keelson/sandbox';
import type { Door } from '@keelson/sandbox';
import { receiverOf } from '@keelson/sources';
import { createPublisher, silentLogger } from '@keelson/stream';
import type { OutputRecord } from '@keelson/stream';
import { stripeAccount } from '../../../infra/local/src/system/environment.ts';
import { partitionCount } from '../site.ts';
import type { Site } from '../site.ts';

/** Deliveries of one sandbox company; more of them are several companies'. */
const perWorld = 5_000;
const perSend = 500;

/** As sources.yaml names them. */
const accounts: Readonly<Record<Door, string>> = {
  stripe: stripeAccount,
  'standard-webhooks': 'partner',
  api: 'own',
};

/** Writes `count` deliveries to ingress as the ingestor would; late ones, duplicates and poison are among them. */
export async function writeDeliveries(site: Site, count: number, seed: number): Promise<number> {
  const { kafka, codec } = site;
  const publisher = createPublisher({
    ...{ kafka, codec, partitionCount, logger: silentLogger },
    deadlineMs: 60_000,
  });
  let written = 0;
  for (let next = seed; written < count; next++) {
    const events = Math.min(perWorld, Math.max(20, count - written));
    const records = ingressRecords(next, events);
    for (let at = 0; at < records.length; at += perSend) {
      await publisher.publish(records.slice(at, at + perSend));
    }
    written += records.length;
  }
  await publisher.stop();
  return written;
}

function ingressRecords(seed: number, events: number): OutputRecord<'keelson.internal.Ingress'>[] {
  const nowMs = Date.now();
  const deliveries = planDeliveries(createWorld({ seed, events, account: stripeAccount }));
  return deliveries
    .filter(({ kind }) => kind !== 'forged')
    .flatMap(({ door, body, id }) =>
      receiverOf(door)
        .split(Buffer.from(body), { account: accounts[door], headers: { 'webhook-id': id } })
        .map(({ deliveryId, account, alias, payload }) => ({
          topic: topics.ingress(door),
          key: alias,
          record: 'keelson.internal.Ingress' as const,
          timestampMs: nowMs,
          headers: {
            traceparent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
          },
          value: {
            delivery_id: deliveryId,
            source: door,
            account,
            received_at: microsOfMs(nowMs),
            content_type: 'application/json',
            headers: {},
            payload,
            alias,
            secret_id: null,
            origin: door === 'api' ? ('api' as const) : ('webhook' as const),
          },
        })),
    );
}
