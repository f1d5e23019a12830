import { describe, expect, test } from '@jest/globals';
import type { Fact, Parked } from '@keelson/contracts';
import type { StateStore, StoreDefinition } from '@keelson/stream';
import { UnknownWriter } from '@keelson/stream';
import { delivery } from './testing/deliveries.ts';
import {
  alias,
  command,
  contractBody,
  contractId,
  customerBody,
  customerId,
  finalized,
  snapshot,
  t0,
} from './testing/facts.ts';
import { resolveBench } from './testing/resolve-bench.ts';
import { routeBench } from './testing/rooms.ts';
import type { MemoryContext } from './testing/memory-context.ts';
import { resolveStores } from './resolve/partition.ts';
import { routeStores } from './route/unit.ts';

/** The id of a schema that the codec of these tests has not learned. */
const unknownId = 9_999;
const parked = resolveStores.parked;

/** As if what is parked had been read under a schema of an earlier release. */
function ageParkedValues(context: MemoryContext): void {
  const store: StateStore<Parked> = context.store(parked);
  for (const [key, entry] of [...store.entries()]) {
    const value = Buffer.from(entry.value);
    value.writeInt32BE(unknownId, 1);
    store.put(key, { ...entry, value });
  }
}

const unknown = new UnknownWriter(unknownId);

/** It reaches the task: nothing is said, rejected or parked. What was taken out of a store, the task puts back. */
function expectUnknown(context: MemoryContext, work: () => void): void {
  const said = context.written.length;
  const open = context.entries(parked);
  expect(work).toThrow(unknown);
  expect(context.written.slice(said)).toEqual([]);
  expect(open).toEqual({ ...open, ...context.entries(parked) });
}

describe('resolve: state of an earlier release that cannot be read yet', () => {
  test.each([['links'], ['seen']] as const)('%s: the delivery is not rejected', name => {
    const bench = resolveBench();
    const first = delivery('cus_1', { facts: ['customer'] });
    bench.deliver(first);
    bench.context.age(resolveStores[name], unknownId);
    expectUnknown(bench.context, () => bench.deliver(first));
  });

  test.each([['waiting'], ['parked']] as const)('%s: the room does not start', name => {
    const bench = resolveBench();
    bench.deliver(delivery('ch_1', { facts: ['invoice'] }));
    if (name === 'parked') overdue(bench);
    bench.context.age(resolveStores[name], unknownId);
    expect(() => bench.restart()).toThrow(unknown);
  });

  test.each([['release'], ['discard']] as const)('a parked delivery: no %s', name => {
    const bench = resolveBench();
    bench.deliver(delivery('ch_1', { facts: ['invoice'] }));
    overdue(bench);
    ageParkedValues(bench.context);
    const lane = alias('ch_1');
    expectUnknown(bench.context, () => bench.command(lane, command(name, { lane })));
  });

  test('a parked claim: not looked at again', () => {
    const bench = resolveBench();
    for (const owner of [customerId, 'other']) bench.claim({ alias: alias('pi_1'), customer_id: owner });
    expect(bench.parked()).toHaveLength(1);
    ageParkedValues(bench.context);
    expectUnknown(bench.context, () => bench.command('all', command('release')));
  });

  function overdue(bench: ReturnType<typeof resolveBench>): void {
    bench.context.set(bench.context.now() + (25 * 86_400 + 1) * 1000);
    bench.tick();
    expect(bench.parked()).toHaveLength(1);
  }
});

describe('route: state of an earlier release that cannot be read yet', () => {
  const told: readonly (readonly [string, StoreDefinition, Fact])[] = [
    ['customers', routeStores.customers, snapshot('customer.upserted', customerBody(), t0)],
    [
      'contracts',
      routeStores.contracts,
      snapshot('contract.changed', contractBody(), t0, { contract_id: contractId }),
    ],
    ['documents', routeStores.documents, finalized()],
  ];

  test.each(told)('%s: the fact is not parked', (_, store, fact) => {
    const bench = routeBench();
    bench.handle(fact);
    expect(bench.outcomes()).toEqual(['published']);
    bench.context.age(store, unknownId);
    expectUnknown(bench.context, () => bench.handle(fact));
  });

  test.each([['release'], ['discard']] as const)('a parked fact: no %s', name => {
    const bench = routeBench();
    bench.handle({ ...finalized(), type: 'no.such_event' });
    expect(Object.keys(bench.context.entries(parked))).toHaveLength(1);
    ageParkedValues(bench.context);
    expectUnknown(bench.context, () => bench.command(customerId, command(name, { lane: customerId })));
  });
});
