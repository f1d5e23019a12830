import type { StoreDefinition } from './api.ts';
import type { KafkaMessage, LogReader } from './client/index.ts';
import { staleness, type LocalStore } from './state-store/index.ts';

export interface RestoreOptions {
  readonly definition: StoreDefinition;
  readonly partition: number;
  /** Goes up when the topic is re-created or re-partitioned. */
  readonly generation: number;
  readonly reader: LogReader;
  readonly local: LocalStore;
  readonly now: () => number;
  /** Ends the restore early, with an error. */
  readonly signal: AbortSignal;
  readonly onPage?: () => void;
}

export interface Restored {
  readonly offset: bigint;
  readonly records: number;
  /** Why it began at the log's start; undefined when it went on from the checkpoint. */
  readonly wiped: string | undefined;
}

const maxWaitMs = 500;

/**
 * Brings the local table to the stable end of its changelog partition, from its checkpoint or, when that can't be
 * trusted, from the start. Call it when nobody else can write the partition any more. Each page's entries and the
 * checkpoint behind them are one local write.
 */
export async function restore(options: RestoreOptions): Promise<Restored> {
  const { definition, partition, generation, reader, local, now, signal, onPage } = options;
  const { topic } = definition;
  const table = local.table(topic, { expires: definition.retentionMs !== undefined });
  const clusterId = reader.clusterId();
  const bounds = await reader.bounds(topic, partition);
  const checkpoint = table.checkpoint();
  const wiped = staleness(checkpoint, { ...bounds, clusterId, generation, nowMs: now() });
  const keepFrom = definition.retentionMs === undefined ? -Infinity : now() - definition.retentionMs;
  const at = (offset: bigint) => ({ offset, clusterId, generation, timeMs: now() });

  if (wiped !== undefined) local.write(() => table.wipe());
  let offset = wiped === undefined && checkpoint !== undefined ? checkpoint.offset : bounds.earliest;
  let records = 0;
  while (offset < bounds.stableEnd) {
    signal.throwIfAborted();
    const leader = reader.leaderOf(topic, partition);
    const [page] = await reader.fetch(leader, [{ topic, partition, offset }], maxWaitMs);
    if (page === undefined) throw new Error(`no answer for ${topic}/${partition}`);
    local.write(() => {
      for (const message of page.messages) apply(table, message, keepFrom);
      // A wiped table becomes usable only when whole: until then a crash must find no checkpoint.
      if (wiped === undefined || page.next >= bounds.stableEnd) table.setCheckpoint(at(page.next));
    });
    records += page.messages.length;
    offset = page.next;
    onPage?.();
  }
  local.write(() => {
    if (definition.retentionMs !== undefined) table.expire(keepFrom);
    table.setCheckpoint(at(offset));
  });
  return { offset, records, wiped };
}

function apply(table: ReturnType<LocalStore['table']>, message: KafkaMessage, keepFrom: number): void {
  const key = message.key?.toString();
  if (key === undefined) return;
  const timestampMs = Number(message.timestamp);
  if (message.value === null || timestampMs < keepFrom) table.delete(key);
  else table.put(key, message.value, timestampMs);
}
