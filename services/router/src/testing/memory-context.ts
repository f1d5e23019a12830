import { schemas } from '@keelson/contracts';
import type { RecordByName, RecordName } from '@keelson/contracts';
import { createCodec } from '@keelson/stream';
import type {
  Codec,
  InputRecord,
  OutputRecord,
  StateStore,
  StoreDefinition,
  TaskContext,
  TaskRecord,
} from '@keelson/stream';

/** A record as whoever reads the topic gets it: encoded by its schema and decoded again. */
export interface Written<R extends RecordName = RecordName> {
  readonly topic: string;
  readonly key: string;
  readonly record: R;
  readonly value: RecordByName[R];
  readonly bytes: Buffer;
  readonly partition: number | undefined;
  readonly timestampMs: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** One partition's world in memory: what a room sends and keeps, through the real codec. */
export interface MemoryContext extends TaskContext {
  /** Everything sent so far, in order. */
  readonly written: readonly Written[];
  /** What was sent on one topic, as its reader sees it. */
  on<R extends RecordName>(topic: string, record: R): RecordByName[R][];
  entries<R extends RecordName>(definition: StoreDefinition<R>): Record<string, RecordByName[R]>;
  /** An input record of this partition, at the topic's next offset. */
  input<R extends RecordName>(
    topic: string,
    key: string,
    record: R,
    value: RecordByName[R],
    headers?: Record<string, string>,
  ): InputRecord<R>;
  /** A record whose bytes nobody can read. */
  poison(topic: string, key: string, bytes: Buffer): TaskRecord;
  set(nowMs: number): void;
  /** As if a store's entries had been written by an earlier release, under a schema with this id. */
  age<R extends RecordName>(definition: StoreDefinition<R>, schemaId: number): void;
}

/** Ids as if every record were registered on every topic of the list. */
export function testCodec(topics: readonly string[]): Codec {
  const names = Object.keys(schemas);
  const ids = Object.fromEntries(
    topics.flatMap(topic => names.map((name, index) => [`${topic}-${name}`, index + 1] as const)),
  );
  return createCodec({ schemas, ids });
}

export function memoryContext(codec: Codec, partition = 0): MemoryContext {
  const written: Written[] = [];
  const stores = new Map<string, Map<string, Buffer>>();
  const offsets = new Map<string, bigint>();
  let nowMs = Date.UTC(2026, 10, 23, 12);

  const tableOf = (topic: string): Map<string, Buffer> => {
    const table = stores.get(topic) ?? new Map<string, Buffer>();
    stores.set(topic, table);
    return table;
  };
  const nextOffset = (topic: string): bigint => {
    const offset = offsets.get(topic) ?? 0n;
    offsets.set(topic, offset + 1n);
    return offset;
  };
  const store = <R extends RecordName>({
    topic,
    record,
  }: StoreDefinition<R>): StateStore<RecordByName[R]> => {
    const table = tableOf(topic);
    const read = (bytes: Buffer): RecordByName[R] => codec.decode(bytes).value as RecordByName[R];
    return {
      get(key) {
        const bytes = table.get(key);
        return bytes === undefined ? undefined : read(bytes);
      },
      put: (key, value) => void table.set(key, codec.encode(topic, record, value)),
      delete: key => void table.delete(key),
      *entries(prefix = '') {
        const keys = [...table.keys()].filter(key => key.startsWith(prefix)).sort();
        for (const key of keys) {
          const bytes = table.get(key);
          if (bytes !== undefined) yield [key, read(bytes)] as const;
        }
      },
    };
  };

  return {
    partition,
    signal: new AbortController().signal,
    written,
    now: () => nowMs,
    set: ms => (nowMs = ms),
    age({ topic }, schemaId) {
      for (const bytes of tableOf(topic).values()) bytes.writeInt32BE(schemaId, 1);
    },
    wake: () => undefined,
    store,
    send(...outputs: readonly OutputRecord[]) {
      const all = outputs.map((output): Written => {
        const { topic, key, record, value, timestampMs, headers = {} } = output;
        if (value === null) throw new Error('tombstones are written by stores');
        const bytes = codec.encode(topic, record, value);
        const { value: decoded } = codec.decode(bytes);
        return {
          topic,
          key,
          record,
          value: decoded,
          bytes,
          partition: output.partition,
          timestampMs,
          headers,
        };
      });
      written.push(...all);
    },
    position: ({ topic, partition: of, offset }) => `${topic}/${of}/${offset}`,
    on: (topic, record) =>
      written
        .filter(each => each.topic === topic && each.record === record)
        .map(({ value }) => value as never),
    entries: definition => Object.fromEntries(store(definition).entries()),
    input: (topic, key, record, value, headers = {}) =>
      ({
        topic,
        partition,
        offset: nextOffset(topic),
        key,
        timestampMs: nowMs,
        headers,
        record,
        value,
        bytes: codec.encode(topic, record, value),
      }) as never,
    poison: (topic, key, bytes) => ({
      topic,
      partition,
      offset: nextOffset(topic),
      key,
      timestampMs: nowMs,
      headers: {},
      record: null,
      value: null,
      bytes,
      error: new Error('not Avro'),
    }),
  };
}
