import { randomBytes } from 'node:crypto';
import { headers, topics } from '@keelson/contracts';
import type { Receipt } from '@keelson/contracts';
import { createWorld, stripeSignature } from '@keelson/sandbox';
import type { WorldEvent } from '@keelson/sandbox';
import { follow } from '@keelson/stream';
import { stripeAccount, urlOf } from '../../../infra/local/src/system/environment.ts';
import { readSecretFile } from '../../../infra/local/src/system/secrets.ts';
import { failuresOf, postRequest, sendLoad } from '../http-load/index.ts';
import { quantile } from '../report.ts';
import type { BenchOptions, Result } from '../report.ts';
import { openSite } from '../site.ts';
import type { Site } from '../site.ts';

const perSecond = 500;
const perWorld = 5_000;
const quietMs = 5_000;

/** When a delivery reached the ledger, in ms of the wall clock. */
interface Effect {
  readonly traceId: string;
  readonly receivedAtMs: number;
  readonly concludedAtMs: number;
}

/** From a webhook to its ledger entry: ingestor, both rooms, finance sink and PostgreSQL, at 500 webhooks a second. */
export async function benchLatency({ quick, say }: BenchOptions): Promise<Result> {
  const times = quick ? { warmUpSeconds: 2, seconds: 4 } : { warmUpSeconds: 60, seconds: 30 };
  const site = await openSite(say);
  const abort = new AbortController();
  try {
    await site.startSandbox();
    const events = await someEvents(site, (times.warmUpSeconds + times.seconds) * perSecond);
    await Promise.all((['ingestor', 'router', 'finance-sink'] as const).map(name => site.start(name)));
    const effects: Effect[] = [];
    let movedAtMs = performance.now();
    const following = followEffects(site, abort.signal, effect => {
      effects.push(effect);
      movedAtMs = performance.now();
    });
    say(`${perSecond} webhooks a second for ${times.warmUpSeconds + times.seconds} s`);
    const secret = await readSecretFile(site.secrets.stripe);
    const traceIds = events.map(() => randomBytes(16).toString('hex'));
    const requests = events.map((event, at) => requestOf(event, secret, traceIds[at] ?? ''));
    const sent = await sendLoad({
      ...{ port: site.addresses.ingestorPort, connections: 64, requests, perSecond, ...times },
    });
    while (performance.now() - movedAtMs < quietMs) await new Promise(resolve => setTimeout(resolve, 100));
    abort.abort();
    await following;

    const sentAtMs = new Map(traceIds.map((id, at) => [id, sent.sentAtMs[at] ?? Number.NaN]));
    const fromMs = (sent.sentAtMs[0] ?? 0) + times.warmUpSeconds * 1000;
    const measured = effects.flatMap(effect => {
      const at = sentAtMs.get(effect.traceId);
      return at === undefined || at < fromMs ? [] : [{ ...effect, at }];
    });
    const received = Float64Array.from(measured, each => each.concludedAtMs - each.receivedAtMs).sort();
    const wall = Float64Array.from(measured, each => each.concludedAtMs - each.at).sort();
    return {
      name: 'latency',
      how: `${perSecond} webhooks/s for ${times.seconds} s in the order of a company's life, after ${times.warmUpSeconds} s of warm-up; ${measured.length} ledger entries`,
      figures: [
        { what: 'from receipt to ledger, p50', value: quantile(received, 0.5), unit: 'ms' },
        {
          what: 'from receipt to ledger, p99',
          value: quantile(received, 0.99),
          unit: 'ms',
          goal: { under: 500 },
        },
        { what: 'from receipt to ledger, max', value: received.at(-1) ?? Number.NaN, unit: 'ms' },
        { what: 'from sending to ledger, p50', value: quantile(wall, 0.5), unit: 'ms' },
        {
          what: 'from sending to ledger, p99',
          value: quantile(wall, 0.99),
          unit: 'ms',
          goal: { under: 500 },
        },
        { what: 'answer to the sender, p50', value: sent.p50Ms, unit: 'ms' },
        { what: 'answer to the sender, p99', value: sent.p99Ms, unit: 'ms' },
        { what: 'answers other than 2xx', value: failuresOf(sent), unit: '', goal: { under: 1 } },
      ],
    };
  } finally {
    abort.abort();
    await site.close();
  }
}

/** What companies' provider sends, in the order in which it happened; the provider's API knows their objects. */
async function someEvents(site: Site, count: number): Promise<readonly WorldEvent[]> {
  const found: WorldEvent[] = [];
  for (let seed = 3_000; found.length < count; seed++) {
    const options = { seed, events: perWorld, account: stripeAccount };
    const answer = await fetch(`${urlOf(site.addresses.stripePort)}/_sandbox/worlds`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(options),
    });
    if (!answer.ok) throw new Error(`the Stripe stand-in answered ${answer.status}`);
    found.push(...createWorld(options).providerEvents);
  }
  return found.slice(0, count);
}

function requestOf({ body }: WorldEvent, secret: string, traceId: string): Buffer {
  const text = JSON.stringify({ ...body, pending_webhooks: 1 }, null, 2);
  return postRequest(
    '/webhooks/stripe',
    {
      'stripe-signature': stripeSignature(secret, Math.floor(Date.now() / 1000), text),
      [headers.traceparent]: `00-${traceId}-${randomBytes(8).toString('hex')}-01`,
    },
    text,
  );
}

async function followEffects(
  { kafka, codec }: Site,
  signal: AbortSignal,
  onEffect: (effect: Effect) => void,
): Promise<void> {
  for await (const record of follow(topics.receipts, { kafka, codec, signal })) {
    const receipt = record.value as unknown as Receipt;
    if (receipt.target !== 'finance' || receipt.outcome !== 'applied') continue;
    onEffect({
      traceId: record.headers[headers.traceparent]?.split('-')[1] ?? '',
      receivedAtMs: receipt.received_at / 1000,
      concludedAtMs: receipt.concluded_at / 1000,
    });
  }
}
