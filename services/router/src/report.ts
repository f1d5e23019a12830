import { codeOf, KeelsonError, telemetry, topics } from '@keelson/contracts';
import type { Outcome, Receipt } from '@keelson/contracts';
import type { OutputRecord, TaskContext } from '@keelson/stream';
import { metrics } from '@opentelemetry/api';
import type { Attributes, ObservableResult } from '@opentelemetry/api';
import type { RoomLog } from './ports.ts';

/** How much one partition of a room has open. */
export interface RoomSize {
  readonly waiting?: number;
  readonly parked: number;
}

/** What one room tells of itself: its numbers, and a line a batch. Ids and counts, never bodies. */
export interface RoomReport {
  /** For a new handler of the task's partition. */
  open(context: TaskContext, size: () => RoomSize): HandlerReport;
}

export interface HandlerReport {
  /** Runs one call of the handler. What it says in receipts is counted as soon as it is known to be committed. */
  batch(task: TaskContext, records: number, work: (task: TaskContext) => void): void;
}

type Tally = Map<string, Map<Outcome, number>>;

export function createRoomReport(room: 'resolve' | 'route', log: RoomLog): RoomReport {
  const { metrics: names, attributes } = telemetry;
  const meter = metrics.getMeter('@keelson/router');
  const base: Attributes = { [attributes.room]: room };
  const outcomes = meter.createCounter(names.outcomes, {
    description: 'Deliveries or facts that ended, by outcome',
  });
  const sizes = new Map<number, () => RoomSize>();
  const observe = (pick: (size: RoomSize) => number | undefined) => (result: ObservableResult) => {
    for (const [partition, size] of sizes) {
      const value = pick(size());
      if (value !== undefined) result.observe(value, { ...base, [attributes.partition]: String(partition) });
    }
  };
  meter
    .createObservableGauge(names.parked, { description: 'Open entries' })
    .addCallback(observe(({ parked }) => parked));
  meter
    .createObservableGauge(names.waiting, { description: 'Deliveries whose customer is not known yet' })
    .addCallback(observe(({ waiting }) => waiting));

  function count(tally: Tally): void {
    for (const [source, counts] of tally)
      for (const [outcome, value] of counts)
        outcomes.add(value, { ...base, [attributes.source]: source, [attributes.outcome]: outcome });
  }

  return {
    open({ partition, signal }, size) {
      sizes.set(partition, size);
      signal.addEventListener('abort', () => sizes.get(partition) === size && sizes.delete(partition));
      let uncounted: Tally = new Map();
      return {
        batch(task, records, work) {
          // After any doubt there is a new handler: that this one is called again says that its last batch is committed.
          count(uncounted);
          uncounted = new Map();
          const start = performance.now();
          work({ ...task, send: tallying(task, room, uncounted) });
          if (records === 0 && uncounted.size === 0) return;
          const duration_ms = Math.round(performance.now() - start);
          log.debug(
            { room, partition, records, outcomes: totals(uncounted), ...size(), duration_ms },
            'batch computed',
          );
        },
      };
    },
  };
}

/** Counts a room's own receipts on their way: what it says there is what its numbers say. */
function tallying(task: TaskContext, room: string, tally: Tally): TaskContext['send'] {
  return (...outputs: readonly OutputRecord[]) => {
    task.send(...outputs);
    for (const { topic, value } of outputs) {
      if (topic !== topics.receipts || value === null) continue;
      const { target, source, outcome } = value as Receipt;
      if (target !== room) continue;
      const counts = tally.get(source) ?? new Map<Outcome, number>();
      tally.set(source, counts.set(outcome, (counts.get(outcome) ?? 0) + 1));
    }
  };
}

function totals(tally: Tally): Partial<Record<Outcome, number>> {
  const sums: Partial<Record<Outcome, number>> = {};
  for (const counts of tally.values())
    for (const [outcome, value] of counts) sums[outcome] = (sums[outcome] ?? 0) + value;
  return sums;
}

/** A problem for the log. Messages may quote what could not be read, so they stay in the record; places in code may not. */
export const problemOf = (error: unknown): { code: string; name?: string; at?: string[] } =>
  error instanceof KeelsonError || !(error instanceof Error)
    ? { code: codeOf(error) }
    : { code: codeOf(error), name: error.name, at: placesOf(error) };

const placesOf = ({ stack = '' }: Error): string[] =>
  stack
    .split('\n')
    .filter(line => line.startsWith('    at '))
    .slice(0, 5)
    .map(line => line.trim());
