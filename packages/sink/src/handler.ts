import { topics } from '@keelson/contracts';
import type { Control } from '@keelson/contracts';
import type { TaskContext, TaskHandler, TaskRecord } from '@keelson/stream';
import { createAdmission } from './admit.ts';
import { createBook } from './book.ts';
import { createCommands } from './commands.ts';
import { createExchange, stopsAll } from './exchange.ts';
import { createParking } from './parking.ts';
import type { Closing, ParkedEntry } from './parking.ts';
import type { PortContext, Work } from './port.ts';
import { runRounds } from './rounds.ts';
import type { RoundsHost } from './rounds.ts';
import { createSettler } from './settle.ts';
import type { SinkShared } from './shared.ts';
import { createStanding } from './standing.ts';
import { inPortSpan } from './span.ts';
import type { Unit } from './unit.ts';
import { createWorkReader } from './work-reader.ts';

/** The topics of a sink, the most urgent first. */
export const inputsOf = (target: string): readonly [string, string, string, string] => [
  topics.control(`${target}-sink`),
  topics.sink(target),
  topics.sinkBulk(target),
  topics.replay(target),
];

/** What a sink keeps, by its changelogs. */
export const storesOf = (target: string) =>
  ({
    parked: { topic: topics.parked(target), record: 'keelson.internal.Parked' },
    standing: { topic: topics.standing(`${target}-sink`), record: 'keelson.internal.Control' },
  }) as const;

const commandsAtOnce = 500;

/** One partition of a sink. */
export function createSinkHandler<W extends Work, P>(
  shared: SinkShared<W, P>,
  context: TaskContext,
): TaskHandler {
  const { target, port, gate, fault } = shared;
  const [controlTopic, urgentTopic, ...otherTopics] = inputsOf(target);
  const workTopics = [urgentTopic, ...otherTopics];
  const now = (): number => context.now();
  const portContext: PortContext = { signal: context.signal, now, fault };

  const stores = storesOf(target);
  const parking = createParking(context.store(stores.parked), workTopics);
  shared.parkings.set(context.partition, parking);
  context.signal.addEventListener('abort', () => {
    if (shared.parkings.get(context.partition) === parking) shared.parkings.delete(context.partition);
  });
  const standing = createStanding(context.store(stores.standing), context, shared.rests);
  const book = createBook<W>(target, context, parking, standing, shared.report);
  const reader = createWorkReader<W>(shared.codec, shared.record, port, context.partition);
  const admit = createAdmission(shared, context.partition, parking, book, now);
  const commands = createCommands({ shared, parking, standing, book, reader, now });
  const settle = createSettler(shared, book, now);
  const exchange = createExchange({
    port,
    gate,
    tries: shared.limits.tries,
    isShadow: work => work.mode === 'shadow' || shared.mode === 'shadow',
    fault,
  });
  const paces = new Map([...workTopics, 'parked'].map(topic => [topic, shared.newPace()]));
  let urgentWaits = false;

  /** Customers for whom something came to be true that a work which stepped aside may have waited for. */
  const touched = new Set<string>();

  const host: RoundsHost<W> = {
    maxBatch: port.maxBatch,
    async call(units) {
      shared.report.batch(units.length);
      const settled = await inPortSpan(
        target,
        units.map(({ origin }) => origin),
        () =>
          exchange(
            units.map(({ item }) => item),
            portContext,
          ),
      );
      await fault('outcome_unrecorded');
      return settled;
    },
    isStopped: lane => parking.blocks(lane),
    onStopped(units) {
      for (const unit of units) {
        const reason = 'its lane waits for an earlier exception';
        const { attempts } = unit.item;
        book.open(unit, { kind: 'exception', lane: unit.lane, code: 'behind', reason, attempts });
      }
    },
    onSettled(group, settled) {
      if (settle(group, settled) === 'effect') touched.add(group.winner.item.key);
    },
  };

  /** Tries what stepped aside again, as long as that makes something true for its customer. */
  async function retryTouched(): Promise<void> {
    while (touched.size > 0) {
      const entries = [...touched].flatMap(customer => parking.steppedAside(customer));
      touched.clear();
      await runApart(entries);
    }
  }

  /** Works that have left their lanes: nothing stops them, and they stop nobody. */
  async function runApart(entries: readonly ParkedEntry[]): Promise<void> {
    await runRounds(readable(entries), { ...host, isStopped: () => false });
  }

  function readable(entries: readonly ParkedEntry[]): readonly Unit<W>[] {
    const { units, unreadable } = reader.units(entries);
    for (const [key, entry] of unreadable)
      parking.put(key, {
        ...entry,
        kind: 'exception',
        lane: null,
        error_code: 'undecodable',
        released: false,
        ...(entry.kind === 'exception' ? {} : { parked_at: standing.parkedAt(entry.parked_at) }),
      });
    return units;
  }

  const mayWork = (): boolean => gate.isOpen() && !standing.paused();

  async function timed(topic: string, count: number, work: () => Promise<void>): Promise<void> {
    const startedMs = now();
    await work();
    paces.get(topic)?.note(count, now() - startedMs);
  }

  async function process(batch: readonly TaskRecord[]): Promise<void> {
    const openedBefore = book.opened();
    for (const record of batch)
      if (
        record.record === 'keelson.internal.Control' &&
        record.topic === controlTopic &&
        record.value !== null
      )
        commands.obey(record.value satisfies Control);
    commands.goOn();
    for (const topic of workTopics) {
      const records = batch.filter(record => record.topic === topic);
      if (topic === urgentTopic) urgentWaits = records.length >= (paces.get(topic)?.size() ?? 1);
      await timed(topic, records.length, async () => {
        await runRounds(
          records.map(admit).filter(unit => unit !== null),
          host,
        );
        await retryTouched();
      });
    }
    if (book.opened() > openedBefore) await fault('parked_unacknowledged');
    await fault('offset_uncommitted');
  }

  /** Released lanes go on from their first entry, each in order, until one of its works is refused again. */
  async function drain(lanes: readonly string[], limit: number, closing: Closing): Promise<void> {
    const refused = new Set<string>();
    try {
      const each = Math.max(1, Math.floor(limit / Math.max(1, lanes.length)));
      const entries = lanes
        .slice(0, limit)
        .flatMap(lane => parking.lane(lane, each))
        .filter(([, { lane, parked_at }]) => !closing(lane, parked_at));
      await runRounds(readable(entries), {
        ...host,
        isStopped: lane => refused.has(lane),
        onStopped: () => undefined,
        onSettled(group, settled) {
          if (settled.answer.answer === 'refused' && group.winner.lane !== null)
            refused.add(group.winner.lane);
          host.onSettled(group, settled);
        },
      });
    } finally {
      for (const lane of lanes) {
        const [first] = refused.has(lane) ? [] : parking.lane(lane, 1);
        if (first !== undefined && !first[1].released) parking.put(first[0], { ...first[1], released: true });
      }
    }
  }

  async function parked(limit: number): Promise<number> {
    const due = parking.due(now(), limit);
    const aside = due.filter(([, { kind }]) => kind === 'stepped_aside');
    const scheduled = due.filter(([, { kind }]) => kind === 'scheduled');
    // What is being discarded is not tried again.
    const closing = standing.discarding();
    const alone = parking.releasedAlone(limit, closing);
    const lanes = parking.releasedLanes(closing);
    const count = due.length + alone.length + lanes.length;
    await runRounds(readable(scheduled), host);
    await drain(lanes, limit, closing);
    await runApart([...aside, ...alone]);
    await retryTouched();
    return count;
  }

  async function tick(): Promise<void> {
    await gate.probe(() => port.check(portContext));
    commands.goOn();
    if (!mayWork()) return;
    const pace = paces.get('parked');
    const startedMs = now();
    try {
      const count = await parked(pace?.size() ?? 1);
      pace?.note(count, now() - startedMs);
    } catch (error) {
      // What was done is written down, all else stays where it is: parked.
      if (context.signal.aborted || !stopsAll(error, context.signal)) throw error;
    }
  }

  return {
    process,
    tick,
    demand(topic) {
      if (topic === controlTopic) return commandsAtOnce;
      if (!mayWork()) return 0;
      const size = paces.get(topic)?.size() ?? 1;
      // While urgent work piles up the rest goes on, slowly.
      return topic !== urgentTopic && urgentWaits ? Math.max(1, size >> 3) : size;
    },
  };
}
