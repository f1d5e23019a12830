import { describe, expect, test } from '@jest/globals';
import { topics } from '@keelson/contracts';
import { maxFromLines as maxWaiting, resolveStores } from './resolve/partition.ts';
import { maxFromLines as maxParked } from './route/partition.ts';
import { routeStores } from './route/unit.ts';
import { delivery } from './testing/deliveries.ts';
import { alias, command, customerBody, customerId, finalized, snapshot, t0 } from './testing/facts.ts';
import { resolveBench } from './testing/resolve-bench.ts';
import type { ResolveBench } from './testing/resolve-bench.ts';
import { routeBench } from './testing/rooms.ts';
import type { RouteBench } from './testing/rooms.ts';

describe('what waits behind an alias, longer than a batch', () => {
  const charge = alias('ch_1');
  const count = maxWaiting + 10;
  const queue = (bench: ResolveBench): void => {
    for (let number = 0; number < count; number++)
      bench.deliver(delivery('ch_1', { facts: ['invoice'], note: String(number) }));
  };
  const told = ({ context }: ResolveBench): string[] =>
    context.on(topics.resolved, 'keelson.internal.Fact').map(({ position }) => position);
  const inOrder = (length: number): string[] =>
    Array.from({ length }, (_, offset) => `ingress.stripe/0/${offset}`);
  const link = (bench: ResolveBench): void => bench.claim({ alias: charge, customer_id: customerId });

  test('goes on over several batches, in order; what comes meanwhile gets in line', () => {
    const bench = resolveBench();
    queue(bench);
    link(bench);
    expect(told(bench)).toEqual(inOrder(maxWaiting));
    bench.deliver(delivery('ch_1', { facts: ['invoice'] }));
    expect(told(bench)).toEqual(inOrder(count + 1));
    bench.deliver(delivery('ch_1', { facts: ['invoice'] }));
    expect(told(bench)).toEqual(inOrder(count + 2));
  }, 30_000);

  test('goes on after a takeover, without a delivery', () => {
    const bench = resolveBench();
    queue(bench);
    link(bench);
    bench.restart();
    bench.tick();
    expect(told(bench)).toEqual(inOrder(count));
    expect(bench.context.entries(resolveStores.waiting)).toEqual({});
  }, 30_000);

  test('and has become exceptions, is released over several batches; a link in between keeps the order', () => {
    const bench = resolveBench();
    queue(bench);
    bench.context.set(bench.context.now() + 26 * 86_400_000);
    bench.tick();
    expect(bench.parked()).toHaveLength(maxWaiting);
    bench.tick();
    expect(bench.parked()).toHaveLength(count);
    bench.command(charge, command('release', { lane: charge }));
    expect(bench.parked()).toHaveLength(count - maxWaiting);
    link(bench);
    bench.restart();
    bench.tick();
    expect(told(bench)).toEqual(inOrder(count));
    expect(bench.parked()).toEqual([]);
  }, 30_000);

  test('is discarded over several batches, also beyond a takeover; what comes meanwhile waits on', () => {
    const bench = resolveBench();
    queue(bench);
    bench.command(charge, command('discard', { lane: charge }));
    expect(bench.receipts()).toHaveLength(maxWaiting);
    bench.context.set(bench.context.now() + 1);
    bench.restart();
    bench.deliver(delivery('ch_1', { facts: ['invoice'] }));
    bench.tick();
    expect(bench.outcomes()).toEqual(Array.from({ length: count }, () => 'discarded'));
    expect(Object.keys(bench.context.entries(resolveStores.waiting))).toHaveLength(1);
    expect(bench.context.entries(resolveStores.standing)).toEqual({});
  }, 30_000);

  test('and has become exceptions, is discarded with everything, over several batches; what waits stays', () => {
    const bench = resolveBench();
    queue(bench);
    bench.context.set(bench.context.now() + 26 * 86_400_000);
    bench.tick();
    bench.tick();
    bench.deliver(delivery('ch_2', { facts: ['invoice'] }));
    bench.claim({ alias: alias('pi_1'), customer_id: customerId });
    bench.claim({ alias: alias('pi_1'), customer_id: 'other' });
    bench.command('all', command('discard'));
    expect(bench.parked()).toHaveLength(count + 1 - maxWaiting);
    bench.restart();
    bench.tick();
    expect(bench.parked()).toEqual([]);
    expect(bench.outcomes()).toEqual(Array.from({ length: count }, () => 'discarded'));
    expect(Object.keys(bench.context.entries(resolveStores.waiting))).toHaveLength(1);
    const audited = bench.context.on(topics.audit, 'keelson.internal.AuditEntry');
    expect(audited).toHaveLength(count + 1);
    expect(audited[0]).toMatchObject({ actor: 'ops', action: 'discard', reason: 'test' });
  }, 30_000);
});

describe('a customer’s parked line, longer than a batch', () => {
  const count = maxParked + 10;
  const parkedOf = ({ context }: RouteBench) => Object.entries(context.entries(routeStores.parked));
  const upserted = (at: number) => snapshot('customer.upserted', customerBody(), at);
  /** A line whose head can be handled again. */
  function line(): RouteBench {
    const bench = routeBench();
    bench.handle({ ...finalized(), type: 'no.such_event' });
    for (let number = 1; number < count; number++) bench.handle(upserted(t0 + number));
    const [[key, entry] = []] = parkedOf(bench);
    if (key === undefined || entry === undefined) throw new Error('nothing is parked');
    const mended = bench.context.input(topics.resolved, customerId, 'keelson.internal.Fact', finalized());
    bench.context.store(routeStores.parked).put(key, { ...entry, value: mended.bytes ?? Buffer.alloc(0) });
    return bench;
  }

  test.each([
    ['goes on over several batches', false],
    ['goes on after a takeover', true],
  ])(
    'when released, %s; nothing overtakes it',
    (_, takeover) => {
      const bench = line();
      bench.command(customerId, command('release', { lane: customerId }));
      expect(parkedOf(bench)).toHaveLength(count - maxParked);
      if (takeover) bench.restart();
      bench.tick();
      bench.handle(upserted(t0 + count));
      expect(parkedOf(bench)).toEqual([]);
      expect(bench.outcomes()).toEqual(Array.from({ length: count + 1 }, () => 'published'));
    },
    30_000,
  );

  test('stops where one cannot be handled, and stays stopped', () => {
    const bench = line();
    bench.command(customerId, command('release', { lane: customerId }));
    const [[key, entry] = []] = parkedOf(bench);
    if (key === undefined || entry === undefined) throw new Error('nothing is parked');
    bench.context.store(routeStores.parked).put(key, { ...entry, value: Buffer.from('rubbish') });
    bench.tick();
    bench.tick();
    expect(parkedOf(bench)).toHaveLength(count - maxParked);
    expect(parkedOf(bench)[0]?.[1]).toMatchObject({ attempts: 2, released: false });
  }, 30_000);

  test.each([
    ['all', null],
    ['the line', customerId],
  ])(
    'when %s is discarded, closes over several batches, also beyond a takeover; what came later goes on',
    (_, lane) => {
      const bench = line();
      bench.command('all', command('discard', { lane }));
      expect(bench.outcomes()).toEqual(Array.from({ length: maxParked }, () => 'discarded'));
      bench.context.set(bench.context.now() + 1);
      bench.restart();
      bench.handle(upserted(t0 + count));
      bench.tick();
      expect(parkedOf(bench)).toEqual([]);
      expect(bench.outcomes()).toEqual([...Array.from({ length: count }, () => 'discarded'), 'published']);
      expect(bench.context.on(topics.audit, 'keelson.internal.AuditEntry')).toHaveLength(count);
      expect(bench.context.entries(routeStores.standing)).toEqual({});
    },
    30_000,
  );

  test('when discarded, is closed without what the same batch parks behind it', () => {
    const bench = line();
    const input = bench.context.input.bind(bench.context);
    bench.batch(
      input(topics.control('router'), 'all', 'keelson.internal.Control', command('discard')),
      input(topics.resolved, customerId, 'keelson.internal.Fact', upserted(t0 + count)),
    );
    bench.tick();
    expect(parkedOf(bench)).toEqual([]);
    expect(bench.outcomes()).toEqual([...Array.from({ length: count }, () => 'discarded'), 'published']);
  }, 30_000);
});
