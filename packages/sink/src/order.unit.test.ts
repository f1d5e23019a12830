import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { OdooWork } from '@keelson/contracts';
import { unavailable } from '@keelson/contracts';
import { createBench } from './testing/bench.ts';
import type { Bench } from './testing/bench.ts';
import { createFakePort } from './testing/fake-port.ts';
import { eventIdOf, receiptsOf } from './testing/works.ts';
import type { TestWork } from './testing/works.ts';

type Step =
  | {
      readonly do: 'work';
      readonly topic: 'sink.test' | 'sink.test.bulk';
      readonly customer: number;
      readonly kind: 'state' | 'fact';
      readonly fate: Fate;
      readonly nightly: boolean;
    }
  | { readonly do: 'batch' | 'tick' | 'crash' | 'mend' | 'release' | 'discard' | 'outage' | 'day' };
type Fate = 'applied' | 'refused' | 'not_yet' | 'unknown' | 'poison';

const work = fc.record({
  do: fc.constant('work' as const),
  topic: fc.constantFrom('sink.test' as const, 'sink.test.bulk' as const),
  customer: fc.integer({ min: 0, max: 3 }),
  kind: fc.constantFrom('state' as const, 'fact' as const),
  fate: fc.oneof(
    { weight: 5, arbitrary: fc.constant('applied' as const) },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        'refused' as const,
        'not_yet' as const,
        'unknown' as const,
        'poison' as const,
      ),
    },
  ),
  nightly: fc.oneof(
    { weight: 6, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
});
const other = fc
  .constantFrom('batch', 'tick', 'crash', 'mend', 'release', 'discard', 'outage', 'day')
  .map(name => ({ do: name }));
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof({ weight: 3, arbitrary: work }, { weight: 2, arbitrary: other }),
  {
    maxLength: 60,
  },
);

interface Given extends TestWork {
  readonly topic: string;
  fate: Fate;
}

/** What is refused or waits does so until it is mended. */
function behaviour(given: ReadonlyMap<string, Given>, outage: { left: number }) {
  return (each: OdooWork) => {
    if (outage.left > 0) {
      outage.left--;
      throw unavailable('http_503', 'away');
    }
    const fate = given.get(each.head.event_id)?.fate;
    switch (fate) {
      case 'refused':
        return { answer: 'refused', code: 'closed_period', reason: 'no' } as const;
      case 'not_yet':
        return { answer: 'not_yet', needs: ['invoice'], reason: 'no invoice' } as const;
      case 'unknown':
        return { answer: 'unknown', effectId: each.head.event_id, reason: 'no answer' } as const;
      case 'poison':
        throw new TypeError('nobody foresaw this');
      case 'applied':
      case undefined:
        return undefined;
    }
  };
}

async function play(script: readonly Step[]): Promise<{ bench: Bench; given: Map<string, Given> }> {
  const bench = createBench({
    storm: { customers: 1000, ofAtLeast: 1_000_000 },
    port: createFakePort({ maxBatch: 2 }),
  });
  const given = new Map<string, Given>();
  const outage = { left: 0 };
  bench.port.behave = behaviour(given, outage);
  for (const step of script) {
    bench.nowMs += 1000;
    switch (step.do) {
      case 'work': {
        const id = String(given.size);
        const each: Given = {
          id,
          topic: step.topic,
          customer: `c${step.customer}`,
          kind: step.kind,
          fate: step.fate,
          receivedAtMs: bench.nowMs,
          class: step.nightly ? 'nightly' : 'urgent',
        };
        given.set(eventIdOf(id), each);
        bench.give(step.topic, each);
        break;
      }
      case 'batch':
        await bench.task.step();
        break;
      case 'tick':
        await bench.task.tick();
        break;
      case 'crash':
        bench.task.onCommit = () => {
          throw new Error('killed');
        };
        await bench.task.step();
        bench.task.onCommit = () => undefined;
        break;
      case 'mend':
        for (const each of given.values()) each.fate = 'applied';
        break;
      case 'release':
        bench.control({ command: 'release' });
        break;
      case 'discard': {
        const [first] = bench.task.parked.keys();
        if (first !== undefined) bench.control({ command: 'discard', entry: first });
        break;
      }
      case 'outage':
        outage.left = 3;
        break;
      case 'day':
        bench.nowMs += 86_400_000 / 2;
        break;
    }
    check(bench, given);
  }
  return { bench, given };
}

/** At any time: every work taken has one terminal receipt, or is open once; an effect is made at most once. */
function check(bench: Bench, given: ReadonlyMap<string, Given>): void {
  const receipts = receiptsOf(bench.task.sent).map(({ event_id }) => event_id);
  const open = [...bench.task.parked.values()].map(({ event_id }) => event_id ?? '');
  expect(new Set([...receipts, ...open]).size).toBe(receipts.length + open.length);
  const waiting = bench.task.waiting('sink.test') + bench.task.waiting('sink.test.bulk');
  expect(receipts.length + open.length).toBe(given.size - waiting);
  const applied = bench.port.applied.map(({ eventId }) => eventId);
  expect(new Set(applied).size).toBe(applied.length);
}

/** Brings everything to its end: all is mended, released, and time passes. */
async function finish(bench: Bench, given: ReadonlyMap<string, Given>): Promise<void> {
  for (const each of given.values()) each.fate = 'applied';
  for (let round = 0; round < 300; round++) {
    bench.nowMs += 3_600_000;
    if (round % 20 === 0) bench.control({ command: 'release' });
    await bench.task.step();
    await bench.task.tick();
    if (
      bench.task.parked.size === 0 &&
      bench.task.waiting('sink.test') + bench.task.waiting('sink.test.bulk') === 0
    )
      return;
  }
  throw new Error(
    `not everything came to an end: ${JSON.stringify([...bench.task.parked.values()].map(({ kind, error_code }) => [kind, error_code]))}`,
  );
}

describe('any sequence of works, refusals, crashes and releases', () => {
  test('loses nothing, does nothing twice, and keeps each lane in order', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async script => {
        const { bench, given } = await play(script);
        await finish(bench, given);
        check(bench, given);
        for (const { outcome } of receiptsOf(bench.task.sent))
          expect(['applied', 'already', 'superseded', 'discarded']).toContain(outcome);
        inOrder(bench, given, script);
      }),
      { numRuns: 150 },
    );
  });

  test('a state is superseded only by newer state of its own customer, and never across a fact', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async script => {
        const { bench, given } = await play(script);
        await finish(bench, given);
        for (const { outcome, event_id, by } of receiptsOf(bench.task.sent)) {
          if (outcome !== 'superseded') continue;
          const loser = given.get(event_id) as Given;
          const winner = given.get(by ?? '') as Given;
          expect([loser.kind, winner.kind, winner.customer, winner.topic]).toEqual([
            'state',
            'state',
            loser.customer,
            loser.topic,
          ]);
          expect(Number(winner.id)).toBeGreaterThan(Number(loser.id));
          if (loser.class !== winner.class) continue;
          const between = [...given.values()].filter(
            each =>
              each.customer === loser.customer &&
              each.topic === loser.topic &&
              each.class === loser.class &&
              Number(each.id) > Number(loser.id) &&
              Number(each.id) < Number(winner.id),
          );
          const discarded = new Set(
            receiptsOf(bench.task.sent).flatMap(receipt =>
              receipt.outcome === 'discarded' ? [receipt.event_id] : [],
            ),
          );
          expect(between.filter(({ kind, id }) => kind === 'fact' && !discarded.has(eventIdOf(id)))).toEqual(
            [],
          );
        }
      }),
      { numRuns: 150 },
    );
  });
});

/** Works of one customer, topic and class that never stepped aside are applied as they were given. */
function inOrder(bench: Bench, given: ReadonlyMap<string, Given>, script: readonly Step[]): void {
  const fates = script.flatMap(step => (step.do === 'work' ? [step.fate] : []));
  const lanes = new Map<string, number[]>();
  for (const { eventId } of bench.port.applied) {
    const { customer, topic, id, class: of } = given.get(eventId) as Given;
    if (fates[Number(id)] === 'not_yet') continue;
    const lane = `${customer} ${topic} ${of}`;
    lanes.set(lane, [...(lanes.get(lane) ?? []), Number(id)]);
  }
  for (const ids of lanes.values()) expect(ids).toEqual(ids.toSorted((a, b) => a - b));
}
