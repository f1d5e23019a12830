import type { Flows, Target } from '@keelson/contracts';
import type { Codec, Logger, TaskDefinition } from '@keelson/stream';
import type { SinkFaultHook } from './faults.ts';
import { createGate, defaultProbe, defaultTries } from './gate.ts';
import type { GateOptions } from './gate.ts';
import { createSinkHandler, inputsOf, storesOf } from './handler.ts';
import { createPace } from './pace.ts';
import type { Parking } from './parking.ts';
import type { SinkPort } from './port.ts';
import { createReport } from './report.ts';
import { defaultLimits } from './shared.ts';
import type { Rest } from './standing.ts';
import type { SinkLimits } from './shared.ts';
import { createStorm, defaultStormLimits } from './storm.ts';
import type { StormLimits } from './storm.ts';
import type { WorkOf, WorkRecordName } from './unit.ts';

export interface SinkOptions<R extends WorkRecordName, P> {
  /** Its name in targets.yaml. */
  readonly target: string;
  readonly record: R;
  readonly policy: Pick<Target, 'mode' | 'environment' | 'rate'>;
  readonly flows: Flows;
  readonly port: SinkPort<WorkOf<R>, P>;
  /** The task's own codec. */
  readonly codec: Pick<Codec, 'decode'>;
  readonly logger: Logger;
  readonly generationOf?: (topic: string) => number;
  readonly limits?: Partial<SinkLimits>;
  readonly storm?: Partial<StormLimits>;
  readonly retry?: Partial<Pick<GateOptions, 'retry' | 'probe'>>;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly fault?: SinkFaultHook;
}

export interface Sink {
  /** For `runTasks`. */
  readonly definition: TaskDefinition;
  /**
   * Checks the target before the first work: throws `misconfigured`. A target that is away is no reason not to start:
   * the sink is not ready, takes no work, and asks again.
   */
  start(signal: AbortSignal): Promise<void>;
  /** Why it takes no work now; empty when it does. */
  reasons(): readonly string[];
  close(): Promise<void>;
}

const maxBatchRecords = 500;
const ignore = (): void => undefined;

/** The one sink runner, for one target. */
export function createSink<R extends WorkRecordName, P>(options: SinkOptions<R, P>): Sink {
  const { target, port, logger, policy, now = Date.now, random = Math.random } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const parkings = new Map<number, Parking>();
  const rests = new Map<number, Rest>();
  const gate = createGate({
    retry: options.retry?.retry ?? defaultTries,
    probe: options.retry?.probe ?? defaultProbe,
    random,
    now,
    onChange: reasons =>
      reasons.length === 0
        ? logger.info({ target }, 'sink goes on')
        : logger.error({ target, reasons }, 'sink stands still'),
  });
  const report = createReport(target, logger, {
    breakerOpen: () => gate.breakerOpen(),
    parked: () => sumOf([...parkings.values()]),
  });
  const shared = {
    ...options,
    mode: policy.mode,
    environment: policy.environment,
    gate,
    storm: createStorm({ ...defaultStormLimits, ...options.storm }, now),
    report,
    limits,
    random,
    parkings,
    rests,
    fault: options.fault ?? ignore,
    generationOf: options.generationOf ?? (() => 1),
    newPace: () =>
      createPace({
        targetMs: limits.batchMs,
        max: maxBatchRecords,
        first: (policy.rate.requests_per_second * limits.batchMs) / 20_000,
      }),
  };
  return {
    definition: {
      service: `${target}-sink`,
      room: target,
      inputs: inputsOf(target),
      stores: Object.values(storesOf(target)),
      maxBatchRecords,
      createHandler: context => createSinkHandler(shared, context),
    },
    start: signal => gate.start(() => port.check({ signal, now })),
    reasons: () => [...new Set([...rests.values()].flatMap(({ reason }) => reason ?? [])), ...gate.reasons()],
    async close() {
      report.close();
      await port.close();
    },
  };
}

function sumOf(parkings: readonly Parking[]) {
  const sum = { exception: 0, stepped_aside: 0, scheduled: 0 };
  for (const parking of parkings) {
    const counts = parking.counts();
    sum.exception += counts.exception;
    sum.stepped_aside += counts.stepped_aside;
    sum.scheduled += counts.scheduled;
  }
  return sum;
}
