import type { RecordByName, RecordName } from '@keelson/contracts';

/** How to reach Kafka. `tls`/`sasl` are handed to the client as they are; secrets come from files read by the caller. */
export interface KafkaConnection {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
}

/** One record as it was read: committed, decoded, in offset order within its partition. `value` is null for a tombstone. */
export type InputRecord<R extends RecordName = RecordName> = {
  [K in R]: {
    readonly topic: string;
    readonly partition: number;
    readonly offset: bigint;
    readonly key: string;
    /** Kafka's record timestamp in ms: the `received_at` of the delivery that caused it. */
    readonly timestampMs: number;
    readonly headers: Readonly<Record<string, string>>;
    /** Full name of the writer's record; discriminates `value`. Empty for a tombstone, which names none. */
    readonly record: K;
    readonly value: RecordByName[K] | null;
    /** The bytes as they were read, for parking and rejecting. */
    readonly bytes: Buffer | null;
  };
}[R];

/** A record whose bytes could not be decoded: the handler rejects or parks it; the partition goes on. */
export interface UndecodableRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string;
  readonly timestampMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly record: null;
  readonly value: null;
  readonly bytes: Buffer | null;
  readonly error: Error;
}

export type TaskRecord = InputRecord | UndecodableRecord;

/** A record to be written. `partition` defaults to murmur2(key). */
export type OutputRecord<R extends RecordName = RecordName> = {
  [K in R]: {
    readonly topic: string;
    readonly key: string;
    readonly record: K;
    readonly value: RecordByName[K] | null;
    readonly partition?: number;
    readonly timestampMs?: number;
    readonly headers?: Readonly<Record<string, string>>;
  };
}[R];

/** A compacted (or time-limited) topic that holds one task's state. The changelog is first, the local store second. */
export interface StoreDefinition<R extends RecordName = RecordName> {
  readonly topic: string;
  readonly record: R;
  /** For changelogs that are deleted by time: local entries older than this are dropped too. */
  readonly retentionMs?: number;
}

/**
 * One changelog's partition as the task sees it. Reads see this batch's own writes; writes reach Kafka in the batch's
 * transaction and the local store only after it has committed.
 *
 * Entries are read under the schema that wrote them. While that is not known, reads throw `UnknownWriter`, which a handler
 * must let through: the task learns the schema and calls a new handler with the same records.
 */
export interface StateStore<V> {
  get(key: string): V | undefined;
  put(
    key: string,
    value: V,
    options?: { readonly timestampMs?: number; readonly headers?: Readonly<Record<string, string>> },
  ): void;
  delete(key: string): void;
  /** Entries whose key starts with `prefix`, in key order (UTF-8 bytes). The batch's own writes are included. */
  entries(prefix?: string): IterableIterator<readonly [key: string, value: V]>;
}

export interface TaskContext {
  readonly partition: number;
  /** Aborted when the partition is lost, or the service stops: end outside calls now. */
  readonly signal: AbortSignal;
  /** Wall clock in ms (injected). */
  now(): number;
  store<R extends RecordName>(definition: StoreDefinition<R>): StateStore<RecordByName[R]>;
  /** Asks `demand` again soon: what the handler waited for is there. */
  wake(): void;
  /** Queues records for this batch's transaction: all of them or, when one does not fit its schema, none and an error. */
  send(...outputs: readonly OutputRecord[]): void;
  /** Position text `topic/partition/offset` of an input. */
  position(record: TaskRecord): string;
}

export interface TaskHandler {
  /**
   * Computes what follows from `batch` (all of one partition; in offset order per topic). Whatever it sends and puts is
   * committed in one transaction together with the offsets of the whole batch. May await the outside world: no
   * transaction is open yet. May be called again with the same records after any doubt, with a fresh handler.
   */
  process(batch: readonly TaskRecord[], context: TaskContext): void | Promise<void>;
  /** Called about every `tickMs` while the task runs, also when nothing arrives. What it sends and puts is committed. */
  tick?(context: TaskContext): void | Promise<void>;
  /** How many records of `topic` it would take now; 0 leaves them in the inbox. Default: `maxBatchRecords`. */
  demand?(topic: string): number;
}

export interface TaskDefinition {
  readonly service: string;
  readonly room: string;
  /** Consumer group; default `<service>-<room>`. */
  readonly groupId?: string;
  /** In order of priority: a batch takes from the first input with records before it takes from the next. */
  readonly inputs: readonly string[];
  readonly stores: readonly StoreDefinition[];
  readonly maxBatchRecords?: number; // 500
  readonly lingerMs?: number; // 50: a batch waits no longer than this for more
  readonly tickMs?: number; // 1000
  /** Made anew at each takeover of a partition (after restore); nothing it remembers survives a doubt. */
  createHandler(context: TaskContext): TaskHandler | Promise<TaskHandler>;
}

/** Named points of a task's cycle, for fault tests. */
export type FaultPoint = 'fetched' | 'computed' | 'sent' | 'offsets_sent' | 'commit_sent' | 'restoring';
