import { topics } from '@keelson/contracts';
import type { Receipt, Topology } from '@keelson/contracts';
import { conservationTopics, createTally } from '@keelson/cli';
import type { Sums } from '@keelson/cli';
import { follow } from '@keelson/stream';
import type { Codec, KafkaConnection } from '@keelson/stream';

/** What is seen on the topics while the system runs. */
export interface Watch {
  sums(): Sums;
  /** p50 and p99 from a delivery's receipt to its effect, in ms, since `start`; null while there was none. */
  latencyMs(): { readonly p50: number | null; readonly p99: number | null };
  /** Age of the oldest delivery that is not accounted for is not known; how long nothing has changed, in ms. */
  quietMs(): number;
  stop(): Promise<void>;
}

/** Follows all topics that conservation is counted on. Effects count for latency when their delivery came after `startMs`. */
export function startWatch(kafka: KafkaConnection, codec: Codec, topology: Topology, startMs: number): Watch {
  const abort = new AbortController();
  const tally = createTally(topology.targets.map(({ name }) => name));
  const targets = new Set(topology.targets.map(({ name }) => name));
  const latencies: number[] = [];
  let changedAtMs = Date.now();

  const followOne = async (topic: string): Promise<void> => {
    for await (const record of follow(topic, { kafka, codec, signal: abort.signal })) {
      tally.observe(record);
      changedAtMs = Date.now();
      if (topic === topics.receipts) measure(record.value as unknown as Receipt);
    }
  };
  const measure = ({ target, outcome, received_at, concluded_at }: Receipt): void => {
    if (targets.has(target) && outcome === 'applied' && received_at / 1000 >= startMs)
      latencies.push((concluded_at - received_at) / 1000);
  };
  const following = conservationTopics(topology).map(followOne);

  return {
    sums: () => tally.sums(),
    latencyMs: () => {
      const sorted = [...latencies].sort((a, b) => a - b);
      const at = (share: number): number | null => {
        const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
        return value === undefined ? null : Math.round(value);
      };
      return { p50: at(0.5), p99: at(0.99) };
    },
    quietMs: () => Date.now() - changedAtMs,
    stop: async () => {
      abort.abort();
      await Promise.allSettled(following);
    },
  };
}

/** Nothing is on its way, nothing waits for another delivery, and each accepted delivery has been seen. */
export function atRest(sums: Sums, deliveriesSoFar: number): boolean {
  const all = [sums.deliveries, sums.facts, ...Object.values(sums.works)];
  const waits = all.some(({ open }) => (open['waiting'] ?? 0) > 0 || (open['stepped_aside'] ?? 0) > 0);
  return !waits && all.every(({ inFlight }) => inFlight === 0) && sums.deliveries.entered >= deliveriesSoFar;
}
