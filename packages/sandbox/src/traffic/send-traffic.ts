import { setTimeout as wait } from 'node:timers/promises';
import type { WorldOptions } from '../world/world.ts';
import { createWorld } from '../world/world.ts';
import type { Delivery, Door } from './delivery.ts';
import { expectedStatus } from './delivery.ts';
import { planDeliveries } from './plan.ts';
import type { Poster } from './post.ts';
import { createPoster } from './post.ts';
import type { TrafficSecrets } from './sign.ts';
import { prove } from './sign.ts';

export type TrafficOptions = WorldOptions & {
  ingestorUrl: string;
  secrets: TrafficSecrets;
  /** Starts of deliveries a second. Default: as fast as it goes. */
  ratePerSecond?: number;
  /** Connections in use at once. Default 16. */
  concurrency?: number;
  /**
   * The run was sent before and is sent once more: the same deliveries in the same order, signed anew. That is so
   * whenever the options are the same; this only marks the progress and the result.
   */
  again?: boolean;
  onProgress?: (progress: TrafficProgress) => void;
  signal?: AbortSignal;
  /** How often one delivery is tried. Default 50. */
  maxAttempts?: number;
};

export type TrafficProgress = { sent: number; total: number; again: boolean };

export type TrafficResult = {
  deliveries: number;
  again: boolean;
  /** The last answer to each delivery, counted; 0 is none at all. */
  byStatus: Record<string, number>;
  /** All answers, those included that asked to wait. */
  answersByStatus: Record<string, number>;
  /** Tries beyond the first of each. */
  retries: number;
  /** Deliveries whose last answer was not what a right receiver gives. */
  unexpected: {
    id: string;
    type: string;
    kind: Delivery['kind'];
    proof: Delivery['proof'];
    status: number;
  }[];
  elapsedMs: number;
};

const PATHS: Record<Door, string> = {
  stripe: '/webhooks/stripe',
  'standard-webhooks': '/webhooks/standard-webhooks',
  api: '/v1/events',
};
const LONGEST_WAIT_MS = 30_000;

/** Makes the seed's world and sends all its deliveries. Resolves when each has its last answer. */
export function sendTraffic(options: TrafficOptions): Promise<TrafficResult> {
  return sendDeliveries(planDeliveries(createWorld(options)), options);
}

/** Sends these. They start in order; answers may come in any. */
export async function sendDeliveries(
  deliveries: readonly Delivery[],
  options: Omit<TrafficOptions, keyof WorldOptions>,
): Promise<TrafficResult> {
  const { concurrency = 16, again = false, ratePerSecond } = options;
  const result: TrafficResult = {
    deliveries: deliveries.length,
    again,
    byStatus: {},
    answersByStatus: {},
    retries: 0,
    unexpected: [],
    elapsedMs: 0,
  };
  const poster = createPoster(options.ingestorUrl, concurrency);
  const startedMs = performance.now();
  let next = 0;
  let sent = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < deliveries.length; at = next++) {
      const delivery = deliveries[at] as Delivery;
      if (ratePerSecond !== undefined) await until(startedMs + (at * 1000) / ratePerSecond, options.signal);
      options.signal?.throwIfAborted();
      const status = await deliver(poster, delivery, options, result);
      count(result.byStatus, status);
      const accepted = status >= 200 && status < 300;
      if (expectedStatus(delivery) === 'accepted' ? !accepted : status !== 401) {
        result.unexpected.push({
          id: delivery.id,
          type: delivery.type,
          kind: delivery.kind,
          proof: delivery.proof,
          status,
        });
      }
      sent += 1;
      options.onProgress?.({ sent, total: deliveries.length, again });
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, worker));
  } finally {
    poster.close();
  }
  result.elapsedMs = Math.round(performance.now() - startedMs);
  return result;
}

/** As a real sender: asked to wait, or unanswered, it comes again, signed anew. Answers the last status. */
async function deliver(
  poster: Poster,
  delivery: Delivery,
  { secrets, signal, maxAttempts = 50 }: Omit<TrafficOptions, keyof WorldOptions>,
  result: TrafficResult,
): Promise<number> {
  let status = 0;
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    if (attempt > 1) result.retries += 1;
    const { headers, body } = prove(delivery, secrets, Date.now());
    const answer = await poster
      .post(PATHS[delivery.door], headers, body)
      .catch(() => ({ status: 0, retryAfterMs: null }));
    status = answer.status;
    count(result.answersByStatus, status);
    const comesAgain = status === 0 || status === 429 || status >= 500;
    if (!comesAgain || attempt === maxAttempts) return status;
    const waitMs = answer.retryAfterMs ?? Math.min(LONGEST_WAIT_MS, 100 * 2 ** Math.min(attempt, 8));
    await wait(Math.min(waitMs, LONGEST_WAIT_MS), undefined, signal === undefined ? {} : { signal });
  }
  return status;
}

async function until(dueMs: number, signal: AbortSignal | undefined): Promise<void> {
  const waitMs = dueMs - performance.now();
  if (waitMs > 1) await wait(waitMs, undefined, signal === undefined ? {} : { signal });
}

function count(counts: Record<string, number>, status: number): void {
  counts[String(status)] = (counts[String(status)] ?? 0) + 1;
}
