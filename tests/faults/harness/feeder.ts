import { setTimeout as delay } from 'node:timers/promises';
import { createPublisher, silentLogger } from '@keelson/stream';
import type { Codec, KafkaConnection } from '@keelson/stream';
import { ingressRecords, stripeDeliveries } from './deliveries.ts';
import type { IngressRecord } from './deliveries.ts';

export interface Target {
  readonly kafka: KafkaConnection;
  readonly codec: Codec;
  readonly partitionCount: number;
  /** How its topics are named; default: as the contract names them. */
  readonly named?: (topic: string) => string;
}

/** A sender that goes on until it is told to stop. */
export interface Feeder {
  /** How many records were acknowledged so far. */
  count(): number;
  /** Resolves with everything that was sent, in its order. */
  stop(): Promise<readonly IngressRecord[]>;
}

const everyMs = 100;

/** Sends up to `perSecond` deliveries a second, one send after the other: so each partition has them in one order. */
export function startFeeder(
  target: Target,
  { seed, perSecond }: { seed: number; perSecond: number },
): Feeder {
  const sent: IngressRecord[] = [];
  const deliveries = stripeDeliveries(seed);
  let stopped = false;
  const feed = async (): Promise<void> => {
    const publish = open(target);
    for (;;) {
      await delay(everyMs);
      if (stopped) break;
      const some = Array.from({ length: (perSecond * everyMs) / 1000 }, () => deliveries.next().value);
      const records = some.flatMap(delivery => ingressRecords(delivery, Date.now()));
      await publish.send(records);
      sent.push(...records);
    }
    await publish.stop();
  };
  const feeding = feed();
  feeding.catch(() => undefined);
  return {
    count: () => sent.length,
    async stop() {
      stopped = true;
      await feeding;
      return sent;
    },
  };
}

/** Sends the same again, in the same order: every record gets the offset that it had there. */
export async function feedAgain(target: Target, records: readonly IngressRecord[]): Promise<void> {
  const publish = open(target);
  for (let at = 0; at < records.length; at += batch) await publish.send(records.slice(at, at + batch));
  await publish.stop();
}

const batch = 500;

function open({ kafka, codec, partitionCount, named = topic => topic }: Target) {
  const publisher = createPublisher({
    ...{ kafka, codec, partitionCount, logger: silentLogger },
    deadlineMs: 60_000,
  });
  return {
    send: (records: readonly IngressRecord[]) =>
      publisher.publish(records.map(record => ({ ...record, topic: named(record.topic) }))),
    stop: () => publisher.stop(),
  };
}
