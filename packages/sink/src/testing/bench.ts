import { silentLogger } from '@keelson/stream';
import { createSink } from '../sink.ts';
import type { Sink, SinkOptions } from '../sink.ts';
import { codecFor, createSimulatedTask } from './simulated-task.ts';
import type { SimulatedTask } from './simulated-task.ts';
import { createFakePort } from './fake-port.ts';
import type { FakePort } from './fake-port.ts';
import { controlOf, odooWorkOf, testFlows } from './works.ts';
import type { TestWork } from './works.ts';

type Options = SinkOptions<'keelson.work.OdooWork', string>;

/** A sink of the target `test` on a fake port, one partition, no broker; time stands still unless set. */
export interface Bench {
  readonly sink: Sink;
  readonly port: FakePort;
  readonly task: SimulatedTask;
  nowMs: number;
  give(topic: 'sink.test' | 'sink.test.bulk' | 'replay.test', ...works: readonly TestWork[]): void;
  control(control: Parameters<typeof controlOf>[0]): void;
  /** The process ends, and another one, which knows what is on the topics and nothing else, goes on. */
  restart(): void;
}

export const quick = {
  retry: { attempts: 2, initial_ms: 1, max_ms: 2 },
  probe: { initial_ms: 0, max_ms: 0 },
} as const;

export function createBench(options: Partial<Options> & { readonly port?: FakePort } = {}): Bench {
  const port = options.port ?? createFakePort();
  const codec = codecFor('test');
  const bench = { nowMs: 1_700_000_000_000 } as { -readonly [K in keyof Bench]: Bench[K] };
  const now = options.now ?? (() => bench.nowMs);
  const start = (): Sink =>
    createSink({
      target: 'test',
      record: 'keelson.work.OdooWork',
      policy: { mode: 'live', environment: 'test', rate: { requests_per_second: 10_000, concurrency: 1 } },
      flows: testFlows,
      codec,
      logger: silentLogger,
      now,
      random: () => 1,
      retry: quick,
      ...options,
      port,
    });
  const sink = start();
  const task = createSimulatedTask({ definition: sink.definition, codec, now });
  return Object.assign(bench, {
    sink,
    port,
    task,
    give(topic: string, ...works: readonly TestWork[]) {
      for (const work of works) task.produce(topic, work.customer, 'keelson.work.OdooWork', odooWorkOf(work));
    },
    control(control: Parameters<typeof controlOf>[0]) {
      task.produce('control.test-sink', 'ada', 'keelson.internal.Control', controlOf(control));
    },
    restart() {
      bench.sink = start();
      task.takeOver(bench.sink.definition);
    },
  });
}
