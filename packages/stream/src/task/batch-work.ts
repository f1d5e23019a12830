import type { RecordName } from '@keelson/contracts';
import type { OutputRecord, StoreDefinition, TaskContext, TaskRecord } from '../api.ts';
import { partitionOf } from '../partition.ts';
import type { OverlaidStore } from '../state-store/index.ts';
import { traceparentOf } from '../trace.ts';
import type { Outgoing } from '../outgoing.ts';
import { context as otelContext, trace } from '@opentelemetry/api';
import { headers as headerNames, misconfigured } from '@keelson/contracts';
import type { TaskOptions } from './options.ts';

type AnyStore = OverlaidStore<unknown>;

/** What handlers of one takeover send and put, until it is committed or discarded. */
export interface BatchWork {
  readonly context: TaskContext;
  isEmpty(): boolean;
  /** Sent records, then changelog records. */
  records(): Outgoing[];
  readonly stores: readonly AnyStore[];
  clear(): void;
}

export interface BatchWorkOptions {
  readonly partition: number;
  readonly options: Pick<TaskOptions, 'codec' | 'partitionCount'>;
  readonly stores: readonly AnyStore[];
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly wake: () => void;
}

export function createBatchWork({
  partition,
  options,
  stores,
  signal,
  now,
  wake,
}: BatchWorkOptions): BatchWork {
  const { codec, partitionCount } = options;
  const byTopic = new Map(stores.map(store => [store.topic, store]));
  let sent: Outgoing[] = [];

  const outgoing = (output: OutputRecord): Outgoing => {
    const { topic, key, record, value } = output;
    return {
      topic,
      key,
      partition: output.partition ?? partitionOf(key, partitionCount),
      value: value === null ? null : codec.encode(topic, record, value),
      timestampMs: output.timestampMs ?? now(),
      headers: withTrace(output.headers),
    };
  };

  return {
    stores,
    context: {
      partition,
      signal,
      now,
      wake,
      send(...outputs) {
        const encoded = outputs.map(outgoing);
        for (const each of encoded) sent.push(each);
      },
      store<R extends RecordName>({ topic }: StoreDefinition<R>) {
        const store = byTopic.get(topic);
        if (store === undefined)
          throw misconfigured('no_such_store', `${topic} is not among the stores of this task`);
        return store as ReturnType<TaskContext['store']> as never;
      },
      position: ({ topic, partition: of, offset }: TaskRecord) => `${topic}/${of}/${offset}`,
    },
    isEmpty: () => sent.length === 0 && stores.every(store => store.pending() === 0),
    records: () => [
      ...sent,
      ...stores.flatMap(store =>
        [...store.changes()].map(change => ({ ...change, topic: store.topic, partition })),
      ),
    ],
    clear() {
      sent = [];
      for (const store of stores) store.discard();
    },
  };
}

/** A record without a trace of its own belongs to the batch's. */
function withTrace(
  headers: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> | undefined {
  if (headers?.[headerNames.traceparent] !== undefined) return headers;
  const span = trace.getSpanContext(otelContext.active());
  const traceparent = span && traceparentOf(span);
  return traceparent === undefined ? headers : { ...headers, [headerNames.traceparent]: traceparent };
}
