import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KeelsonError } from '@keelson/contracts';
import type { EffectAnswer, Planned, PortContext, SinkPort, Work, WorkItem } from './port.ts';

/** A target for the suite, empty, and a port on it. */
export interface OpenTarget<W extends Work, P> {
  readonly port: SinkPort<W, P>;
  /** Another port on the same target, as a second process, or the first one started again, would have. */
  reopen(): Promise<SinkPort<W, P>>;
  /** Everything the target holds of what a port may change, comparable, without times. */
  snapshot(): Promise<unknown>;
  /** How many effects of this work are there: 0 or 1, or the suite fails. */
  effectsOf(work: W): Promise<number>;
  /** The target does not answer from now on, or does again. */
  setAway(away: boolean): Promise<void>;
  /** The next call with effects is carried out, but its answer is lost. Left out: the port never answers `unknown`. */
  loseNextAnswer?(): Promise<void>;
  /** The next call with effects is lost on the way there. Left out: as above. */
  loseNextCall?(): Promise<void>;
  close(): Promise<void>;
}

export interface SinkPortHarness<W extends Work, P> {
  open(): Promise<OpenTarget<W, P>>;
  /** The `version`th work of a customer, from 1: for state a newer state, for facts another fact. */
  work(customer: number, version: number): W;
  /** What the port cannot do now, so that later it can: one of its declared needs. */
  readonly notYet?: { readonly work: W; readonly then: W };
}

/**
 * What the sink runner relies on, for every port alike. Order of calls as the runner makes them: plan, apply, and lookUp
 * for what is unknown.
 */
export function describeSinkPort<W extends Work, P>(name: string, harness: SinkPortHarness<W, P>): void {
  describe(`${name}: a sink port`, () => {
    let target: OpenTarget<W, P>;
    beforeEach(async () => {
      target = await harness.open();
    });
    afterEach(() => target.close());

    test('passes its own check', async () => {
      await expect(target.port.check(contextOf())).resolves.toBeUndefined();
    });

    test('makes the effect, and says what the target holds now', async () => {
      const work = harness.work(1, 1);
      const [answer] = await make(target.port, [work]);
      expect(answer).toMatchObject({ answer: 'applied', effectId: expect.any(String) });
      expect(await target.effectsOf(work)).toBe(1);
    });

    test('the same work twice has one effect', async () => {
      const work = harness.work(1, 1);
      const [first] = await make(target.port, [work]);
      const [second] = await make(target.port, [work]);
      expect([first?.answer, second?.answer]).toEqual(['applied', 'already']);
      expect(effectIdOf(second)).toBe(effectIdOf(first));
      expect(await target.effectsOf(work)).toBe(1);
    });

    test('killed between effect and receipt, a new process makes no second one', async () => {
      const work = harness.work(1, 1);
      await make(target.port, [work]);
      const again = await target.reopen();
      const [answer] = await make(again, [work]);
      await again.close();
      expect(answer?.answer).toBe('already');
      expect(await target.effectsOf(work)).toBe(1);
    });

    test('one plan applied twice has one effect: the target refuses a second', async () => {
      const work = harness.work(1, 1);
      const [plan] = await plansOf(target.port, [work]);
      await target.port.apply([plan as Planned<W, P>], contextOf());
      const before = await target.snapshot();
      const [second] = await target.port.apply([plan as Planned<W, P>], contextOf());
      expect(['applied', 'already']).toContain(second?.answer);
      expect(await target.effectsOf(work)).toBe(1);
      expect(await target.snapshot()).toEqual(before);
    });

    test('a plan changes nothing', async () => {
      const before = await target.snapshot();
      await plansOf(target.port, [harness.work(1, 1), harness.work(2, 1)]);
      expect(await target.snapshot()).toEqual(before);
    });

    test('a batch is answered work by work, in order', async () => {
      const works = [1, 2, 3, 4, 5].map(customer => harness.work(customer, 1));
      await make(target.port, [works[1] as W, works[3] as W]);
      const answers = await make(target.port, works);
      expect(answers.map(({ answer }) => answer)).toEqual([
        'applied',
        'already',
        'applied',
        'already',
        'applied',
      ]);
      for (const work of works) expect(await target.effectsOf(work)).toBe(1);
    });

    test('a lane keeps its order: what comes later ends the same as if it had come alone or after all others', async () => {
      const works = [1, 2, 3].map(version => harness.work(1, version));
      for (const work of works) await make(target.port, [work]);
      const stateKeys = new Set(works.map(work => target.port.stateKeyOf(work)));
      const [only] = stateKeys;
      if (stateKeys.size === 1 && only !== null) {
        const last = await target.snapshot();
        const [older] = await make(target.port, [works[0] as W]);
        expect(older?.answer).toBe('superseded');
        expect(await target.snapshot()).toEqual(last);
      } else for (const work of works) expect(await target.effectsOf(work)).toBe(1);
      expect(new Set(works.map(work => target.port.laneOf(work))).size).toBe(1);
    });

    test('a target that is away is unavailable, and nothing is done', async () => {
      const work = harness.work(1, 1);
      await target.setAway(true);
      await expect(plansOf(target.port, [work])).rejects.toMatchObject({ kind: 'unavailable' });
      await target.setAway(false);
      const plans = await plansOf(target.port, [work]);
      await target.setAway(true);
      expect(['unavailable', 'unknown']).toContain((await settleApply(target.port, plans))[0]);
      await target.setAway(false);
      await make(target.port, [work]);
      expect(await target.effectsOf(work)).toBe(1);
    });

    test('a lost answer is unknown, and looked up it is found', async () => {
      if (target.loseNextAnswer === undefined) return;
      const work = harness.work(1, 1);
      const plans = await plansOf(target.port, [work]);
      await target.loseNextAnswer();
      expect(await settleApply(target.port, plans)).toEqual(['unknown']);
      const [found] = await target.port.lookUp(plans, contextOf());
      expect(['applied', 'already']).toContain(found?.answer);
      expect(await target.effectsOf(work)).toBe(1);
    });

    test('a lost call is looked up and not found, and may be sent again', async () => {
      if (target.loseNextCall === undefined) return;
      const work = harness.work(1, 1);
      const plans = await plansOf(target.port, [work]);
      await target.loseNextCall();
      expect(['unknown', 'unavailable']).toContain((await settleApply(target.port, plans))[0]);
      expect(await target.port.lookUp(plans, contextOf())).toEqual([null]);
      expect(await target.effectsOf(work)).toBe(0);
      expect((await make(target.port, [work]))[0]?.answer).toBe('applied');
    });

    test('nothing is done once the partition is lost', async () => {
      const work = harness.work(1, 1);
      const plans = await plansOf(target.port, [work]);
      const signal = AbortSignal.abort(new Error('the partition is lost'));
      await expect(target.port.apply(plans, contextOf(signal))).rejects.toThrow();
      expect(await target.effectsOf(work)).toBe(0);
    });

    const { notYet } = harness;
    if (notYet !== undefined) {
      test('what needs something else steps aside for a declared need, and goes through later', async () => {
        const [answer] = await make(target.port, [notYet.work]);
        expect(answer?.answer).toBe('not_yet');
        for (const need of answer?.answer === 'not_yet' ? answer.needs : [])
          expect(target.port.needs).toContain(need);
        await make(target.port, [notYet.then]);
        expect((await make(target.port, [notYet.work]))[0]?.answer).toBe('applied');
      });
    }
  });
}

const forever = new AbortController().signal;
const contextOf = (signal: AbortSignal = forever): PortContext => ({ signal, now: Date.now });

const itemOf = <W extends Work>(work: W): WorkItem<W> => ({
  work,
  key: work.head.customer_id,
  workPosition: 'sink.test/0/0',
  attempts: 0,
});

/** As the runner does it: plan, then apply what is to be done. */
async function make<W extends Work, P>(
  port: SinkPort<W, P>,
  works: readonly W[],
): Promise<readonly EffectAnswer[]> {
  const plans = await port.plan(works.map(itemOf), contextOf());
  const todo = plans.filter((plan): plan is Planned<W, P> => !('answer' in plan) && plan.effect !== 'none');
  const answers = todo.length === 0 ? [] : await port.apply(todo, contextOf());
  return plans.map(plan => {
    if ('answer' in plan) return plan;
    if (plan.effect === 'none') return { answer: 'already', effectId: plan.effectId };
    return answers[todo.indexOf(plan)] as EffectAnswer;
  });
}

async function plansOf<W extends Work, P>(
  port: SinkPort<W, P>,
  works: readonly W[],
): Promise<Planned<W, P>[]> {
  const plans = await port.plan(works.map(itemOf), contextOf());
  return plans.map(plan => {
    if ('answer' in plan) throw new Error(`planned ${plan.answer} where an effect was to be planned`);
    return plan;
  });
}

/** Answers, or the kind of the error for each: both ways of saying so are the port's to choose. */
async function settleApply<W extends Work, P>(
  port: SinkPort<W, P>,
  plans: readonly Planned<W, P>[],
): Promise<readonly string[]> {
  try {
    return (await port.apply(plans, contextOf())).map(({ answer }) => answer);
  } catch (error) {
    if (!(error instanceof KeelsonError)) throw error;
    return plans.map(() => (error.kind === 'unknown_outcome' ? 'unknown' : error.kind));
  }
}

const effectIdOf = (answer: EffectAnswer | undefined): string | undefined =>
  answer !== undefined && 'effectId' in answer ? answer.effectId : undefined;
