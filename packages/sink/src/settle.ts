import { misconfigured } from '@keelson/contracts';
import { delayMs } from './backoff.ts';
import type { Book } from './book.ts';
import type { Group } from './coalesce.ts';
import type { Settled } from './exchange.ts';
import type { Work } from './port.ts';
import type { Conclusion } from './records.ts';
import type { SinkShared } from './shared.ts';
import type { Unit } from './unit.ts';

/** What became of a group: it ended, stands as an exception, or stepped aside. */
export type Fate = 'concluded' | 'effect' | 'refused' | 'stepped_aside';

type Refused = Extract<Settled['answer'], { answer: 'refused' }>;
type NotYet = Extract<Settled['answer'], { answer: 'not_yet' }>;

/**
 * Turns answers into receipts and parked entries. Throws `misconfigured`, and pauses the sink, when one reason refuses
 * too many customers: then nothing of the batch is written down.
 */
export function createSettler<W extends Work>(
  { target, gate, storm, limits, random }: SinkShared<W, unknown>,
  book: Book<W>,
  now: () => number,
): (group: Group<W>, settled: Settled) => Fate {
  const unitsOf = ({ coalesced, winner }: Group<W>): readonly Unit<W>[] => [...coalesced, winner];

  function conclude({ coalesced, winner }: Group<W>, settled: Settled): void {
    const timing = { attempts: winner.item.attempts + settled.tries, durationMs: settled.durationMs };
    book.conclude(winner, { ...conclusionOf(settled), ...timing });
    const by = winner.item.work.head.event_id;
    for (const each of coalesced)
      book.conclude(each, { outcome: 'superseded', by, attempts: each.item.attempts, durationMs: 0 });
  }

  function refuse(group: Group<W>, { code, reason }: Refused, tries: number): void {
    if (storm.refused(group.winner.item.key, code)) {
      gate.pause('storm', `many customers are refused for one reason: ${code}`);
      throw misconfigured('storm', `the target ${target} refuses many customers: ${code}`);
    }
    for (const unit of unitsOf(group)) {
      book.open(unit, {
        kind: 'exception',
        lane: laneWhenParked(unit),
        code,
        reason,
        attempts: unit.item.attempts + tries,
      });
    }
  }

  function stepAside(group: Group<W>, { needs, reason }: NotYet, tries: number): void {
    for (const unit of unitsOf(group)) {
      const attempts = unit.item.attempts + tries;
      const since = unit.parked?.kind === 'stepped_aside' ? unit.parked.parked_at / 1000 : now();
      const overdue = now() - since > limits.stepAsideLimitMs;
      book.open(unit, {
        kind: overdue ? 'exception' : 'stepped_aside',
        lane: null,
        code: 'not_yet',
        reason,
        needs,
        attempts,
        ...(overdue ? {} : { notBeforeMs: now() + delayMs(limits.stepAside, attempts, random()) }),
      });
    }
  }

  return (group, settled) => {
    const { answer, tries } = settled;
    switch (answer.answer) {
      case 'refused':
        refuse(group, answer, tries);
        return 'refused';
      case 'not_yet':
        stepAside(group, answer, tries);
        return 'stepped_aside';
      case 'applied':
      case 'already':
      case 'superseded':
      case 'filtered':
        storm.answered(group.winner.item.key);
        conclude(group, settled);
        return answer.answer === 'applied' || answer.answer === 'already' ? 'effect' : 'concluded';
    }
  };
}

/** What let its lane go on once has no lane any more: the later works are done. */
function laneWhenParked<W extends Work>({ lane, parked }: Unit<W>): string | null {
  if (parked === undefined || parked.kind === 'scheduled') return lane;
  return parked.kind === 'stepped_aside' ? null : parked.lane;
}

function conclusionOf({
  answer,
  planned,
}: Settled): Pick<Conclusion, 'outcome' | 'effectId' | 'targetRef' | 'values' | 'rule'> {
  switch (answer.answer) {
    case 'filtered':
      return answer.rule === 'shadow' && planned !== undefined
        ? {
            outcome: 'filtered',
            rule: 'shadow',
            effectId: planned.effectId,
            values: { effect: planned.effect },
          }
        : {
            outcome: 'filtered',
            rule: answer.rule,
            ...(answer.rule === 'shadow' ? { values: { effect: 'none' } } : {}),
          };
    case 'superseded':
      return { outcome: 'superseded', effectId: answer.effectId };
    case 'applied':
    case 'already':
      return {
        outcome: answer.answer,
        effectId: answer.effectId,
        ...(answer.targetRef === undefined ? {} : { targetRef: answer.targetRef }),
        ...(answer.values === undefined ? {} : { values: answer.values }),
      };
    case 'refused':
    case 'not_yet':
      throw new Error(`${answer.answer} is no end`);
  }
}
