import { metrics, type Attributes } from '@opentelemetry/api';
import { telemetry } from '@keelson/contracts';
import type { ParkedKind } from '@keelson/contracts';
import type { Logger } from '@keelson/stream';
import { spanContextOf } from '@keelson/stream';
import type { Work } from './port.ts';
import type { Conclusion, Opening } from './records.ts';
import type { Unit } from './unit.ts';

/** One line per unit of work, and the numbers. Ids and durations, never bodies. */
export interface Report {
  concluded(unit: Unit<Work>, conclusion: Conclusion, nowMs: number): void;
  opened(unit: Unit<Work>, opening: Opening, nowMs: number): void;
  discarded(): void;
  batch(works: number): void;
  /** Stops observing. */
  close(): void;
}

export interface ReportSources {
  readonly breakerOpen: () => boolean;
  /** Open entries of all partitions held. */
  readonly parked: () => Readonly<Record<ParkedKind, number>>;
}

export function createReport(target: string, logger: Logger, sources: ReportSources): Report {
  const { metrics: names, attributes } = telemetry;
  const meter = metrics.getMeter('@keelson/sink');
  const base: Attributes = { [attributes.target]: target };
  const outcomes = meter.createCounter(names.outcomes, { description: 'Works that ended, by outcome' });
  const effectSeconds = meter.createHistogram(names.effectSeconds, {
    description: 'From the delivery to its effect',
    unit: 's',
  });
  const batchRecords = meter.createHistogram(names.batchRecords, {
    description: 'Works in one call of the port',
    unit: '{record}',
  });
  const parked = meter.createObservableGauge(names.parked, { description: 'Open entries' });
  const breaker = meter.createObservableGauge(names.breakerOpen, {
    description: '1 while the target is away',
  });
  const observeParked = (result: { observe(value: number, attributes: Attributes): void }): void => {
    for (const [kind, value] of Object.entries(sources.parked()))
      result.observe(value, { ...base, [attributes.state]: kind });
  };
  const observeBreaker = (result: { observe(value: number, attributes: Attributes): void }): void =>
    result.observe(sources.breakerOpen() ? 1 : 0, base);
  parked.addCallback(observeParked);
  breaker.addCallback(observeBreaker);

  const fields = (unit: Unit<Work>, nowMs: number) => {
    const { work, workPosition } = unit.item;
    const { head } = work;
    return {
      target,
      event_id: head.event_id,
      type: head.type,
      customer_id: head.customer_id,
      source: work.source,
      position: work.position,
      work_position: workPosition,
      age_ms: Math.round(nowMs - head.received_at / 1000),
      trace_id: spanContextOf(unit.origin.headers)?.traceId,
      ...(work.replay_id === null ? {} : { replay_id: work.replay_id }),
    };
  };

  return {
    concluded(unit, { outcome, effectId, targetRef, rule, by, attempts, durationMs }, nowMs) {
      outcomes.add(1, { ...base, [attributes.outcome]: outcome });
      if (outcome === 'applied' && unit.item.work.replay_id === null)
        effectSeconds.record(Math.max(0, nowMs - unit.item.work.head.received_at / 1000) / 1000, base);
      logger.info(
        {
          ...fields(unit, nowMs),
          outcome,
          attempts,
          duration_ms: Math.round(durationMs),
          ...(effectId === undefined ? {} : { effect_id: effectId }),
          ...(targetRef === undefined ? {} : { target_ref: targetRef }),
          ...(rule === undefined ? {} : { rule }),
          ...(by === undefined ? {} : { by }),
        },
        'work concluded',
      );
    },
    opened(unit, { kind, code, attempts }, nowMs) {
      // The reason is in the entry: a target's own words may repeat a name or an address.
      const line = { ...fields(unit, nowMs), state: kind, error_code: code, attempts };
      if (kind === 'exception') logger.warn(line, 'work parked');
      else logger.info(line, 'work held');
    },
    discarded: () => outcomes.add(1, { ...base, [attributes.outcome]: 'discarded' }),
    batch: works => batchRecords.record(works, base),
    close() {
      parked.removeCallback(observeParked);
      breaker.removeCallback(observeBreaker);
    },
  };
}
