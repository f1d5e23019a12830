import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { topics } from '@keelson/contracts';
import type { Ingress } from '@keelson/contracts';
import { createWorld, stripeSignature } from '@keelson/sandbox';
import type { Delivery } from '@keelson/sandbox';
import { readTopic } from '@keelson/stream';
import type { TestProcess } from '@keelson/testkit';
import { readSecretFile } from '../../infra/local/src/system/secrets.ts';
import { createInstallation, startMs } from './harness/installation.ts';
import type { Installation } from './harness/installation.ts';
import { stopwatch } from './harness/report.ts';
import { companyDeliveries } from './harness/sink-kills.ts';

/* The real ingestor, killed once at each point of a request while others are under way; senders send again until 2xx. */

const points = ['body_read', 'verified', 'enqueued', 'acknowledged', 'answered'];
const perPoint = 40;
const connections = 4;
/** The request, of those that come by, in which it dies. */
const times = 12;

let installation: Installation;
let secret: string;
beforeAll(async () => {
  installation = await createInstallation();
  secret = await readSecretFile(installation.secrets.stripe);
}, 300_000);
afterAll(() => installation.close(), 60_000);

async function urlOf(ingestor: TestProcess): Promise<string> {
  const line = await ingestor.line('"receiving"', { timeoutMs: startMs });
  return `${(JSON.parse(line) as { url: string }).url}/webhooks/stripe`;
}

/** Whether a 2xx was heard; a connection that breaks says nothing. */
async function send(url: string, { body }: Delivery): Promise<boolean> {
  const signature = stripeSignature(secret, Math.floor(Date.now() / 1000), body);
  try {
    const response = await fetch(url, {
      ...{
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', 'stripe-signature': signature },
      },
      signal: AbortSignal.timeout(startMs),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** Sends over a few connections; those that were answered with a 2xx. */
async function sendAll(url: string, deliveries: readonly Delivery[]): Promise<Set<string>> {
  const heard = new Set<string>();
  const left = [...deliveries];
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift())
      if (await send(url, next)) heard.add(next.id);
  };
  await Promise.all(Array.from({ length: connections }, worker));
  return heard;
}

async function stored(): Promise<string[]> {
  const ids: string[] = [];
  const { kafka, codec } = installation;
  for await (const { value } of readTopic(topics.ingress('stripe'), { kafka, codec }))
    ids.push((value as Ingress).delivery_id ?? 'none');
  return ids;
}

test('killed at each point: what a 2xx was heard about is there, and all is there in the end', async () => {
  const say = stopwatch('ingestor');
  const deliveries = companyDeliveries(createWorld({ seed: 47, events: 400 })).slice(
    0,
    points.length * perPoint,
  );
  const heard = new Set<string>();
  const lost = async (): Promise<string[]> => {
    const there = new Set(await stored());
    return [...heard].filter(id => !there.has(id));
  };
  const unheard = (all: readonly Delivery[]): Delivery[] => all.filter(({ id }) => !heard.has(id));

  for (const [index, point] of points.entries()) {
    const ingestor = installation.start('ingestor', { faultPoint: `ingestor:${point}:${times}` });
    const known = deliveries.slice(0, (index + 1) * perPoint);
    for (const id of await sendAll(await urlOf(ingestor), unheard(known))) heard.add(id);
    expect(await ingestor.line(/^fault point /)).toBe(`fault point ingestor:${point}`);
    expect((await ingestor.exited).signal).toBe('SIGKILL');
    // The rest of this round was sent to nobody: the sender comes back to it.
    expect(unheard(known).length).toBeGreaterThan(0);
    expect(await lost()).toEqual([]);
  }
  const last = installation.start('ingestor');
  for (const id of await sendAll(await urlOf(last), unheard(deliveries))) heard.add(id);
  await last.kill('SIGTERM');
  expect(unheard(deliveries)).toEqual([]);
  expect(await lost()).toEqual([]);
  const there = await stored();
  say(
    `${points.length} kills, ${heard.size} deliveries heard, ${there.length - new Set(there).size} of them stored twice`,
  );
}, 900_000);
