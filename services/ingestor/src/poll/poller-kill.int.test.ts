import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Ingress } from '@keelson/contracts';
import { waitFor } from '@keelson/testkit';
import { createInstallation, startIngestor } from '../testing/installation.ts';
import type { Installation } from '../testing/installation.ts';
import { movementPath, startStripe } from '../testing/stripe.ts';
import type { StandInStripe } from '../testing/stripe.ts';

/* The real ingestor, its poller killed once at each point of its cycle while requests wait. */

const points = ['restoring', 'fetched', 'computed', 'offsets_sent', 'sent', 'commit_sent'] as const;
const perPoint = 6;

let installation: Installation;
let stripe: StandInStripe;
beforeAll(async () => {
  stripe = await startStripe();
  installation = await createInstallation(stripe.url);
}, 180_000);
afterAll(async () => {
  stripe.close();
  await installation.close();
}, 60_000);

/** How often each object is on ingress, among what was committed. */
async function fetched(): Promise<Record<string, number>> {
  const ids = (await installation.read()).map(({ value }) => {
    const { origin, payload } = value as Ingress;
    return `${origin} ${(JSON.parse(payload.toString()) as { id: string }).id}`;
  });
  return Object.fromEntries([...Map.groupBy(ids, id => id)].map(([id, all]) => [id, all.length]));
}

test('the poller killed at each point: each object asked for is on ingress once, nothing is lost', async () => {
  const asked: string[] = [];
  for (const point of points) {
    const ids = Array.from({ length: perPoint }, (_, index) => `txn_${point}_${index}`);
    for (const id of ids) stripe.objects.set(movementPath(id), { object: 'balance_transaction', id });
    await installation.request(...ids.map(id => installation.movement(id)));
    asked.push(...ids);
    const before = stripe.asked.length;
    const { process } = await startIngestor(installation, {
      env: { KEELSON_FAULT_POINT: `ingestor.poll:${point}:1` },
    });
    const line = await process.line(/^fault point /, { timeoutMs: 60_000 });
    expect(line).toBe(`fault point ingestor.poll:${point}`);
    expect(await process.exited).toEqual({ code: null, signal: 'SIGKILL' });
    // Behind its first point it dies with answers in hand.
    expect(stripe.asked.length > before).toBe(point !== 'restoring' && point !== 'fetched');
  }
  const { process } = await startIngestor(installation);
  await waitFor('every request to end', () => installation.lag(), {
    until: lag => lag === 0n,
    timeoutMs: 60_000,
  });
  expect(await fetched()).toEqual(Object.fromEntries(asked.map(id => [`fetch ${id}`, 1])));
  // Asked for again after a death, the source is not asked in vain: what was not committed is asked for anew.
  expect(stripe.asked.length).toBeGreaterThan(asked.length);
  expect(await process.kill('SIGTERM')).toEqual({ code: 0, signal: null });
}, 300_000);
