import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createLedgerPort } from '../ledger-port.ts';
import { testChart } from '../testing/chart.ts';
import { factsOf, lifecycles } from '../testing/lifecycles.ts';
import type { Lifecycle, ProviderBalance } from '../testing/lifecycles.ts';
import { createMemoryLedger } from '../testing/memory-ledger.ts';
import { settleAll } from '../testing/settle.ts';
import type { Entry, Line } from './entry.ts';

const allFacts = (lives: readonly Lifecycle[], provider: ProviderBalance = new Map()) =>
  lives.flatMap((life, index) => factsOf(life, index, provider));

async function entriesOf(facts: ReturnType<typeof allFacts>, batchSize: number): Promise<readonly Entry[]> {
  const ledger = createMemoryLedger();
  const port = createLedgerPort(ledger, { chart: testChart, originalGraceMs: 1, maxBatch: batchSize });
  for (const answer of await settleAll(port, facts, batchSize)) {
    if (!['applied', 'already', 'filtered'].includes(answer.answer)) throw new Error(JSON.stringify(answer));
  }
  return [...ledger.entries.values()];
}

/** Sums by a key of each line; what comes to zero is left out. */
function sumsBy(lines: readonly Line[], keyOf: (line: Line) => string): ReadonlyMap<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const line of lines) sums.set(keyOf(line), (sums.get(keyOf(line)) ?? 0n) + line.amountMinor);
  return new Map([...sums].filter(([, sum]) => sum !== 0n).sort());
}

const totals = (entries: readonly Entry[]) =>
  sumsBy(
    entries.flatMap(entry => entry.lines),
    line => `${line.account} ${line.currency}`,
  );

test('every entry balances in each currency, with two lines or more and none of zero', () =>
  fc.assert(
    fc.asyncProperty(lifecycles, async lives => {
      for (const entry of await entriesOf(allFacts(lives), 10)) {
        expect(sumsBy(entry.lines, line => line.currency)).toEqual(new Map());
        expect(entry.lines.length).toBeGreaterThan(1);
        expect(entry.lines.every(line => line.amountMinor !== 0n)).toBe(true);
      }
    }),
  ));

test('any order and any duplication of the same facts gives the same totals', () =>
  fc.assert(
    fc.asyncProperty(
      lifecycles.chain(lives => {
        const facts = allFacts(lives);
        return fc.record({
          facts: fc.constant(facts),
          shuffled: fc.shuffledSubarray([...facts, ...facts], { minLength: facts.length * 2 }),
          batchSize: fc.integer({ min: 1, max: 20 }),
        });
      }),
      async ({ facts, shuffled, batchSize }) => {
        const inOrder = await entriesOf(facts, 10);
        const otherwise = await entriesOf(shuffled, batchSize);
        expect(totals(otherwise)).toEqual(totals(inOrder));
        expect(otherwise.map(entry => entry.entryId).sort()).toEqual(
          inOrder.map(entry => entry.entryId).sort(),
        );
      },
    ),
  ));

test('clearing is what the provider has on its balance, in the currency in which it has it', () =>
  fc.assert(
    fc.asyncProperty(lifecycles, async lives => {
      const provider: ProviderBalance = new Map();
      const lines = (await entriesOf(allFacts(lives, provider), 10)).flatMap(entry => entry.lines);
      const clearing = sumsBy(
        lines.filter(line => line.role === 'psp_clearing'),
        line => line.currency,
      );
      expect(clearing).toEqual(new Map([...provider].filter(([, sum]) => sum !== 0n).sort()));
    }),
  ));

test('what was voided, and what failed, leaves nothing behind', () =>
  fc.assert(
    fc.asyncProperty(lifecycles, async lives => {
      const undone = lives.map((life): Lifecycle => ({ ...life, end: 'void', noteVoided: true }));
      expect(totals(await entriesOf(allFacts(undone), 7))).toEqual(new Map());
    }),
  ));
