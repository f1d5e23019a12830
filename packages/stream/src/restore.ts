import type { StoreDefinition } from './api.ts';
import type { FetchedPartition, KafkaMessage, LogReader } from './client/index.ts';
import { staleness, type LocalStore, type LocalTable } from './state-store/index.ts';

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
const maxHeapBytes = 64 << 20;
/** What an entry takes beside key and value. */
const entryBytes = 300;

/**
 * Brings the local table to the end of its changelog partition, from its checkpoint or, when that can't be
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
  const heap = createHeap(table, keepFrom);
  // A wiped table becomes usable only when whole: until then a crash must find no checkpoint.
  const flush = (offset: bigint, whole: boolean): void =>
    local.write(() => {
      heap.flush();
      if (whole && definition.retentionMs !== undefined) table.expire(keepFrom);
      if (whole || wiped === undefined) table.setCheckpoint(at(offset));
    });
  let offset = wiped === undefined && checkpoint !== undefined ? checkpoint.offset : bounds.earliest;
  let records = 0;
  const fetchAt = async (waitMs: number): Promise<FetchedPartition> => {
    const [page] = await reader.fetch(
      reader.leaderOf(topic, partition),
      [{ topic, partition, offset }],
      waitMs,
    );
    if (page === undefined) throw new Error(`no answer for ${topic}/${partition}`);
    return page;
  };
  // Where two rooms write one changelog, the other's open transaction may hide committed entries of ours behind it: the
  // end is that of the log, not of what is stable now. An open transaction ends within its time-out.
  let end: bigint | undefined;
  do {
    signal.throwIfAborted();
    const page = await fetchAt(end === undefined ? 0 : maxWaitMs);
    end ??= page.end;
    for (const message of page.messages) heap.add(message);
    records += page.messages.length;
    offset = page.next;
    if (heap.bytes() > maxHeapBytes) flush(offset, false);
    onPage?.();
  } while (offset < end);
  flush(offset, true);
  return { offset, records, wiped };
}

interface Entry {
  readonly value: Buffer | null;
  readonly timestampMs: number;
}

/**
 * Gathers entries and writes them in key order. Written as they come, each would touch a page of its own: a restore of a
 * million entries took several times as long, nearly all of it in writing the same pages again and again.
 */
function createHeap(table: LocalTable, keepFrom: number) {
  const entries = new Map<string, Entry>();
  let bytes = 0;
  return {
    bytes: () => bytes,
    add({ key: keyBytes, value, timestamp }: KafkaMessage): void {
      if (keyBytes === null) return;
      const key = keyBytes.toString();
      const timestampMs = Number(timestamp);
      entries.set(key, { value: timestampMs < keepFrom ? null : value, timestampMs });
      bytes += key.length + (value?.length ?? 0) + entryBytes;
    },
    flush(): void {
      for (const key of [...entries.keys()].sort()) {
        const { value, timestampMs } = entries.get(key) ?? { value: null, timestampMs: 0 };
        if (value === null) table.delete(key);
        else table.put(key, value, timestampMs);
      }
      entries.clear();
      bytes = 0;
    },
  };
}
