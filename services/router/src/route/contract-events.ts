import type { ContractState, EventType } from '@keelson/contracts';
import { isEnded } from './contract-state.ts';
import { sameValue } from './customer-state.ts';

type ContractEvent = Extract<EventType, `contract.${string}`>;

/**
 * What happened to a contract between two states, in the order in which a reader would tell it. `before` is undefined
 * when its source tells of it for the first time. No event when nothing differs.
 */
export function contractEvents(before: ContractState | undefined, after: ContractState): ContractEvent[] {
  const happened: ContractEvent[] = [];
  if (before === undefined) happened.push('contract.created');
  if (!hasRun(before) && isRunning(after)) happened.push('contract.activated');
  if (before !== undefined && !isEnded(after)) {
    if (
      before.current_period_start !== null &&
      after.current_period_start !== null &&
      after.current_period_start > before.current_period_start
    )
      happened.push('contract.renewed');
    if (termsDiffer(before, after)) happened.push('contract.changed');
  }
  const paused = before !== undefined && isPaused(before);
  if (!isEnded(after)) {
    if (isPaused(after) && !(paused && samePause(before, after))) happened.push('contract.paused');
    if (!isPaused(after) && paused) happened.push('contract.resumed');
    if (after.cancel_at !== null && after.cancel_at !== before?.cancel_at)
      happened.push('contract.cancel_scheduled');
  } else if (before === undefined || !isEnded(before)) {
    happened.push('contract.ended');
  }
  if (happened.length === 0 && before !== undefined && !sameContract(before, after))
    happened.push('contract.changed');
  return happened;
}

const runningStatuses = new Set<ContractState['status']>(['trialing', 'active', 'past_due', 'unpaid']);
const isRunning = ({ status }: ContractState): boolean => runningStatuses.has(status);
/** A paused contract ran before: that it runs again is no activation. */
const hasRun = (state: ContractState | undefined): boolean =>
  state !== undefined && (isRunning(state) || state.status === 'paused');

const isPaused = (state: ContractState): boolean =>
  state.status === 'paused' || state.collection_paused || state.service_paused;

const samePause = (a: ContractState, b: ContractState): boolean =>
  a.collection_paused === b.collection_paused && a.service_paused === b.service_paused;

/** Periods are left out: that they move on is a renewal, not a change. */
function termsDiffer(before: ContractState, after: ContractState): boolean {
  return (
    before.plan !== after.plan ||
    before.currency !== after.currency ||
    before.trial_end !== after.trial_end ||
    (before.cancel_at !== null && after.cancel_at === null) ||
    before.items.length !== after.items.length ||
    before.items.some((item, index) => {
      const other = after.items[index];
      return (
        other === undefined ||
        !sameValue(
          { ...item, period_start: null, period_end: null },
          { ...other, period_start: null, period_end: null },
        )
      );
    })
  );
}

/** Whether a subscriber would see no difference: not counting when and by which telling it became known. */
function sameContract(before: ContractState, after: ContractState): boolean {
  const { version, source_version, updated_at } = before;
  return sameValue(before, { ...after, version, source_version, updated_at });
}
