import {
  isOffsetOutOfRange,
  messageOf,
  type FetchedPartition,
  type LogReader,
  type PartitionPosition,
} from '../client/index.ts';
import type { Logger } from '../logger.ts';
import { delay } from './signal.ts';

/** Fetches for all tasks of a room: at most one request under way per broker, none when nobody wants anything. */
export interface FetchLoop {
  /** Somebody may want something. */
  kick(): void;
  stop(): Promise<void>;
}

export interface FetchLoopOptions {
  readonly reader: LogReader;
  readonly logger: Logger;
  readonly wanted: () => readonly PartitionPosition[];
  readonly deliver: (fetched: FetchedPartition) => void;
  /** The partition's position no longer exists in the log. */
  readonly onOutOfRange: (topic: string, partition: number) => void;
}

const maxWaitMs = 250;
const firstRetryMs = 100;
const lastRetryMs = 2_000;

export function createFetchLoop({
  reader,
  logger,
  wanted,
  deliver,
  onOutOfRange,
}: FetchLoopOptions): FetchLoop {
  const ending = new AbortController();
  const busy = new Map<string, Promise<void>>();
  let failures = 0;
  let recovering: Promise<void> | undefined;

  function kick(): void {
    if (ending.signal.aborted || recovering !== undefined) return;
    let byLeader: Map<string, PartitionPosition[]>;
    try {
      byLeader = groupByLeader(reader, wanted());
    } catch (error) {
      recover(error);
      return;
    }
    for (const [leader, positions] of byLeader) {
      if (busy.has(leader)) continue;
      const request = fetch(leader, positions).finally(() => {
        busy.delete(leader);
        kick();
      });
      busy.set(leader, request);
    }
  }

  async function fetch(leader: string, positions: readonly PartitionPosition[]): Promise<void> {
    try {
      for (const fetched of await reader.fetch(leader, positions, maxWaitMs)) deliver(fetched);
      failures = 0;
    } catch (error) {
      if (isOffsetOutOfRange(error)) onOutOfRange(error.topic, error.partition);
      else recover(error);
    }
  }

  /** Kafka is away, or another broker leads now: ask again who leads what, ever more slowly. */
  function recover(error: unknown): void {
    if (recovering !== undefined || ending.signal.aborted) return;
    const waitMs = Math.min(lastRetryMs, firstRetryMs * 2 ** failures++);
    logger.warn({ error: messageOf(error), waitMs }, 'fetching failed, trying again');
    recovering = (async () => {
      await delay(waitMs, ending.signal);
      let next: unknown;
      if (!ending.signal.aborted) {
        next = await reader.reconnect().then(
          () => undefined,
          (cause: unknown) => cause,
        );
      }
      recovering = undefined;
      if (next === undefined) kick();
      else recover(next);
    })();
  }

  return {
    kick,
    async stop() {
      ending.abort();
      await Promise.all([...busy.values(), recovering]);
    },
  };
}

function groupByLeader(
  reader: LogReader,
  positions: readonly PartitionPosition[],
): Map<string, PartitionPosition[]> {
  const byLeader = new Map<string, PartitionPosition[]>();
  for (const position of positions) {
    const leader = reader.leaderOf(position.topic, position.partition);
    const list = byLeader.get(leader);
    if (list === undefined) byLeader.set(leader, [position]);
    else list.push(position);
  }
  return byLeader;
}
