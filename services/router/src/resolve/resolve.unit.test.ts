import { describe, expect, test } from '@jest/globals';
import { topics } from '@keelson/contracts';
import type { Policy } from '@keelson/contracts';
import { delivery } from '../testing/deliveries.ts';
import { account, alias, command, customerAlias, customerId, houseId } from '../testing/facts.ts';
import { resolveBench } from '../testing/resolve-bench.ts';
import type { ResolveBench } from '../testing/resolve-bench.ts';
import { policy } from '../testing/rooms.ts';
import { resolveStores } from './partition.ts';

const factsOf = ({ context }: ResolveBench) => context.on(topics.resolved, 'keelson.internal.Fact');
const claimsOf = ({ context }: ResolveBench) => context.on(topics.claims, 'keelson.internal.Claim');
const fetchesOf = ({ context }: ResolveBench) =>
  context.on(topics.fetch('stripe'), 'keelson.internal.FetchRequest');
const rejectedOf = ({ context }: ResolveBench) => context.on(topics.rejected, 'keelson.internal.Rejected');
const linksOf = ({ context }: ResolveBench) => context.entries(resolveStores.links);
const waitingOf = ({ context }: ResolveBench) => Object.keys(context.entries(resolveStores.waiting));

const seconds = (bench: ResolveBench, more: number): void => {
  bench.context.set(bench.context.now() + more * 1000);
  bench.tick();
};

describe('what cannot be mapped', () => {
  test.each([
    ['an invalid event', { invalid: 'not_json' }, 'not_json'],
    ['an error that nobody foresaw', { unforeseen: true }, 'unforeseen'],
  ])('%s is rejected with its sender’s bytes and headers, and the partition goes on', (_, script, code) => {
    const bench = resolveBench();
    const { context } = bench;
    const headers = { 'user-agent': 'Stripe/1.0' };
    const ingress = delivery('cus_1', script, { headers });
    const record = context.input('ingress.stripe', customerAlias, 'keelson.internal.Ingress', ingress, {
      traceparent: 'trace',
    });
    bench.handle(record);
    bench.deliver(delivery('cus_1', { facts: ['customer'] }));
    expect(rejectedOf(bench)).toMatchObject([
      {
        topic: 'ingress.stripe',
        partition: 0,
        offset: '0',
        key: customerAlias,
        value: ingress.payload,
        headers,
        error_code: code,
      },
    ]);
    const [written] = context.written.filter(({ topic }) => topic === topics.rejected);
    expect(written?.headers).toEqual({ traceparent: 'trace' });
    expect(bench.receipts()).toMatchObject([
      { outcome: 'rejected', error_code: code, target: 'resolve', position: 'ingress.stripe/0/0' },
      { outcome: 'mapped', facts: 1 },
    ]);
  });

  test.each([[['unfit']], [['customer', 'unfit']]] as const)(
    'a mapping %p that fits no schema is rejected as a whole',
    facts => {
      const bench = resolveBench();
      const ingress = delivery('cus_1', { facts });
      bench.deliver(ingress);
      bench.deliver(ingress);
      expect(factsOf(bench)).toEqual([]);
      expect(bench.outcomes()).toEqual(['rejected', 'rejected']);
    },
  );

  test('bytes that are no ingress record are rejected as they are', () => {
    const bench = resolveBench();
    bench.handle(bench.context.poison('ingress.stripe', customerAlias, Buffer.from('rubbish')));
    expect(rejectedOf(bench)).toMatchObject([{ value: Buffer.from('rubbish'), source: 'stripe' }]);
    expect(bench.receipts()).toMatchObject([
      { outcome: 'rejected', source: 'stripe', error_code: 'undecodable' },
    ]);
  });

  test('a claim that cannot be read is rejected without a receipt: it is no delivery', () => {
    const bench = resolveBench();
    bench.handle(bench.context.poison(topics.claims, customerAlias, Buffer.from('rubbish')));
    expect(rejectedOf(bench)).toHaveLength(1);
    expect(bench.outcomes()).toEqual([]);
  });

  test('an account that no legal entity owns is rejected', () => {
    const bench = resolveBench();
    bench.deliver(delivery('cus_1', { facts: ['customer'] }, { account: 'acct_other' }));
    expect(bench.receipts()).toMatchObject([{ outcome: 'rejected', error_code: 'unknown_account' }]);
  });

  test('what nobody needs is filtered, with the rule', () => {
    const bench = resolveBench();
    bench.deliver(delivery('ch_1', { filtered: 'unsupported-type' }));
    expect(bench.receipts()).toMatchObject([{ outcome: 'filtered', rule: 'unsupported-type' }]);
  });
});

describe('deliveries that come again', () => {
  test('with the same content are duplicates', () => {
    const bench = resolveBench();
    const ingress = delivery('cus_1', { facts: ['customer'] });
    bench.deliver(ingress);
    bench.restart();
    bench.deliver({ ...ingress, received_at: ingress.received_at + 1 });
    expect(bench.outcomes()).toEqual(['mapped', 'duplicate']);
    expect(factsOf(bench)).toHaveLength(1);
  });

  test('with other content are mapped again: facts guard themselves', () => {
    const bench = resolveBench();
    const ingress = delivery('cus_1', { facts: ['customer'] });
    bench.deliver(ingress);
    bench.deliver({
      ...delivery('cus_1', { facts: ['customer'], note: 'other' }),
      delivery_id: ingress.delivery_id,
    });
    expect(bench.outcomes()).toEqual(['mapped', 'mapped']);
  });

  test('an id that two senders use is nobody’s duplicate', () => {
    const bench = resolveBench();
    const ingress = delivery('cus_1', { facts: ['customer'] }, { delivery_id: '1' });
    bench.deliver(ingress);
    bench.deliver({ ...ingress, alias: alias('cus_2') });
    expect(bench.outcomes()).toEqual(['mapped', 'mapped']);
  });

  test('without an id of their own are never duplicates', () => {
    const bench = resolveBench();
    const ingress = delivery('cus_1', { facts: ['customer'] }, { delivery_id: null });
    bench.deliver(ingress);
    bench.deliver(ingress);
    expect(bench.receipts()).toMatchObject([
      { outcome: 'mapped', event_id: 'ingress.stripe/0/0' },
      { outcome: 'mapped', event_id: 'ingress.stripe/0/1' },
    ]);
  });
});

describe('whose is it', () => {
  test('the system of record mints its customers, and remembers it', () => {
    const bench = resolveBench();
    bench.deliver(delivery('cus_1', { facts: ['customer'] }), { traceparent: 'trace', other: 'dropped' });
    expect(factsOf(bench)).toMatchObject([
      { customer_id: customerId, house: false, position: 'ingress.stripe/0/0', origin: 'webhook' },
    ]);
    expect(linksOf(bench)[customerAlias]).toMatchObject({ customer_id: customerId, rule: 'minted' });
    const fact = bench.context.written.find(({ topic }) => topic === topics.resolved);
    expect(fact).toMatchObject({ key: customerId, headers: { traceparent: 'trace' } });
    expect(fact?.headers).not.toHaveProperty('other');
    expect(fetchesOf(bench)).toEqual([]);
  });

  test('first seen by something else, the customer is fetched, once', () => {
    const bench = resolveBench();
    bench.deliver(delivery('cus_1', { facts: ['invoice'] }));
    bench.deliver(delivery('cus_1', { facts: ['invoice'] }));
    expect(fetchesOf(bench)).toMatchObject([
      { object_type: 'customer', object_id: 'cus_1', alias: customerAlias, reason: 'first-sight' },
    ]);
  });

  test('the account itself is the house customer', () => {
    const bench = resolveBench();
    bench.deliver(delivery(account, { facts: ['invoice'] }));
    expect(factsOf(bench)).toMatchObject([{ customer_id: houseId, house: true }]);
    expect(linksOf(bench)).toEqual({});
  });

  test('what names no customer at all goes to the house at once', () => {
    const bench = resolveBench();
    bench.deliver(delivery('ch_1', { facts: ['house'], claims: ['ch_1'] }));
    expect(factsOf(bench)).toMatchObject([{ customer_id: houseId, house: true }]);
    expect(claimsOf(bench)).toMatchObject([{ alias: alias('ch_1'), customer_id: houseId }]);
  });

  test('claims and fetches go to their topics, under their keys', () => {
    const bench = resolveBench();
    bench.deliver(delivery('cus_1', { facts: ['customer'], claims: ['ch_1', 'pi_1'], fetches: ['txn_1'] }));
    expect(claimsOf(bench).map(({ alias: of, customer_id }) => [of, customer_id])).toEqual([
      [alias('ch_1'), customerId],
      [alias('pi_1'), customerId],
    ]);
    expect(fetchesOf(bench)).toMatchObject([
      { object_type: 'thing', object_id: 'txn_1', alias: customerAlias },
    ]);
  });

  test('a delivery that yields nothing is mapped to 0 facts', () => {
    const bench = resolveBench();
    bench.deliver(delivery('ch_1', { fetches: ['txn_1'] }));
    expect(bench.receipts()).toMatchObject([{ outcome: 'mapped', facts: 0 }]);
  });

  test('a source that does not mint lets its customers wait', () => {
    const waits = structuredClone<Policy>(policy);
    if (waits.sources['stripe']) waits.sources['stripe'].unknown_customer = 'wait';
    const bench = resolveBench(waits);
    bench.deliver(delivery('cus_1', { facts: ['customer'] }));
    expect(waitingOf(bench)).toHaveLength(1);
  });
});

describe('the waiting room', () => {
  const refund = (note: string) => delivery('ch_1', { facts: ['invoice'], note });

  test('keeps order behind an alias until the link opens the gate', () => {
    const bench = resolveBench();
    bench.deliver(refund('a'));
    bench.deliver(delivery('ch_1', { facts: ['house'] }));
    bench.deliver(refund('c'));
    bench.deliver(delivery('ch_10', { facts: ['invoice'] }));
    expect(bench.outcomes()).toEqual([]);
    bench.restart();
    bench.claim({ alias: alias('ch_1'), customer_id: customerId });
    expect(factsOf(bench).map(({ position, customer_id }) => [position, customer_id])).toEqual([
      ['ingress.stripe/0/0', customerId],
      ['ingress.stripe/0/1', houseId],
      ['ingress.stripe/0/2', customerId],
    ]);
    expect(bench.outcomes()).toEqual(['mapped', 'mapped', 'mapped']);
    expect(waitingOf(bench)).toEqual([`${alias('ch_10')}/ingress.stripe/1/0000000000000000003`]);
    bench.deliver(refund('d'));
    expect(bench.outcomes()).toHaveLength(4);
  });

  test('keeps the trace of what waits', () => {
    const bench = resolveBench();
    bench.deliver(refund('a'), { traceparent: 'trace' });
    bench.claim({ alias: alias('ch_1'), customer_id: customerId });
    expect(bench.context.written.find(({ topic }) => topic === topics.resolved)?.headers).toEqual({
      traceparent: 'trace',
    });
  });

  test('a duplicate that waited too is found when the gate opens', () => {
    const bench = resolveBench();
    const ingress = refund('a');
    bench.deliver(ingress);
    bench.deliver(ingress);
    bench.claim({ alias: alias('ch_1'), customer_id: customerId });
    expect(bench.outcomes()).toEqual(['mapped', 'duplicate']);
  });

  test('what waits for long is asked for by id, once', () => {
    const bench = resolveBench();
    bench.deliver(refund('a'));
    seconds(bench, 4);
    expect(fetchesOf(bench)).toEqual([]);
    seconds(bench, 2);
    seconds(bench, 60);
    bench.restart();
    seconds(bench, 60);
    expect(fetchesOf(bench)).toMatchObject([
      { object_type: 'charge', object_id: 'ch_1', alias: alias('ch_1'), reason: 'waiting' },
    ]);
  });

  test('past the limit it becomes an exception, and the link still opens the gate, in order', () => {
    const bench = resolveBench();
    bench.deliver(refund('a'));
    bench.deliver(refund('b'));
    seconds(bench, 25 * 86_400 + 1);
    bench.deliver(refund('c'));
    expect(waitingOf(bench)).toHaveLength(1);
    expect(bench.parked().map(([, { error_code, lane, target }]) => [error_code, lane, target])).toEqual([
      ['unresolved', alias('ch_1'), 'resolve'],
      ['unresolved', alias('ch_1'), 'resolve'],
    ]);
    bench.restart();
    bench.claim({ alias: alias('ch_1'), customer_id: customerId });
    expect(factsOf(bench).map(({ position }) => position)).toEqual([
      'ingress.stripe/0/0',
      'ingress.stripe/0/1',
      'ingress.stripe/0/2',
    ]);
    expect(bench.parked()).toEqual([]);
  });

  test('a released exception waits again, in its old place, and is asked for again', () => {
    const bench = resolveBench();
    bench.deliver(refund('a'));
    seconds(bench, 25 * 86_400 + 1);
    bench.deliver(refund('b'));
    bench.command(alias('ch_1'), command('release', { lane: alias('ch_1') }));
    expect(bench.parked()).toEqual([]);
    expect(fetchesOf(bench).length).toBeGreaterThan(0);
    bench.claim({ alias: alias('ch_1'), customer_id: customerId });
    expect(factsOf(bench).map(({ position }) => position)).toEqual([
      'ingress.stripe/0/0',
      'ingress.stripe/0/1',
    ]);
  });

  test('an alias is discarded with all that waits behind it, each with a receipt', () => {
    const bench = resolveBench();
    bench.deliver(refund('a'));
    seconds(bench, 25 * 86_400 + 1);
    bench.deliver(refund('b'));
    bench.command(alias('ch_1'), command('discard', { lane: alias('ch_1') }));
    expect(bench.outcomes()).toEqual(['discarded', 'discarded']);
    expect([bench.parked(), waitingOf(bench)]).toEqual([[], []]);
  });

  test('what got in line after a discard was heard still waits', () => {
    const bench = resolveBench();
    bench.deliver(refund('a'));
    const [waiting] = Object.values(bench.context.entries(resolveStores.waiting));
    seconds(bench, 1);
    bench.deliver(refund('b'));
    const heard = { ...command('discard', { lane: alias('ch_1') }), issued_at: waiting?.waiting_since ?? 0 };
    bench.context.store(resolveStores.standing).put('resolve/command-1', heard);
    bench.tick();
    expect(bench.outcomes()).toEqual(['discarded']);
    expect(waitingOf(bench)).toHaveLength(1);
  });

  test('what can no longer be mapped when the gate opens is rejected with its bytes', () => {
    const bench = resolveBench();
    const ingress = refund('a');
    bench.deliver(ingress);
    const [[key, waiting] = []] = Object.entries(bench.context.entries(resolveStores.waiting));
    if (key === undefined || waiting === undefined) throw new Error('nothing waits');
    const broken = { ...waiting.delivery, payload: Buffer.from('{"invalid":"late"}') };
    bench.context.store(resolveStores.waiting).put(key, { ...waiting, delivery: broken });
    bench.claim({ alias: alias('ch_1'), customer_id: customerId });
    const [rejected] = rejectedOf(bench);
    expect(rejected).toMatchObject({ error_code: 'late', offset: '0', value: broken.payload });
  });
});

describe('claims', () => {
  const claim = { alias: alias('ch_1'), customer_id: customerId };

  test('the first is believed, the same again is nothing', () => {
    const bench = resolveBench();
    bench.claim(claim);
    bench.claim(claim);
    expect(linksOf(bench)[claim.alias]).toMatchObject({ customer_id: customerId, rule: 'test' });
    expect(bench.parked()).toEqual([]);
  });

  test('a contradiction is parked with both versions, and holds nobody up', () => {
    const bench = resolveBench();
    bench.claim(claim);
    bench.claim({ ...claim, customer_id: 'other' });
    const [[, entry] = []] = bench.parked();
    expect(entry).toMatchObject({ error_code: 'claim_conflict', lane: null, target: 'resolve' });
    expect(entry?.reason).toContain(customerId);
    expect(entry?.reason).toContain('other');
    expect(linksOf(bench)[claim.alias]?.customer_id).toBe(customerId);
    bench.deliver(delivery('ch_1', { facts: ['invoice'] }));
    expect(bench.outcomes()).toEqual(['mapped']);
  });

  test('nobody but the account owns the account', () => {
    const bench = resolveBench();
    bench.claim({ alias: alias(account), customer_id: customerId });
    expect(bench.parked()).toHaveLength(1);
    expect(linksOf(bench)).toEqual({});
  });

  test('the operator’s word stands above claims, settles their contradiction, and opens the gate', () => {
    const bench = resolveBench();
    bench.claim(claim);
    bench.claim({ ...claim, customer_id: 'other' });
    bench.command(claim.alias, command('link', { lane: claim.alias, customer_id: 'other' }));
    expect(linksOf(bench)[claim.alias]).toMatchObject({ customer_id: 'other', rule: 'operator' });
    expect(bench.parked()).toEqual([]);
    bench.deliver(delivery('pi_1', { facts: ['invoice'] }));
    bench.command(alias('pi_1'), command('link', { lane: alias('pi_1'), customer_id: 'other' }));
    expect(factsOf(bench)).toMatchObject([{ customer_id: 'other' }]);
  });

  test('a contradiction is released into the same one, or discarded', () => {
    const bench = resolveBench();
    bench.claim(claim);
    bench.claim({ ...claim, customer_id: 'other' });
    bench.restart();
    bench.command('all', command('release'));
    const [[key, entry] = []] = bench.parked();
    expect(entry?.attempts).toBe(2);
    bench.command(claim.alias, command('discard', { entry: key ?? '' }));
    expect(bench.parked()).toEqual([]);
    expect(bench.outcomes()).toEqual([]);
  });
});
