import type { TaskRecord } from '@keelson/stream';
import type { Book } from './book.ts';
import type { Parking } from './parking.ts';
import type { Work } from './port.ts';
import type { SinkShared } from './shared.ts';
import { originOf, unitOf } from './unit.ts';
import type { Unit } from './unit.ts';
import { nextOpening } from './window.ts';

/** Takes in a record of a work topic: what is to be done now comes back, all else is written down here. */
export function createAdmission<W extends Work>(
  shared: SinkShared<W, unknown>,
  partition: number,
  parking: Parking,
  book: Book<W>,
  now: () => number,
): (record: TaskRecord) => Unit<W> | null {
  /** The rule by which this target gets no such work at all. */
  function filterOf(work: W): string | null {
    if (shared.mode === 'off') return 'target-off';
    if (shared.environment === 'live' && !work.head.livemode) return 'test-event';
    return null;
  }

  /** When a scheduled work's time comes, or null when it is to be done now. */
  function heldUntil({ item, lane, origin }: Unit<W>): number | null {
    const flow = shared.flows[item.work.class];
    if (flow?.speed !== 'scheduled') return null;
    const opening = nextOpening(flow, origin.receivedAtMs);
    return opening > now() || (lane !== null && parking.holds(lane)) ? opening : null;
  }

  return record => {
    const origin = originOf(record, shared.generationOf(record.topic));
    if (record.record === null) {
      book.openUnreadable(origin, 'undecodable', record.error.message);
      return null;
    }
    if (record.value === null) {
      shared.logger.warn(
        { target: shared.target, topic: record.topic, offset: origin.offset },
        'a tombstone is no work',
      );
      return null;
    }
    if (record.record !== shared.record) {
      book.openUnreadable(origin, 'unexpected_record', `${record.record} is no work of ${shared.target}`);
      return null;
    }
    const unit = unitOf(shared.port, record.value as W, origin, partition);
    const rule = filterOf(unit.item.work);
    if (rule !== null) {
      book.conclude(unit, { outcome: 'filtered', rule, attempts: 0, durationMs: 0 });
      return null;
    }
    const notBeforeMs = heldUntil(unit);
    if (notBeforeMs === null) return unit;
    const reason = `held until its window of class ${unit.item.work.class}`;
    book.open(unit, {
      kind: 'scheduled',
      lane: unit.lane,
      code: 'scheduled',
      reason,
      notBeforeMs,
      attempts: 0,
    });
    return null;
  };
}
