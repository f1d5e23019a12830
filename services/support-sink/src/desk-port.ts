import type { SupportWork } from '@keelson/contracts';
import { houseCustomerIdOf, uuidV5 } from '@keelson/contracts';
import type { EffectAnswer, Planned, PortContext, SinkPort, WorkItem } from '@keelson/sink';
import { compareVersions, contextFields, deskUserOf } from './context.ts';
import type { DeskUser } from './context.ts';
import type { Desk, FoundUser, UpsertResult } from './desk.ts';

type Plan = Planned<SupportWork, DeskUser>;

/** The customers' context in a support desk: its lane is the customer, and only the latest state counts. */
export function createDeskPort(desk: Desk): SinkPort<SupportWork, DeskUser> {
  const find = (users: readonly DeskUser[], context: PortContext) =>
    desk.find(
      users.map(({ externalId }) => externalId),
      context,
    );

  return {
    needs: [],
    maxBatch: desk.maxUsers,
    laneOf: work => work.head.customer_id,
    stateKeyOf: work => work.head.customer_id,
    check: context => desk.check(context),
    async plan(items, context) {
      const wanted = items.map(wantedOf);
      const users = wanted.filter((each): each is DeskUser => !('answer' in each));
      const found = users.length === 0 ? new Map<string, FoundUser>() : await find(users, context);
      return items.map((item, index) => {
        const user = wanted[index] as DeskUser | EffectAnswer;
        return 'answer' in user ? user : planOf(item, user, found.get(user.externalId));
      });
    },
    async apply(planned, context) {
      const results = await desk.upsert(
        planned.map(({ plan }) => plan),
        context,
      );
      const done = planned.filter((_, index) => results[index]?.result === 'done');
      const found = done.length === 0 ? undefined : await readBack(done, context);
      return planned.map((plan, index) => answerOf(plan, results[index] as UpsertResult, found));
    },
    async lookUp(planned, context) {
      const found = await find(
        planned.map(({ plan }) => plan),
        context,
      );
      return planned.map(plan => {
        const user = found.get(plan.plan.externalId);
        return user !== undefined && holds(user, plan.plan) ? appliedTo(plan, user) : null;
      });
    },
    close: () => desk.close(),
  };

  /** Nothing when the desk is away just now: what was done is looked up then. */
  async function readBack(
    done: readonly Plan[],
    context: PortContext,
  ): Promise<ReadonlyMap<string, FoundUser> | undefined> {
    try {
      return await find(
        done.map(({ plan }) => plan),
        context,
      );
    } catch (error) {
      if (context.signal.aborted) throw error;
      return undefined;
    }
  }
}

function wantedOf({ work }: WorkItem<SupportWork>): DeskUser | EffectAnswer {
  const { customer_id, source_refs } = work.head;
  // The routes leave them out already; an agent must never see one, whatever the routes say.
  if (source_refs.some(({ system, account }) => houseCustomerIdOf(system, account) === customer_id))
    return { answer: 'filtered', rule: 'house-customer' };
  if (work.customer === null)
    return { answer: 'refused', code: 'customer_missing', reason: 'the work carries no customer' };
  return deskUserOf(work, work.customer);
}

function planOf(
  item: WorkItem<SupportWork>,
  user: DeskUser,
  found: FoundUser | undefined,
): Plan | EffectAnswer {
  const effectId = uuidV5('desk', item.work.head.event_id);
  if (found === undefined) return { item, effectId, effect: 'create', plan: { ...user, name: nameOf(user) } };
  if (compareVersions(user.fields.keelson_version, textOf(found, 'keelson_version')) < 0)
    return { answer: 'superseded', effectId };
  if (holds(found, user)) return { ...appliedTo({ effectId, plan: user }, found), answer: 'already' };
  return { item, effectId, effect: 'update', plan: user };
}

/** A desk makes no user without a name. */
const nameOf = ({ name, email, externalId }: DeskUser): string =>
  name ?? email ?? `Customer ${externalId.slice(0, 8)}`;

function answerOf(
  plan: Plan,
  result: UpsertResult,
  found: ReadonlyMap<string, FoundUser> | undefined,
): EffectAnswer {
  const { effectId } = plan;
  switch (result.result) {
    case 'refused':
      return { answer: 'refused', code: 'desk_refused', reason: result.reason };
    case 'unknown':
      return { answer: 'unknown', effectId, reason: result.reason };
    case 'done': {
      const user = found?.get(plan.plan.externalId);
      if (user === undefined || !holds(user, plan.plan))
        return { answer: 'unknown', effectId, reason: 'done, and not read back as it was written' };
      return appliedTo(plan, user);
    }
  }
}

/** Status and version say what the agent sees; the rest is in the desk. */
function appliedTo({ effectId, plan }: Pick<Plan, 'effectId' | 'plan'>, user: FoundUser) {
  return {
    answer: 'applied' as const,
    effectId,
    targetRef: `user,${user.id}`,
    values: {
      version: plan.fields.keelson_version,
      status: textOf(user, 'keelson_status') ?? '',
      plan: textOf(user, 'keelson_plan') ?? '',
    },
  };
}

/** Whether the desk shows what is wanted. A name or address that we don't know is left to the desk. */
function holds(found: FoundUser, wanted: DeskUser): boolean {
  if (wanted.name !== null && wanted.name !== found.name) return false;
  if (wanted.email !== null && wanted.email.toLowerCase() !== found.email?.toLowerCase()) return false;
  return contextFields.every(field => (found.fields[field] ?? '') === (wanted.fields[field] ?? ''));
}

const textOf = ({ fields }: FoundUser, name: string): string | null => {
  const value = fields[name];
  return typeof value === 'string' ? value : null;
};
