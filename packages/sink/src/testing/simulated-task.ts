import type { Parked, RecordByName, RecordName } from '@keelson/contracts';
import { schemas } from '@keelson/contracts';
import { createCodec } from '@keelson/stream';
import type {
  Codec,
  OutputRecord,
  StateStore,
  TaskContext,
  TaskDefinition,
  TaskHandler,
  TaskRecord,
} from '@keelson/stream';

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
}

export interface SimulationOptions {
  readonly definition: TaskDefinition;
  readonly codec: Codec;
  readonly now: () => number;
  readonly partition?: number;
  readonly signal?: AbortSignal;
}

export function createSimulatedTask(options: SimulationOptions): SimulatedTask {
  const { definition, codec, now, partition = 0, signal = new AbortController().signal } = options;
  const logs = new Map<string, TaskRecord[]>();
  const offsets = new Map<string, number>();
  const committed = new Map<string, Parked>();
  const sent: OutputRecord[] = [];
  const batches: { topic: string; records: number }[] = [];
  let overlay = new Map<string, Parked | null>();
  let pending: OutputRecord[] = [];
  let handler: TaskHandler | undefined;

  const store: StateStore<Parked> = {
    get: key => (overlay.has(key) ? (overlay.get(key) ?? undefined) : committed.get(key)),
    put(key, value) {
      codec.encode(definition.stores[0]?.topic ?? '', 'keelson.internal.Parked', value);
      overlay.set(key, value);
    },
    delete: key => void overlay.set(key, null),
    *entries(prefix = '') {
      for (const key of [...new Set([...committed.keys(), ...overlay.keys()])].sort()) {
        const value = store.get(key);
        if (key.startsWith(prefix) && value !== undefined) yield [key, value] as const;
      }
    },
  };
  const context = {
    partition,
    signal,
    now,
    wake: () => undefined,
    store: () => store,
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
    parked: committed,
    waiting: topic => (logs.get(topic)?.length ?? 0) - (offsets.get(topic) ?? 0),
    batches,
    onCommit: () => undefined,
    ignoreDemand: false,
  };

  async function guarded(work: () => Promise<ReadonlyMap<string, number>>): Promise<unknown> {
    try {
      const taken = await work();
      simulated.onCommit();
      for (const [topic, offset] of taken) offsets.set(topic, offset);
      for (const [key, value] of overlay) {
        if (value === null) committed.delete(key);
        else committed.set(key, value);
      }
      sent.push(...pending);
      return undefined;
    } catch (error) {
      handler = undefined;
      return error;
    } finally {
      overlay = new Map();
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
