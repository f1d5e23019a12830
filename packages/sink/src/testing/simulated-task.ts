import type { Parked, RecordByName, RecordName } from '@keelson/contracts';
import { schemas } from '@keelson/contracts';
import { createCodec } from '@keelson/stream';
import type {
  Codec,
  OutputRecord,
  StoreDefinition,
  TaskContext,
  TaskDefinition,
  TaskHandler,
  TaskRecord,
} from '@keelson/stream';
import { createMemoryStore } from './memory-store.ts';

const codecs = new Map<string, Codec>();

/** A codec for the topics of one target, as a registry would have numbered them; made once. */
export function codecFor(target: string): Codec {
  const codec = codecs.get(target) ?? makeCodec(target);
  codecs.set(target, codec);
  return codec;
}

const makeCodec = (target: string): Codec => createCodec({ schemas, ids: idsFor(target) });

/** The id map that `codecFor` has. */
export function idsFor(target: string): Record<string, number> {
  const subjects = [`sink.${target}`, `sink.${target}.bulk`, `replay.${target}`].flatMap(topic =>
    ['OdooWork', 'FinanceWork', 'SupportWork'].map(record => `${topic}-keelson.work.${record}`),
  );
  subjects.push(
    `parked.${target}-keelson.internal.Parked`,
    `control.${target}-sink-keelson.internal.Control`,
    `standing.${target}-sink-keelson.internal.Control`,
    'receipts-keelson.internal.Receipt',
    'audit-keelson.internal.AuditEntry',
  );
  return Object.fromEntries(subjects.map((subject, index) => [subject, index + 1]));
}

/** One partition of a task without a broker: batches, transactions and doubts as `packages/stream` has them. */
export interface SimulatedTask {
  produce<R extends RecordName>(topic: string, key: string, record: R, value: RecordByName[R]): void;
  produceBytes(topic: string, key: string, bytes: Buffer): void;
  /** One batch when something is wanted, else a tick. Returns the error of a doubt, which discards everything. */
  step(): Promise<unknown>;
  /** Ticks once. */
  tick(): Promise<unknown>;
  /** Steps until nothing is left to take. Throws when that does not come to an end, or on a doubt. */
  drain(): Promise<void>;
  /** Everything that was committed. */
  readonly sent: OutputRecord[];
  readonly parked: ReadonlyMap<string, Parked>;
  waiting(topic: string): number;
  readonly batches: { readonly topic: string; readonly records: number }[];
  /** Before a commit: a throw there is a crash. */
  onCommit: () => void;
  /** For controls: takes whole batches, whatever the handler wants. */
  ignoreDemand: boolean;
  /** Another process goes on from what was committed. */
  takeOver(definition: TaskDefinition): void;
}

export interface SimulationOptions {
  readonly definition: TaskDefinition;
  readonly codec: Codec;
  readonly now: () => number;
  readonly partition?: number;
  readonly signal?: AbortSignal;
}

export function createSimulatedTask(options: SimulationOptions): SimulatedTask {
  let { definition } = options;
  const { codec, now, partition = 0, signal = new AbortController().signal } = options;
  const logs = new Map<string, TaskRecord[]>();
  const offsets = new Map<string, number>();
  const sent: OutputRecord[] = [];
  const batches: { topic: string; records: number }[] = [];
  let pending: OutputRecord[] = [];
  let handler: TaskHandler | undefined;

  const stores = definition.stores.map(({ topic, record }) => ({
    topic,
    store: createMemoryStore<RecordByName[RecordName]>(value => void codec.encode(topic, record, value)),
  }));
  const storeOf = (wanted: string) => stores.find(({ topic }) => topic === wanted)?.store;
  const context = {
    partition,
    signal,
    now,
    wake: () => undefined,
    store: ({ topic }: StoreDefinition) => storeOf(topic),
    send(output: OutputRecord) {
      if (output.value !== null) codec.encode(output.topic, output.record, output.value);
      pending.push(output);
    },
    position: ({ topic, offset }: TaskRecord) => `${topic}/${partition}/${offset}`,
  } as unknown as TaskContext;

  const simulated: SimulatedTask = {
    produce(topic, key, record, value) {
      const bytes = codec.encode(topic, record, value);
      append(topic, { ...base(topic, key), record, value, bytes } as unknown as TaskRecord);
    },
    produceBytes(topic, key, bytes) {
      const error = new Error('no magic byte');
      append(topic, { ...base(topic, key), record: null, value: null, bytes, error });
    },
    async step() {
      return guarded(async () => {
        handler ??= await definition.createHandler(context);
        const batch: TaskRecord[] = [];
        const taken = new Map<string, number>();
        for (const topic of definition.inputs) {
          const from = offsets.get(topic) ?? 0;
          const left = (definition.maxBatchRecords ?? 500) - batch.length;
          const want = Math.min(
            left,
            simulated.ignoreDemand ? Infinity : (handler.demand?.(topic) ?? Infinity),
          );
          const records = (logs.get(topic) ?? []).slice(from, from + want);
          if (records.length === 0) continue;
          batch.push(...records);
          taken.set(topic, from + records.length);
          batches.push({ topic, records: records.length });
        }
        if (batch.length === 0) await handler.tick?.(context);
        else await handler.process(batch, context);
        return taken;
      });
    },
    tick: () =>
      guarded(async () => {
        handler ??= await definition.createHandler(context);
        await handler.tick?.(context);
        return new Map();
      }),
    async drain() {
      for (let steps = 0; definition.inputs.some(topic => simulated.waiting(topic) > 0); steps++) {
        if (steps > 10_000) throw new Error('the task makes no progress');
        const error = await simulated.step();
        if (error !== undefined) throw error as Error;
      }
    },
    sent,
    parked: (storeOf(`parked.${definition.room}`)?.committed ?? new Map()) as ReadonlyMap<string, Parked>,
    waiting: topic => (logs.get(topic)?.length ?? 0) - (offsets.get(topic) ?? 0),
    batches,
    onCommit: () => undefined,
    ignoreDemand: false,
    takeOver(next) {
      definition = next;
      handler = undefined;
    },
  };

  async function guarded(work: () => Promise<ReadonlyMap<string, number>>): Promise<unknown> {
    try {
      const taken = await work();
      simulated.onCommit();
      for (const [topic, offset] of taken) offsets.set(topic, offset);
      for (const { store } of stores) store.commit();
      sent.push(...pending);
      return undefined;
    } catch (error) {
      handler = undefined;
      return error;
    } finally {
      for (const { store } of stores) store.undo();
      pending = [];
    }
  }

  const base = (topic: string, key: string) => ({
    topic,
    partition,
    offset: BigInt(logs.get(topic)?.length ?? 0),
    key,
    timestampMs: now(),
    headers: {},
  });

  function append(topic: string, record: TaskRecord): void {
    const log = logs.get(topic);
    if (log === undefined) logs.set(topic, [record]);
    else log.push(record);
  }

  return simulated;
}
