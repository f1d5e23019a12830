import { codeOf, dispositionOf, KeelsonError, misconfigured } from '@keelson/contracts';
import type { SinkFaultHook } from './faults.ts';
import type { Gate } from './gate.ts';
import type { EffectAnswer, Planned, PortContext, SinkPort, Work, WorkItem } from './port.ts';

/** What came of one work, `unknown` excluded: that has been looked up. */
export interface Settled {
  readonly answer: Exclude<EffectAnswer, { answer: 'unknown' }>;
  /** What was planned; shadow work ends with it. */
  readonly planned: Planned<Work, unknown> | undefined;
  readonly tries: number;
  readonly durationMs: number;
}

export interface ExchangeOptions<W extends Work, P> {
  readonly port: SinkPort<W, P>;
  readonly gate: Gate;
  /** How often one work is tried when nobody can say what became of it, or its call fails for reasons unforeseen. */
  readonly tries: number;
  readonly isShadow: (work: W) => boolean;
  readonly fault: SinkFaultHook;
}

/** Plans and applies works, at most one a lane. One answer a work, in order. */
export type Exchange<W extends Work> = (
  items: readonly WorkItem<W>[],
  context: PortContext,
) => Promise<readonly Settled[]>;

interface Open<W extends Work> {
  readonly item: WorkItem<W>;
  readonly index: number;
  tries: number;
}

/**
 * Throws when no work can be done now: the target is away or misconfigured, or the partition is lost. What else fails is
 * tried again work by work, so that one poisoned work takes no other with it, and then refused.
 */
export function createExchange<W extends Work, P>(options: ExchangeOptions<W, P>): Exchange<W> {
  const { port, gate, isShadow, fault } = options;
  type Effect = { readonly open: Open<W>; readonly planned: Planned<W, P> };

  return async (items, context) => {
    const settled: Settled[] = [];
    const startedMs = context.now();
    const settle = (open: Open<W>, answer: Settled['answer'], planned?: Planned<W, P>): void => {
      settled[open.index] = { answer, planned, tries: open.tries, durationMs: context.now() - startedMs };
    };

    /**
     * One pass over some works. Gives back those that the target is known not to have, though they were sent. While the
     * target is away the whole pass is done again, the plan first: a part of it may have been applied.
     */
    async function pass(open: readonly Open<W>[]): Promise<Open<W>[]> {
      for (const each of open) each.tries++;
      const unknown = await gate.call(context.signal, async () => make(await plan(open)));
      return unknown.length === 0 ? [] : await gate.call(context.signal, () => lookUp(unknown));
    }

    async function plan(open: readonly Open<W>[]): Promise<Effect[]> {
      const plans = await port.plan(
        open.map(({ item }) => item),
        context,
      );
      count('plan', plans, open);
      const effects: Effect[] = [];
      for (const [index, each] of open.entries()) {
        const planned = plans[index] as (typeof plans)[number];
        if (isShadow(each.item.work))
          settle(each, shadowed(planned), 'answer' in planned ? undefined : planned);
        else if ('answer' in planned) settle(each, known(planned));
        else if (planned.effect === 'none')
          settle(each, { answer: 'already', effectId: planned.effectId }, planned);
        else effects.push({ open: each, planned });
      }
      return effects;
    }

    async function make(effects: readonly Effect[]): Promise<readonly Effect[]> {
      if (effects.length === 0) return [];
      await fault('before_call');
      context.signal.throwIfAborted();
      let answers: readonly EffectAnswer[];
      try {
        answers = await port.apply(
          effects.map(({ planned }) => planned),
          context,
        );
      } catch (error) {
        // It may have been sent: look it up before anything is sent again.
        if (!context.signal.aborted && isUnknown(error)) return effects;
        throw error;
      }
      count('apply', answers, effects);
      return effects.filter(({ open, planned }, index) => {
        const answer = answers[index] as EffectAnswer;
        if (answer.answer === 'unknown') return true;
        settle(open, checkNeeds(answer), planned);
        return false;
      });
    }

    async function lookUp(unknown: readonly Effect[]): Promise<Open<W>[]> {
      const found = await port.lookUp(
        unknown.map(({ planned }) => planned),
        context,
      );
      count('lookUp', found, unknown);
      const absent: Open<W>[] = [];
      for (const [index, { open, planned }] of unknown.entries()) {
        const answer = found[index] ?? null;
        if (answer !== null && answer.answer !== 'unknown') settle(open, checkNeeds(answer), planned);
        else absent.push(open);
      }
      return absent;
    }

    /** Every work gets its answer, or this throws. */
    async function conclude(open: readonly Open<W>[]): Promise<void> {
      let left = open;
      try {
        while (left.length > 0) {
          left = await pass(left);
          for (const each of left) if (each.tries >= options.tries) settle(each, lost);
          left = left.filter(({ tries }) => tries < options.tries);
        }
      } catch (error) {
        if (stopsAll(error, context.signal)) throw error;
        left = left.filter(({ index }) => settled[index] === undefined);
        if (left.length > 1) for (const each of left) await conclude([each]);
        else for (const each of left) settle(each, refusalOf(error));
      }
    }

    const needs = new Set(port.needs);
    function checkNeeds(answer: Settled['answer']): Settled['answer'] {
      if (answer.answer !== 'not_yet') return answer;
      const undeclared = answer.needs.filter(need => !needs.has(need));
      if (undeclared.length === 0) return answer;
      return {
        answer: 'refused',
        code: 'undeclared_need',
        reason: `${undeclared.join(', ')}: ${answer.reason}`,
      };
    }
    const known = (answer: EffectAnswer): Settled['answer'] =>
      answer.answer === 'unknown'
        ? { answer: 'refused', code: 'unknown_outcome', reason: answer.reason }
        : checkNeeds(answer);

    await conclude(items.map((item, index) => ({ item, index, tries: 0 })));
    return settled;
  };
}

const lost: Settled['answer'] = {
  answer: 'refused',
  code: 'unknown_outcome',
  reason: 'sent several times, never answered, and the target does not have it',
};

/** Whether an effect may have been made though its call failed. */
const isUnknown = (error: unknown): boolean =>
  error instanceof KeelsonError ? error.kind === 'unknown_outcome' : dispositionOf(error) === 'back_off';

/** The batch cannot go on, whatever the work: nobody is parked for that. */
export function stopsAll(error: unknown, signal: AbortSignal): boolean {
  if (signal.aborted) return true;
  return error instanceof KeelsonError && (error.kind === 'unavailable' || error.kind === 'misconfigured');
}

function refusalOf(error: unknown): Settled['answer'] {
  const reason = error instanceof Error ? error.message : String(error);
  return { answer: 'refused', code: codeOf(error), reason: reason.slice(0, 500) };
}

function shadowed(plan: Planned<Work, unknown> | EffectAnswer): Settled['answer'] {
  return 'answer' in plan && plan.answer === 'filtered' ? plan : { answer: 'filtered', rule: 'shadow' };
}

function count(call: string, answers: readonly unknown[], works: readonly unknown[]): void {
  if (answers.length !== works.length)
    throw misconfigured('port_answers', `${call} answered ${answers.length} times for ${works.length} works`);
}
