import { byLane, takeGroup } from './coalesce.ts';
import type { Group } from './coalesce.ts';
import type { Settled } from './exchange.ts';
import type { Work } from './port.ts';
import type { Unit } from './unit.ts';

/** What the rounds ask and tell. */
export interface RoundsHost<W extends Work> {
  readonly maxBatch: number;
  /** Takes works through the port, at most one a lane. One answer a work, in order. */
  call(units: readonly Unit<W>[]): Promise<readonly Settled[]>;
  /** The lane stands: the works that are left in it go no further now. */
  isStopped(lane: string): boolean;
  onStopped(units: readonly Unit<W>[]): void;
  onSettled(group: Group<W>, settled: Settled): void;
}

/**
 * Takes works through the port in rounds of at most one work a lane, each lane in its order. Throws what `call` throws:
 * then nothing more can be done now.
 */
export async function runRounds<W extends Work>(
  units: Iterable<Unit<W>>,
  host: RoundsHost<W>,
): Promise<void> {
  const lanes = byLane(units);
  while (lanes.size > 0) {
    const heads: { group: Group<W>; queue: Unit<W>[] }[] = [];
    for (const [lane, queue] of lanes) {
      if (typeof lane === 'string' && host.isStopped(lane)) {
        if (queue.length > 0) host.onStopped(queue);
        lanes.delete(lane);
        continue;
      }
      const group = takeGroup(queue);
      if (group === undefined) lanes.delete(lane);
      else heads.push({ group, queue });
    }
    for (let start = 0; start < heads.length; start += host.maxBatch) {
      const chunk = heads.slice(start, start + host.maxBatch);
      const settled = await host.call(chunk.map(({ group }) => group.winner));
      for (const [index, { group, queue }] of chunk.entries()) {
        const each = settled[index] as Settled;
        const alone = each.answer.answer === 'filtered' || each.answer.answer === 'not_yet';
        // Nobody made the newest state true: the ones before it speak for themselves.
        if (alone) queue.unshift(...group.coalesced);
        host.onSettled(alone ? { ...group, coalesced: [] } : group, each);
      }
    }
  }
}
