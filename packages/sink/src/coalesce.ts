import type { Work } from './port.ts';
import type { Unit } from './unit.ts';

/** A work to be done, and the older states of the same thing that it makes superfluous. */
export interface Group<W extends Work> {
  readonly winner: Unit<W>;
  readonly coalesced: readonly Unit<W>[];
}

/**
 * Takes the next work off a lane: of adjacent states of one thing the last. A fact, or state of another thing, ends the
 * run; so do another mode and another replay, whose works answer for themselves.
 */
export function takeGroup<W extends Work>(lane: Unit<W>[]): Group<W> | undefined {
  const first = lane.shift();
  if (first === undefined) return undefined;
  const run = [first];
  for (let next = lane[0]; next !== undefined && coalesces(first, next); next = lane[0]) {
    run.push(next);
    lane.shift();
  }
  const winner = run.pop() ?? first;
  return { winner, coalesced: run };
}

/** Whether `b`, which follows `a` directly in its lane, carries newer state of the same thing. */
export function coalesces<W extends Work>(a: Unit<W>, b: Unit<W>): boolean {
  return (
    inLane(a) &&
    inLane(b) &&
    a.origin.topic === b.origin.topic &&
    a.stateKey !== null &&
    a.stateKey === b.stateKey &&
    a.item.work.mode === b.item.work.mode &&
    a.item.work.replay_id === b.item.work.replay_id
  );
}

/** What stepped aside has left its lane: what was next to it has been done. Between two topics there is no order. */
const inLane = <W extends Work>({ lane, parked }: Unit<W>): boolean =>
  lane !== null && (parked === undefined || parked.lane !== null);

/** Works by lane, each lane in the order given; a work without a lane is a lane of its own. */
export function byLane<W extends Work>(units: Iterable<Unit<W>>): Map<string | Unit<W>, Unit<W>[]> {
  const lanes = new Map<string | Unit<W>, Unit<W>[]>();
  for (const unit of units) {
    const lane = unit.lane ?? unit;
    const queue = lanes.get(lane);
    if (queue === undefined) lanes.set(lane, [unit]);
    else queue.push(unit);
  }
  return lanes;
}
