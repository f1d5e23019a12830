import type { Control, Parked, Receipt } from '@keelson/contracts';
import { microsOfMs, topics } from '@keelson/contracts';
import type { TaskContext } from '@keelson/stream';
import type { Parking } from './parking.ts';
import type { Work } from './port.ts';
import { auditOf, discardReceiptOf, parkedOf, receiptOf, traceOf } from './records.ts';
import type { Conclusion, Opening } from './records.ts';
import type { Report } from './report.ts';
import type { Standing } from './standing.ts';
import { parkedKeyOf } from './unit.ts';
import type { Origin, Unit } from './unit.ts';

/** Writes down what became of works: everything here goes into the batch's one transaction. */
export interface Book<W extends Work> {
  /** It ended: a receipt, and its entry is closed when it had one. */
  conclude(unit: Unit<W>, conclusion: Conclusion): void;
  /** It stays open. */
  open(unit: Unit<W>, opening: Opening): void;
  /** A record that is no work of this target: parked alone, with its bytes. */
  openUnreadable(origin: Origin, code: string, reason: string): void;
  /** An operator closed it. */
  discard(key: string, parked: Parked, work: W | null, control: Control): void;
  /** Entries opened since the handler was made. */
  opened(): number;
}

export function createBook<W extends Work>(
  target: string,
  context: TaskContext,
  parking: Parking,
  standing: Pick<Standing, 'parkedAt'>,
  report: Report,
): Book<W> {
  let opened = 0;

  function send(receipt: Receipt, { key, headers }: Pick<Origin, 'key' | 'headers'>): void {
    context.send({
      topic: topics.receipts,
      key,
      record: 'keelson.internal.Receipt',
      value: receipt,
      timestampMs: Math.round(receipt.received_at / 1000),
      headers: traceOf(headers),
    });
  }

  function put(origin: Origin, work: W | null, opening: Opening, parkedAt: number): void {
    parking.put(parkedKeyOf(origin), parkedOf(target, origin, work, opening, parkedAt));
    opened++;
  }

  return {
    conclude(unit, conclusion) {
      send(receiptOf(target, unit.item.work, conclusion, context.now()), unit.origin);
      if (unit.parked !== undefined) parking.delete(parkedKeyOf(unit.origin));
      report.concluded(unit, conclusion, context.now());
    },
    open(unit, opening) {
      const before = unit.parked;
      // What is now parked as something else is as new to a discard as what was not parked.
      const parkedAt =
        before?.kind === opening.kind
          ? before.parked_at
          : standing.parkedAt(before?.parked_at ?? microsOfMs(context.now()));
      put(unit.origin, unit.item.work, opening, parkedAt);
      report.opened(unit, opening, context.now());
    },
    openUnreadable(origin, code, reason) {
      const opening: Opening = { kind: 'exception', lane: null, code, reason, attempts: 1 };
      put(origin, null, opening, standing.parkedAt(microsOfMs(context.now())));
    },
    discard(key, parked, work, control) {
      send(discardReceiptOf(target, parked, work, context.now()), parked);
      context.send({
        topic: topics.audit,
        key: control.actor,
        record: 'keelson.internal.AuditEntry',
        value: auditOf(control, target, key, parked),
      });
      parking.delete(key);
      report.discarded();
    },
    opened: () => opened,
  };
}
