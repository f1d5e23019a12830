import { sendTraffic } from '@keelson/sandbox';
import type { TrafficResult } from '@keelson/sandbox';
import { stripeAccount } from './environment.ts';
import type { StartOptions } from './options.ts';
import { readSecretFile } from './secrets.ts';
import type { Site } from './site.ts';
import type { Progress } from './table.ts';

/** Sends the company's deliveries to the ingestor, and gives its provider's API the objects that they speak of. */
export async function sendAll(
  { endpoints: { ingestor, stripe, secrets } }: Site,
  { seed, events, ratePerSecond }: StartOptions,
  again: boolean,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<TrafficResult> {
  const world = await fetch(`${stripe.url}/_sandbox/worlds`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ seed, events, account: stripeAccount }),
    signal,
  });
  if (!world.ok) throw new Error(`the Stripe stand-in answered ${world.status}`);
  return sendTraffic({
    seed,
    events,
    account: stripeAccount,
    again,
    signal,
    onProgress,
    ingestorUrl: ingestor.url,
    secrets: {
      stripe: await readSecretFile(secrets.stripe),
      standardWebhooks: await readSecretFile(secrets['standard-webhooks']),
      api: await readSecretFile(secrets.api),
    },
    ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
  });
}

/** How many deliveries of a run were answered with a 2xx. */
export const acceptedOf = ({ byStatus }: TrafficResult): number =>
  Object.entries(byStatus).reduce((sum, [status, count]) => (status.startsWith('2') ? sum + count : sum), 0);
