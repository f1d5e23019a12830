import type { OdooWork } from '@keelson/contracts';
import type { EffectAnswer, Planned, SinkPort } from '../port.ts';
import type { RateLimiter } from '../rate-limit.ts';

/** A target in memory: one effect an event, as a unique key would have it. */
export interface FakePort extends SinkPort<OdooWork, string> {
  /** Event ids in the order in which their effects were made. */
  readonly applied: { readonly eventId: string; readonly lane: string | null; readonly atMs: number }[];
  /** Asked before an effect is made; an answer other than undefined is given instead, a throw is thrown. */
  behave: (work: OdooWork) => EffectAnswer | undefined;
  /** Effects are made, but nobody hears of it. */
  loseAnswers: boolean;
  checkFails: Error | undefined;
  readonly calls: { plan: number; apply: number; lookUp: number; check: number };
  largestCall: number;
}

export interface FakePortOptions {
  readonly lanes?: boolean;
  readonly maxBatch?: number;
  readonly limiter?: RateLimiter;
  /** Outside calls that one work takes. */
  readonly callsPerWork?: number;
}

export function createFakePort({
  lanes = true,
  maxBatch = 100,
  limiter,
  callsPerWork = 1,
}: FakePortOptions = {}): FakePort {
  const made = new Set<string>();
  const answerOf = (
    answer: 'applied' | 'already',
    { effectId }: Planned<OdooWork, string>,
  ): EffectAnswer => ({
    answer,
    effectId,
    targetRef: `thing,${effectId.slice(0, 8)}`,
    values: { state: 'done' },
  });
  const port: FakePort = {
    applied: [],
    behave: () => undefined,
    loseAnswers: false,
    checkFails: undefined,
    calls: { plan: 0, apply: 0, lookUp: 0, check: 0 },
    largestCall: 0,
    needs: ['invoice'],
    maxBatch,
    laneOf: work => (lanes ? work.head.customer_id : null),
    stateKeyOf: work => (work.head.type === 'customer.upserted' ? work.head.customer_id : null),
    async check() {
      port.calls.check++;
      if (port.checkFails !== undefined) throw port.checkFails;
    },
    async plan(items) {
      port.calls.plan++;
      port.largestCall = Math.max(port.largestCall, items.length);
      return items.map(item => {
        const effectId = item.work.head.event_id;
        return { item, effectId, effect: made.has(effectId) ? 'none' : 'create', plan: effectId } as const;
      });
    },
    async apply(planned, { signal, now, fault }) {
      port.calls.apply++;
      const answers: EffectAnswer[] = [];
      for (const each of planned) {
        for (let call = 0; limiter !== undefined && call < callsPerWork; call++)
          (await limiter.take(signal))();
        signal.throwIfAborted();
        await fault?.('call_sent');
        const instead = port.behave(each.item.work);
        if (instead !== undefined) answers.push(instead);
        else if (made.has(each.effectId)) answers.push(answerOf('already', each));
        else {
          made.add(each.effectId);
          port.applied.push({ eventId: each.effectId, lane: port.laneOf(each.item.work), atMs: now() });
          answers.push(
            port.loseAnswers
              ? { answer: 'unknown', effectId: each.effectId, reason: 'no answer' }
              : answerOf('applied', each),
          );
        }
        await fault?.('response_unseen');
      }
      return answers;
    },
    async lookUp(planned) {
      port.calls.lookUp++;
      return planned.map(each => (made.has(each.effectId) ? answerOf('applied', each) : null));
    },
    async close() {},
  };
  return port;
}
