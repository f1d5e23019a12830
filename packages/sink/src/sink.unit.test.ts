import { describe, expect, test } from '@jest/globals';
import { KeelsonError, misconfigured, unavailable } from '@keelson/contracts';
import { UnknownWriter } from '@keelson/stream';
import { closedAtOnce } from './commands.ts';
import { createBench } from './testing/bench.ts';
import { createFakePort } from './testing/fake-port.ts';
import { codecFor } from './testing/simulated-task.ts';
import { eventIdOf, receiptsOf } from './testing/works.ts';
import type { TestWork } from './testing/works.ts';

const fact = (customer: string, id: string, more: Partial<TestWork> = {}): TestWork => ({
  customer,
  id,
  kind: 'fact',
  ...more,
});
const state = (customer: string, id: string, more: Partial<TestWork> = {}): TestWork => ({
  customer,
  id,
  kind: 'state',
  ...more,
});
const refuse = (...ids: string[]) => {
  const events = new Set(ids.map(eventIdOf));
  return (work: { head: { event_id: string } }) =>
    events.has(work.head.event_id)
      ? ({ answer: 'refused', code: 'closed_period', reason: 'the period is closed' } as const)
      : undefined;
};

describe('outcomes', () => {
  test('a work is applied and its receipt says how', async () => {
    const bench = createBench();
    bench.give('sink.test', fact('c1', 'a'));
    await bench.task.drain();
    expect(receiptsOf(bench.task.sent)).toMatchObject([
      {
        event_id: eventIdOf('a'),
        source: 'stripe',
        position: 'ingress.stripe/0/a',
        target: 'test',
        outcome: 'applied',
        target_ref: expect.stringContaining('thing,'),
        values: { state: 'done' },
        attempts: 1,
        rule: 'test',
      },
    ]);
    expect(bench.task.parked.size).toBe(0);
  });

  test('the same work again has no second effect', async () => {
    const bench = createBench();
    bench.give('sink.test', fact('c1', 'a'));
    await bench.task.drain();
    bench.give('sink.test', fact('c1', 'a'));
    await bench.task.drain();
    expect(receiptsOf(bench.task.sent).map(({ outcome }) => outcome)).toEqual(['applied', 'already']);
    expect(bench.port.applied).toHaveLength(1);
  });

  test('a crash between effect and commit leads to one effect and one receipt', async () => {
    const bench = createBench();
    bench.give('sink.test', fact('c1', 'a'));
    bench.task.onCommit = () => {
      throw new Error('killed');
    };
    expect(await bench.task.step()).toMatchObject({ message: 'killed' });
    bench.task.onCommit = () => undefined;
    await bench.task.drain();
    expect(bench.port.applied).toHaveLength(1);
    expect(receiptsOf(bench.task.sent).map(({ outcome }) => outcome)).toEqual(['already']);
  });

  test('an unknown outcome is looked up, not sent again', async () => {
    const bench = createBench();
    bench.port.loseAnswers = true;
    bench.give('sink.test', fact('c1', 'a'));
    await bench.task.drain();
    expect(bench.port.calls).toMatchObject({ apply: 1, lookUp: 1 });
    expect(receiptsOf(bench.task.sent)).toMatchObject([{ outcome: 'applied' }]);
  });

  test('what the target does not have after all is sent again, a bounded number of times', async () => {
    const bench = createBench();
    bench.port.behave = work => ({ answer: 'unknown', effectId: work.head.event_id, reason: 'no answer' });
    bench.give('sink.test', fact('c1', 'a'));
    await bench.task.drain();
    expect(bench.port.calls).toMatchObject({ apply: 3, lookUp: 3 });
    expect([...bench.task.parked.values()]).toMatchObject([{ error_code: 'unknown_outcome', attempts: 3 }]);
  });

  test('a foreign error while sending is looked up too', async () => {
    const bench = createBench();
    let first = true;
    const apply = bench.port.apply.bind(bench.port);
    bench.port.apply = async (planned, context) => {
      const answers = await apply(planned, context);
      if (!first) return answers;
      first = false;
      throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    };
    bench.give('sink.test', fact('c1', 'a'));
    await bench.task.drain();
    expect(bench.port.calls).toMatchObject({ apply: 1, lookUp: 1 });
    expect(bench.port.applied).toHaveLength(1);
  });

  test('shadow work is planned, and nothing else', async () => {
    const bench = createBench();
    bench.give('sink.test', fact('c1', 'a', { mode: 'shadow' }), fact('c1', 'b'));
    await bench.task.drain();
    expect(bench.port.applied.map(({ eventId }) => eventId)).toEqual([eventIdOf('b')]);
    expect(receiptsOf(bench.task.sent)).toMatchObject([
      { outcome: 'filtered', rule: 'shadow', values: { effect: 'create' }, effect_id: eventIdOf('a') },
      { outcome: 'applied' },
    ]);
  });

  test('a test event never reaches a live target', async () => {
    const bench = createBench({
      policy: { mode: 'live', environment: 'live', rate: { requests_per_second: 1000, concurrency: 1 } },
    });
    bench.give('sink.test', fact('c1', 'a', { livemode: false }), fact('c1', 'b', { livemode: true }));
    await bench.task.drain();
    expect(receiptsOf(bench.task.sent)).toMatchObject([
      { outcome: 'filtered', rule: 'test-event' },
      { outcome: 'applied' },
    ]);
  });

  test('a record that cannot be read is parked alone, with its bytes', async () => {
    const bench = createBench();
    bench.task.produceBytes('sink.test', 'c1', Buffer.from('poison'));
    bench.give('sink.test', fact('c1', 'a'));
    await bench.task.drain();
    const [entry] = [...bench.task.parked.values()];
    expect(entry).toMatchObject({ error_code: 'undecodable', lane: null, offset: '0000000000000000000' });
    expect(Buffer.from(entry?.value ?? []).toString()).toBe('poison');
    expect(bench.port.applied).toHaveLength(1);
  });

  test('one poisoned work takes no other with it', async () => {
    const bench = createBench();
    const plan = bench.port.plan.bind(bench.port);
    bench.port.plan = async (items, context) => {
      if (items.some(({ work }) => work.head.event_id === eventIdOf('b')))
        throw new TypeError('undefined is no partner');
      return plan(items, context);
    };
    bench.give('sink.test', fact('c1', 'a'), fact('c2', 'b'), fact('c3', 'c'));
    await bench.task.drain();
    expect(bench.port.applied).toHaveLength(2);
    expect([...bench.task.parked.values()]).toMatchObject([{ key: 'c2', error_code: 'unforeseen' }]);
  });
});

describe('coalescing', () => {
  test('adjacent states become one; the others are superseded by it', async () => {
    const bench = createBench();
    bench.give('sink.test', state('c1', 'a'), state('c2', 'x'), state('c1', 'b'), state('c1', 'c'));
    await bench.task.drain();
    const receipts = receiptsOf(bench.task.sent);
    expect(
      receipts.filter(({ outcome }) => outcome === 'superseded').map(({ event_id, by }) => [event_id, by]),
    ).toEqual([
      [eventIdOf('a'), eventIdOf('c')],
      [eventIdOf('b'), eventIdOf('c')],
    ]);
    expect(bench.port.applied.map(({ eventId }) => eventId).sort()).toEqual(
      [eventIdOf('c'), eventIdOf('x')].sort(),
    );
  });

  test('never across a fact', async () => {
    const bench = createBench();
    bench.give('sink.test', state('c1', 'a'), fact('c1', 'f'), state('c1', 'b'));
    await bench.task.drain();
    expect(bench.port.applied.map(({ eventId }) => eventId)).toEqual(['a', 'f', 'b'].map(eventIdOf));
  });

  test('never across topics: between two of them there is no order', async () => {
    const bench = createBench();
    bench.port.behave = refuse('a');
    bench.give('sink.test', fact('c1', 'a'), state('c1', 'urgent'));
    bench.give('sink.test.bulk', state('c1', 'bulk'));
    await bench.task.drain();
    bench.port.behave = () => undefined;
    bench.control({ command: 'release' });
    await bench.task.drain();
    for (let ticks = 0; ticks < 3; ticks++) await bench.task.tick();
    expect(bench.port.applied.map(({ eventId }) => eventId)).toEqual(['a', 'urgent', 'bulk'].map(eventIdOf));
  });

  test('they park with it', async () => {
    const bench = createBench();
    bench.port.behave = refuse('b');
    bench.give('sink.test', state('c1', 'a'), state('c1', 'b'));
    await bench.task.drain();
    expect([...bench.task.parked.values()].map(({ error_code }) => error_code)).toEqual([
      'closed_period',
      'closed_period',
    ]);
    expect(receiptsOf(bench.task.sent)).toEqual([]);
  });

  test('a filtered winner makes nothing true, so the one before it is applied', async () => {
    const bench = createBench();
    bench.port.behave = work =>
      work.head.event_id === eventIdOf('b') ? { answer: 'filtered', rule: 'unsupported' } : undefined;
    bench.give('sink.test', state('c1', 'a'), state('c1', 'b'));
    await bench.task.drain();
    expect(receiptsOf(bench.task.sent).map(({ outcome }) => outcome)).toEqual(['filtered', 'applied']);
  });
});

describe('lanes', () => {
  test('what is refused stops its lane and nobody else; release lets it go on in order', async () => {
    const bench = createBench();
    bench.port.behave = refuse('a');
    bench.give('sink.test', fact('c1', 'a'), fact('c1', 'b'), fact('c2', 'x'));
    await bench.task.drain();
    bench.give('sink.test', fact('c1', 'c'), fact('c2', 'y'));
    await bench.task.drain();
    expect(
      [...bench.task.parked.values()].map(({ event_id, error_code, kind }) => [event_id, error_code, kind]),
    ).toEqual([
      [eventIdOf('a'), 'closed_period', 'exception'],
      [eventIdOf('b'), 'behind', 'exception'],
      [eventIdOf('c'), 'behind', 'exception'],
    ]);
    bench.port.behave = () => undefined;
    await bench.task.tick();
    expect(bench.task.parked.size).toBe(3);
    bench.control({ command: 'release', lane: 'c1' });
    for (let ticks = 0; ticks < 5 && bench.task.parked.size > 0; ticks++) {
      await bench.task.drain();
      await bench.task.tick();
    }
    expect(bench.task.parked.size).toBe(0);
    expect(bench.port.applied.map(({ eventId }) => eventId)).toEqual(
      ['x', 'y', 'a', 'b', 'c'].map(eventIdOf),
    );
    expect(receiptsOf(bench.task.sent).find(({ event_id }) => event_id === eventIdOf('a'))).toMatchObject({
      attempts: 2,
    });
  });

  test('a released lane stops again where it is refused again', async () => {
    const bench = createBench();
    bench.port.behave = refuse('a', 'b');
    bench.give('sink.test', fact('c1', 'a'), fact('c1', 'b'), fact('c1', 'c'));
    await bench.task.drain();
    bench.port.behave = refuse('b');
    bench.control({ command: 'release' });
    await bench.task.drain();
    for (let ticks = 0; ticks < 4; ticks++) await bench.task.tick();
    expect([...bench.task.parked.values()].map(({ event_id, error_code }) => [event_id, error_code])).toEqual(
      [
        [eventIdOf('b'), 'closed_period'],
        [eventIdOf('c'), 'behind'],
      ],
    );
  });

  test('an operator closes an entry: receipt, audit, and what stood behind it goes on', async () => {
    const bench = createBench();
    bench.port.behave = refuse('a');
    bench.give('sink.test', fact('c1', 'a'), fact('c1', 'b'));
    await bench.task.drain();
    const [entry] = bench.task.parked.keys();
    bench.control({ command: 'discard', entry: entry ?? '' });
    await bench.task.drain();
    await bench.task.tick();
    expect(receiptsOf(bench.task.sent)).toMatchObject([
      { event_id: eventIdOf('a'), outcome: 'discarded', error_code: 'closed_period' },
      { event_id: eventIdOf('b'), outcome: 'applied' },
    ]);
    expect(bench.task.sent.find(({ topic }) => topic === 'audit')).toMatchObject({
      key: 'ada',
      value: { actor: 'ada', action: 'discard', reason: 'mended', object: `parked.test ${entry}` },
    });
    expect(bench.task.parked.size).toBe(0);
  });

  test('a lane is not let go while a refusal of its other topic stands', async () => {
    const bench = createBench();
    bench.port.behave = refuse('b1');
    bench.give('sink.test.bulk', fact('c1', 'b1'), fact('c1', 'b2'));
    await bench.task.drain();
    bench.give('sink.test', fact('c1', 'urgent'));
    await bench.task.drain();
    const entryOf = (id: string): string =>
      [...bench.task.parked].find(([, { event_id }]) => event_id === eventIdOf(id))?.[0] ?? '';
    const before = bench.task.parked.get(entryOf('b1'))?.attempts;
    bench.control({ command: 'discard', entry: entryOf('b2') });
    await bench.task.drain();
    for (let ticks = 0; ticks < 3; ticks++) await bench.task.tick();
    expect(bench.port.applied).toEqual([]);
    const left = [...bench.task.parked.values()].map(each => [
      each.event_id,
      [each.error_code, each.attempts],
    ]);
    expect(Object.fromEntries(left)).toEqual({
      [eventIdOf('urgent')]: ['behind', 0],
      [eventIdOf('b1')]: ['closed_period', before],
    });
  });

  test('a discard that is written twice means no more than the first', async () => {
    const bench = createBench();
    const many = Array.from({ length: 2 * closedAtOnce + 1 }, (_, index) => fact('c1', `w${index}`));
    bench.port.behave = refuse('w0', 'late');
    bench.give('sink.test', ...many);
    await bench.task.drain();
    bench.nowMs += 1000;
    bench.control({ command: 'discard' });
    await bench.task.step();
    bench.nowMs += 1000;
    bench.give('sink.test', fact('c3', 'late'));
    await bench.task.step();
    bench.nowMs += 1000;
    bench.control({ command: 'discard' });
    await bench.task.drain();
    for (let ticks = 0; ticks < 3; ticks++) await bench.task.tick();
    expect([...bench.task.parked.values()].map(({ event_id }) => event_id)).toEqual([eventIdOf('late')]);
  });

  test('means all that was parked when it was heard, and nothing that is parked after, in whatever instant', async () => {
    const bench = createBench();
    const refused = refuse('w0', 'before', 'after', 'again');
    const notYet = { answer: 'not_yet', needs: ['invoice'], reason: 'no such invoice' } as const;
    bench.port.behave = work => (work.head.event_id === eventIdOf('aside') ? notYet : refused(work));
    const many = Array.from({ length: 2 * closedAtOnce }, (_, index) => fact('c1', `w${index}`));
    bench.give('sink.test', ...many, fact('c2', 'before'), fact('c5', 'aside'));
    await bench.task.drain();
    bench.port.behave = refuse('after', 'again', 'aside');
    // Another process parked that, by a clock that is ahead of ours.
    bench.nowMs -= 1000;
    bench.restart();
    bench.control({ command: 'discard' });
    bench.give('sink.test', fact('c3', 'after'));
    await bench.task.drain();
    bench.restart();
    // What follows for its customer calls up what stepped aside; that is an exception only now.
    bench.give('sink.test', fact('c4', 'again'), fact('c5', 'next'));
    await bench.task.drain();
    for (let ticks = 0; ticks < 3; ticks++) await bench.task.tick();
    expect([...bench.task.parked.values()].map(({ event_id }) => event_id)).toEqual(
      ['aside', 'after', 'again'].map(eventIdOf),
    );
    const discarded = receiptsOf(bench.task.sent).filter(({ outcome }) => outcome === 'discarded');
    expect(discarded).toHaveLength(many.length + 1);
  });

  test('a long discard keeps nothing back but what it closes', async () => {
    const bench = createBench();
    const many = Array.from({ length: 3 * closedAtOnce }, (_, index) => fact('c1', `w${index}`));
    const notYet = { answer: 'not_yet', needs: ['invoice'], reason: 'no such invoice' } as const;
    const refused = refuse('w0', 'other');
    bench.port.behave = work => (work.head.event_id === eventIdOf('aside') ? notYet : refused(work));
    bench.give('sink.test', ...many, fact('c2', 'other'), fact('c2', 'behind'), fact('c3', 'aside'));
    await bench.task.drain();
    bench.port.behave = () => undefined;
    bench.nowMs += 3_600_000;
    bench.control({ command: 'release' });
    bench.control({ command: 'discard', lane: 'c1' });
    await bench.task.drain();
    await bench.task.tick();
    expect(bench.task.parked.size).toBe(closedAtOnce);
    expect(bench.port.applied.map(({ eventId }) => eventId).sort()).toEqual(
      ['other', 'behind', 'aside'].map(eventIdOf).sort(),
    );
    for (let ticks = 0; ticks < 2; ticks++) await bench.task.tick();
    expect([bench.task.parked.size, bench.port.applied.length]).toEqual([0, 3]);
  });

  test.each([true, false])(
    'what it closes is not tried again, though it was released; lanes: %s',
    async lanes => {
      const bench = createBench({ port: createFakePort({ lanes }) });
      bench.port.behave = () => ({
        answer: 'refused',
        code: 'closed_period',
        reason: 'the period is closed',
      });
      const many = Array.from({ length: 2 * closedAtOnce }, (_, index) => fact('c1', `w${index}`));
      bench.give('sink.test', ...many, fact('c2', 'other'));
      await bench.task.drain();
      bench.port.behave = () => undefined;
      bench.control({ command: 'release' });
      bench.control({ command: 'discard' });
      await bench.task.drain();
      for (let ticks = 0; ticks < 2; ticks++) await bench.task.tick();
      expect([bench.task.parked.size, bench.port.applied]).toEqual([0, []]);
    },
  );

  test('closes a whole lane, and what is parked there later goes on', async () => {
    const bench = createBench();
    bench.port.behave = refuse('a');
    bench.give('sink.test', fact('c1', 'a'), fact('c1', 'b'), fact('c2', 'x'));
    await bench.task.drain();
    bench.nowMs += 1000;
    bench.control({ command: 'discard', lane: 'c1' });
    await bench.task.drain();
    bench.nowMs += 1000;
    bench.give('sink.test', fact('c1', 'c'));
    await bench.task.drain();
    expect(bench.task.parked.size).toBe(0);
    expect(bench.port.applied.map(({ eventId }) => eventId)).toEqual(['x', 'c'].map(eventIdOf));
  });

  test('closes every exception, some at a time, also beyond a restart; what comes later, or waits its turn, stays', async () => {
    const bench = createBench();
    bench.nowMs = Date.parse('2026-11-02T20:00:00Z');
    const many = Array.from({ length: 2 * closedAtOnce + 1 }, (_, index) => fact('c1', `w${index}`));
    bench.port.behave = refuse('w0', 'alone', 'late');
    bench.give('sink.test', ...many, fact('c2', 'tonight', { class: 'nightly', receivedAtMs: bench.nowMs }));
    await bench.task.drain();
    expect(bench.task.parked.size).toBe(many.length + 1);

    bench.nowMs += 1000;
    bench.control({ command: 'discard' });
    await bench.task.step();
    expect(receiptsOf(bench.task.sent)).toHaveLength(closedAtOnce);
    bench.nowMs += 1000;
    bench.give('sink.test', fact('c3', 'late'), fact('c1', 'next'));
    bench.restart();
    await bench.task.drain();
    bench.port.behave = refuse('late');
    for (let ticks = 0; ticks < 4; ticks++) await bench.task.tick();

    const receipts = receiptsOf(bench.task.sent);
    const discarded = receipts.filter(({ outcome }) => outcome === 'discarded');
    expect(discarded.map(({ event_id }) => event_id).sort()).toEqual(
      many.map(({ id }) => eventIdOf(id)).sort(),
    );
    const audited = bench.task.sent.filter(({ topic }) => topic === 'audit').map(({ value }) => value);
    expect(audited).toHaveLength(many.length);
    expect(audited[0]).toMatchObject({ actor: 'ada', action: 'discard', reason: 'mended' });
    expect([...bench.task.parked.values()].map(({ event_id, kind }) => [event_id, kind])).toEqual([
      [eventIdOf('tonight'), 'scheduled'],
      [eventIdOf('late'), 'exception'],
    ]);
    expect(receipts.filter(({ outcome }) => outcome === 'applied').map(({ event_id }) => event_id)).toEqual([
      eventIdOf('next'),
    ]);
  });

  test('without a lane a refused work stands alone', async () => {
    const bench = createBench({ port: createFakePort({ lanes: false }) });
    bench.port.behave = refuse('a');
    bench.give('sink.test', fact('c1', 'a'), fact('c1', 'b'));
    await bench.task.drain();
    expect([...bench.task.parked.values()]).toMatchObject([{ event_id: eventIdOf('a'), lane: null }]);
    bench.port.behave = () => undefined;
    bench.control({ command: 'release', entry: [...bench.task.parked.keys()][0] ?? '' });
    await bench.task.drain();
    await bench.task.tick();
    expect(bench.task.parked.size).toBe(0);
  });
});

describe('parked work under the schema of an earlier release', () => {
  const unknown = new UnknownWriter(9_999);

  test.each([
    ['release', 'applied'],
    ['discard', 'discarded'],
  ] as const)(
    '%s: the task hears of it, nothing is called unreadable, and it goes on',
    async (command, outcome) => {
      let learned = true;
      const codec = codecFor('test');
      const decode: typeof codec.decode = bytes => {
        if (!learned) throw unknown;
        return codec.decode(bytes);
      };
      const bench = createBench({ codec: { decode } });
      bench.port.behave = refuse('a');
      bench.give('sink.test', fact('c1', 'a'));
      await bench.task.drain();
      bench.port.behave = () => undefined;
      learned = false;
      bench.control({ command, lane: 'c1' });
      // A release is obeyed by the first step and followed by the next.
      const told = [await bench.task.step(), await bench.task.step()];
      expect(told).toContain(unknown);
      expect([...bench.task.parked.values()]).toMatchObject([{ error_code: 'closed_period', attempts: 1 }]);
      expect(receiptsOf(bench.task.sent)).toEqual([]);
      learned = true;
      await bench.task.step();
      expect(receiptsOf(bench.task.sent)).toMatchObject([{ event_id: eventIdOf('a'), outcome }]);
      expect(bench.task.parked.size).toBe(0);
    },
  );
});

describe('stepping aside', () => {
  const payment = fact('c1', 'payment');
  const waitsFor = (invoice: string, bench: ReturnType<typeof createBench>) => {
    bench.port.behave = work =>
      work.head.event_id === eventIdOf('payment') &&
      !bench.port.applied.some(({ eventId }) => eventId === eventIdOf(invoice))
        ? { answer: 'not_yet', needs: ['invoice'], reason: 'no such invoice' }
        : undefined;
  };

  test('its lane goes on, and it is tried again after each later work of that customer', async () => {
    const bench = createBench();
    waitsFor('invoice', bench);
    bench.give('sink.test', payment, fact('c1', 'other'));
    await bench.task.drain();
    expect([...bench.task.parked.values()]).toMatchObject([
      { kind: 'stepped_aside', needs: ['invoice'], lane: null },
    ]);
    bench.give('sink.test', fact('c1', 'invoice'));
    await bench.task.drain();
    expect(bench.task.parked.size).toBe(0);
    expect(bench.port.applied.map(({ eventId }) => eventId)).toEqual(
      ['other', 'invoice', 'payment'].map(eventIdOf),
    );
  });

  test('it is tried again by itself, at growing pauses, and in the end it is an exception', async () => {
    const bench = createBench({
      limits: { stepAside: { initial_ms: 1000, max_ms: 8000 }, stepAsideLimitMs: 20_000 },
    });
    waitsFor('invoice', bench);
    const begun = bench.nowMs;
    bench.give('sink.test', payment);
    await bench.task.drain();
    const tries: number[] = [];
    let before = bench.port.calls.apply;
    for (; bench.nowMs < begun + 40_000; bench.nowMs += 500) {
      await bench.task.tick();
      if (bench.port.calls.apply > before) tries.push(bench.nowMs - begun);
      before = bench.port.calls.apply;
    }
    expect(tries).toEqual([1000, 3000, 7000, 15_000, 23_000]);
    expect([...bench.task.parked.values()]).toMatchObject([
      { kind: 'exception', error_code: 'not_yet', lane: null },
    ]);
  });

  test('a need that the port did not declare is a refusal', async () => {
    const bench = createBench();
    bench.port.behave = () => ({ answer: 'not_yet', needs: ['sunshine'], reason: 'rain' });
    bench.give('sink.test', payment);
    await bench.task.drain();
    expect([...bench.task.parked.values()]).toMatchObject([
      { kind: 'exception', error_code: 'undeclared_need' },
    ]);
  });
});

describe('scheduled work', () => {
  test('is held until its window, then goes in order, and behind whatever blocks its lane', async () => {
    const bench = createBench();
    bench.nowMs = Date.parse('2026-11-02T20:00:00Z');
    const nightly = { class: 'nightly', receivedAtMs: bench.nowMs } as const;
    bench.port.behave = refuse('z');
    bench.give(
      'sink.test',
      fact('c1', 'a', nightly),
      fact('c1', 'b', nightly),
      fact('c1', 'now'),
      fact('c2', 'y', nightly),
    );
    bench.give('sink.test', fact('c2', 'z'));
    await bench.task.drain();
    expect(bench.port.applied.map(({ eventId }) => eventId)).toEqual([eventIdOf('now')]);
    expect([...bench.task.parked.values()].filter(({ kind }) => kind === 'scheduled')).toHaveLength(3);
    bench.nowMs = Date.parse('2026-11-03T00:59:59Z');
    await bench.task.tick();
    expect(bench.port.applied).toHaveLength(1);
    bench.nowMs = Date.parse('2026-11-03T01:00:00Z');
    await bench.task.tick();
    expect(bench.port.applied.map(({ eventId }) => eventId)).toEqual(['now', 'a', 'b'].map(eventIdOf));
    expect([...bench.task.parked.values()].map(({ kind, error_code }) => [kind, error_code])).toEqual([
      ['exception', 'behind'],
      ['exception', 'closed_period'],
    ]);
  });
});

describe('a target that is away', () => {
  test('parks nobody: the batch stays in its topic, the sink is not ready, and goes on when it is back', async () => {
    const bench = createBench();
    let away = true;
    const apply = bench.port.apply.bind(bench.port);
    bench.port.apply = async (planned, context) => {
      if (away) throw unavailable('http_503', 'the desk answers 503');
      return apply(planned, context);
    };
    bench.port.checkFails = unavailable('http_503', 'the desk answers 503');
    bench.give('sink.test', fact('c1', 'a'), fact('c2', 'b'));
    expect(await bench.task.step()).toMatchObject({ kind: 'unavailable' });
    expect(bench.sink.reasons()).toEqual(['unavailable: the desk answers 503']);
    for (let steps = 0; steps < 5; steps++) await bench.task.step();
    expect(bench.task.waiting('sink.test')).toBe(2);
    expect(bench.task.parked.size).toBe(0);
    away = false;
    bench.port.checkFails = undefined;
    await bench.task.drain();
    expect(bench.sink.reasons()).toEqual([]);
    expect(bench.port.applied).toHaveLength(2);
    expect(bench.task.parked.size).toBe(0);
  });

  test('is left alone for as long as it asks', async () => {
    const bench = createBench();
    bench.port.apply = async () => {
      throw unavailable('http_429', 'slow down', { retryAfterMs: 60_000 });
    };
    bench.give('sink.test', fact('c1', 'a'));
    await bench.task.step();
    for (let ticks = 0; ticks < 5; ticks++) await bench.task.step();
    expect(bench.port.calls).toMatchObject({ plan: 1, check: 0 });
    expect(bench.sink.reasons()).toEqual(['unavailable: slow down']);
  });

  test('misconfiguration stops the sink until the check passes', async () => {
    const bench = createBench();
    bench.port.checkFails = misconfigured('journal_missing', 'there is no journal SUB');
    await expect(bench.sink.start(new AbortController().signal)).rejects.toThrow(KeelsonError);
    expect(bench.sink.reasons()).toEqual(['misconfigured: there is no journal SUB']);
    bench.give('sink.test', fact('c1', 'a'));
    await bench.task.step();
    expect(bench.task.waiting('sink.test')).toBe(1);
    bench.port.checkFails = undefined;
    await bench.task.drain();
    expect(bench.port.applied).toHaveLength(1);
  });

  test('a target that is away is no reason not to start', async () => {
    const bench = createBench();
    bench.port.checkFails = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    await bench.sink.start(new AbortController().signal);
    expect(bench.sink.reasons()).toEqual(['unavailable: connect ECONNREFUSED']);
    bench.give('sink.test', fact('c1', 'a'));
    await bench.task.step();
    expect(bench.task.waiting('sink.test')).toBe(1);
    bench.port.checkFails = undefined;
    await bench.task.drain();
    expect(bench.port.applied).toHaveLength(1);
  });

  test('pause and resume', async () => {
    const bench = createBench();
    bench.control({ command: 'pause' });
    await bench.task.drain();
    bench.give('sink.test', fact('c1', 'a'));
    await bench.task.step();
    expect(bench.task.waiting('sink.test')).toBe(1);
    expect(bench.sink.reasons()).toEqual(['operator: ada: mended']);
    bench.control({ command: 'resume' });
    await bench.task.drain();
    expect(bench.port.applied).toHaveLength(1);
  });

  test('a pause and its end outlast a restart; released work rests too', async () => {
    const bench = createBench();
    bench.port.behave = refuse('a');
    bench.give('sink.test', fact('c1', 'a'));
    await bench.task.drain();
    bench.port.behave = () => undefined;
    bench.control({ command: 'pause' });
    bench.control({ command: 'release' });
    await bench.task.drain();

    bench.restart();
    bench.give('sink.test', fact('c2', 'b'));
    await bench.task.step();
    await bench.task.tick();
    expect(bench.task.waiting('sink.test')).toBe(1);
    expect(bench.task.parked.size).toBe(1);
    expect(bench.port.applied).toEqual([]);
    expect(bench.sink.reasons()).toEqual(['operator: ada: mended']);

    bench.control({ command: 'resume' });
    await bench.task.step();
    bench.restart();
    await bench.task.drain();
    await bench.task.tick();
    expect(bench.sink.reasons()).toEqual([]);
    expect(bench.port.applied).toHaveLength(2);
  });
});

describe('a storm', () => {
  test('stops the sink instead of parking everybody; after resume the rest is tried again', async () => {
    const bench = createBench();
    const works = Array.from({ length: 60 }, (_, index) => fact(`c${index}`, `w${index}`));
    bench.port.behave = refuse(...works.map(({ id }) => id));
    bench.give('sink.test', ...works);
    let error: unknown;
    for (let steps = 0; steps < 5 && error === undefined; steps++) error = await bench.task.step();
    expect(error).toMatchObject({ kind: 'misconfigured', code: 'storm' });
    expect(bench.task.parked.size).toBeLessThanOrEqual(20);
    const parkedThen = bench.task.parked.size;
    for (let steps = 0; steps < 3; steps++) await bench.task.step();
    expect(bench.task.parked.size).toBe(parkedThen);
    expect(bench.sink.reasons()).toEqual([expect.stringContaining('storm: ')]);
    bench.port.behave = () => undefined;
    bench.control({ command: 'resume' });
    bench.control({ command: 'release' });
    await bench.task.drain();
    for (let ticks = 0; ticks < 5; ticks++) await bench.task.tick();
    expect(bench.task.parked.size).toBe(0);
    expect(bench.port.applied).toHaveLength(60);
  });
});
