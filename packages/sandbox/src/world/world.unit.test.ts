import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ACTIONS } from './company.ts';
import type { ExpectedEntry } from './expected/ledger.ts';
import { balancesOf, entriesOf, POSTING_RULES } from './expected/ledger.ts';
import { expectationsOf } from './expectations.ts';
import { dueOf } from './model.ts';
import type { World } from './world.ts';
import { createWorld, objectsOf } from './world.ts';

const anyRun = fc.record({
  seed: fc.integer({ min: 0, max: 1_000_000 }),
  events: fc.integer({ min: 20, max: 500 }),
});
const RUNS = { numRuns: 15 };
const TEN = Array.from({ length: 10 }, (_, i) => i + 1);
const everyRule = (world: World): ExpectedEntry[] => entriesOf(world.company.facts, POSTING_RULES);
const balance = (entries: readonly ExpectedEntry[], account: string, currency: string): number =>
  balancesOf(entries).find(one => one.account === account && one.currency === currency)?.balanceMinor ?? 0;

describe('a world', () => {
  test('is the same for the same seed, byte for byte, and shares no id with another', () => {
    const text = (seed: number, events: number): string => {
      const world = createWorld({ seed, events });
      const objects = [...objectsOf(world, 'old'), ...objectsOf(world, 'current')];
      return JSON.stringify([world.providerEvents, world.supportEvents, objects, expectationsOf(world)]);
    };
    expect(text(7, 300)).toBe(text(7, 300));
    const ids = (seed: number, events: number): Set<string> =>
      new Set(createWorld({ seed, events }).company.objects.keys());
    const shared = (a: Set<string>, b: Set<string>): string[] => [...a].filter(id => b.has(id));
    expect(shared(ids(7, 300), ids(8, 300))).toEqual([]);
    expect(shared(ids(7, 300), ids(7, 301))).toEqual([]);
  });

  test('tells each event once, in time, and lies within the year', () => {
    fc.assert(
      fc.property(anyRun, options => {
        const world = createWorld(options);
        const events = world.providerEvents;
        expect(new Set(events.map(event => event.id)).size).toBe(events.length);
        const years = new Set(events.map(event => new Date(event.created * 1000).getUTCFullYear()));
        expect([...years]).toEqual([2026]);
        expect(events.map(event => event.created)).toEqual(
          events.map(event => event.created).toSorted((a, b) => a - b),
        );
      }),
      RUNS,
    );
  });

  test('never changes the same thing twice in one second without a change of rank', () => {
    fc.assert(
      fc.property(anyRun, options => {
        const world = createWorld(options);
        const seen = new Map<string, string>();
        const tied: string[] = [];
        for (const event of world.providerEvents) {
          const object = (event.body.data as { object: { status?: string } }).object;
          const key = `${event.objectId}@${event.created}`;
          const state = JSON.stringify(object);
          const before = seen.get(key);
          const sameRank =
            before !== undefined && (JSON.parse(before) as { status?: string }).status === object.status;
          if (sameRank && before !== state) tied.push(event.id);
          seen.set(key, state);
        }
        expect(tied).toEqual([]);
      }),
      RUNS,
    );
  });

  test('brings everything that an event names', () => {
    fc.assert(
      fc.property(anyRun, options => {
        const world = createWorld(options);
        const told = new Set(world.providerEvents.map(event => event.objectId));
        const known = world.company.objects;
        const missing = world.providerEvents.flatMap(event => [
          ...event.needs.filter(need => !told.has(need) && !need.startsWith('pi_')),
          ...[event.objectId, ...event.needs].filter(id => !known.has(id)),
        ]);
        expect(missing).toEqual([]);
      }),
      { numRuns: 5 },
    );
  });

  test.each(TEN)('knows every kind of action within 2,000 deliveries (seed %i)', seed => {
    const { company } = createWorld({ seed, events: 2000 });
    expect(ACTIONS.filter(action => !company.actions.has(action))).toEqual([]);
    const kinds = (pick: (customer: (typeof company.customers)[number]) => string): number =>
      new Set(company.customers.map(pick)).size;
    expect(kinds(customer => customer.currency)).toBe(5);
    expect(kinds(customer => customer.taxMode)).toBe(4);
    expect(kinds(customer => customer.era)).toBe(2);
    expect(kinds(customer => customer.kind)).toBe(2);
    expect(company.customers.some(customer => /[^\u0020-\u007e]/.test(customer.name))).toBe(true);
  });
});

describe('the oracle', () => {
  test('balances in every entry, and per currency', () => {
    fc.assert(
      fc.property(anyRun, options => {
        const world = createWorld(options);
        for (const rules of [expectationsOf(world).ledger.entries, everyRule(world)]) {
          for (const entry of rules)
            expect(entry.lines.reduce((sum, line) => sum + line.amountMinor, 0)).toBe(0);
          const sums = new Map<string, number>();
          for (const one of balancesOf(rules))
            sums.set(one.currency, (sums.get(one.currency) ?? 0) + one.balanceMinor);
          for (const sum of sums.values()) expect(sum).toBe(0);
        }
      }),
      RUNS,
    );
  });

  test('agrees with what is open, what is held and what is owed', () => {
    fc.assert(
      fc.property(anyRun, options => {
        const world = createWorld(options);
        const entries = everyRule(world);
        for (const currency of ['USD', 'EUR', 'JPY', 'KWD', 'GBP'] as const) {
          const inCurrency = <T extends { customer: { currency: string } }>(all: readonly T[]): T[] =>
            all.filter(one => one.customer.currency === currency);
          const open = inCurrency(world.company.invoices).filter(invoice => invoice.status === 'open');
          expect(balance(entries, '1200', currency)).toBe(
            open.reduce((sum, one) => sum + dueOf(one) - one.paidMinor, 0),
          );
          const held = world.company.transactions.filter(one => one.currency === currency);
          expect(balance(entries, '1010', currency)).toBe(
            held.reduce((sum, one) => sum + one.amountMinor - one.feeMinor, 0),
          );
          const owed = world.company.customers.filter(customer => customer.currency === currency);
          expect(balance(entries, '2250', currency)).toBe(
            owed.reduce((sum, one) => sum + one.balanceMinor, 0),
          );
          expect(balance(entries, '2100', currency)).toBe(0);
        }
      }),
      RUNS,
    );
  });

  test('keeps disputes and uncollectible invoices out unless they are asked for', () => {
    const world = createWorld({ seed: 7, events: 2000 });
    const kinds = (entries: readonly ExpectedEntry[]): Set<string> =>
      new Set(entries.map(entry => entry.rule));
    expect(kinds(expectationsOf(world).ledger.entries).has('dispute')).toBe(false);
    expect(kinds(expectationsOf(world).ledger.entries).has('uncollectible')).toBe(false);
    expect([...kinds(everyRule(world))].sort()).toEqual([...POSTING_RULES].sort());
  });

  test('counts every delivery', () => {
    fc.assert(
      fc.property(anyRun, options => {
        const world = createWorld(options);
        const { counts } = expectationsOf(world);
        expect(counts.accepted + counts.expected401).toBe(world.events);
        expect(counts.validDeliveries + counts.expectedRejected).toBe(counts.accepted);
      }),
      RUNS,
    );
  });
});
