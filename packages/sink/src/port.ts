import type { FinanceWork, OdooWork, SupportWork } from '@keelson/contracts';
import type { SinkFaultHook } from './faults.ts';

export type Work = OdooWork | FinanceWork | SupportWork;

/** One unit of work on its way. */
export interface WorkItem<W extends Work> {
  readonly work: W;
  /** Key of its record: the customer's id. */
  readonly key: string;
  /** Where its record stands, topic/partition/offset of the sink's own topic. */
  readonly workPosition: string;
  /** How often it was tried before this time. */
  readonly attempts: number;
}

/** What came of an effect. `unknown` is looked up, never simply sent again. */
export type EffectAnswer =
  | {
      readonly answer: 'applied' | 'already';
      readonly effectId: string;
      readonly targetRef?: string;
      readonly values?: Readonly<Record<string, string>>;
    }
  /** State work only: the target has newer state of the same thing. */
  | { readonly answer: 'superseded'; readonly effectId: string }
  | { readonly answer: 'filtered'; readonly rule: string }
  /** The target said no: it is parked with its lane behind it (without a lane: alone). */
  | { readonly answer: 'refused'; readonly code: string; readonly reason: string }
  /** One of the port's `needs` is missing: the work steps aside, its lane goes on. */
  | { readonly answer: 'not_yet'; readonly needs: readonly string[]; readonly reason: string }
  | { readonly answer: 'unknown'; readonly effectId: string; readonly reason: string };

/** What is to be done for one work; `none` when the target has it already. */
export interface Planned<W extends Work, P> {
  readonly item: WorkItem<W>;
  readonly effect: 'create' | 'update' | 'reverse' | 'none';
  /** Derived from the event or fact alone; the target itself refuses a second one. */
  readonly effectId: string;
  readonly plan: P;
}

export interface PortContext {
  /** Aborted when the partition is lost or the service stops. */
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** For kill tests: call it with `call_sent` and `response_unseen` around an outside call that has effects. */
  readonly fault?: SinkFaultHook;
}

/**
 * What a target must offer. The runner gives it at most one work of a lane at a time, in the lane's order.
 *
 * Errors: throw `unavailable` when nothing was sent or sending again is harmless (the runner backs off and tries the
 * same works again), `misconfigured` when only an operator can mend it (the sink pauses). What concerns a single work is
 * an answer, not an error.
 */
export interface SinkPort<W extends Work, P> {
  /** The only needs that `not_yet` may name. */
  readonly needs: readonly string[];
  /** Works that must stay in order, or null when each stands alone. A lane holds works of one customer only. */
  laneOf(work: W): string | null;
  /** The thing whose state the work carries; adjacent works of one key coalesce to the last. Null: a fact, a barrier. */
  stateKeyOf(work: W): string | null;
  /** Most works in one call of plan and apply. */
  readonly maxBatch: number;
  /** Before the first batch: throws `misconfigured` with everything that would make the target refuse. */
  check(context: PortContext): Promise<void>;
  /** Reads what the target has and decides. Changes nothing, so shadow mode ends here. One result a work, in order. */
  plan(
    items: readonly WorkItem<W>[],
    context: PortContext,
  ): Promise<readonly (Planned<W, P> | EffectAnswer)[]>;
  /** Makes the effects. One answer a plan, in order. */
  apply(planned: readonly Planned<W, P>[], context: PortContext): Promise<readonly EffectAnswer[]>;
  /** What became of effects whose answer was `unknown`: applied, already (same thing here) or, if absent, null. */
  lookUp(planned: readonly Planned<W, P>[], context: PortContext): Promise<readonly (EffectAnswer | null)[]>;
  close(): Promise<void>;
}
