import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FinanceWork } from '@keelson/contracts';
import fc from 'fast-check';
import { createLedgerPort } from '../ledger-port.ts';
import { testChart } from '../testing/chart.ts';
import { factsOf, lifecycles } from '../testing/lifecycles.ts';
import { createMemoryLedger } from '../testing/memory-ledger.ts';
import { settle, settleAll } from '../testing/settle.ts';
import { freshLedger, portOn, run } from '../testing/test-ledger.ts';
import type { TestLedger } from '../testing/test-ledger.ts';
import { creditNote, invoice, payment, refund, work } from '../testing/works.ts';
import { trialBalance } from './trial-balance.ts';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await freshLedger();
}, 120_000);
afterAll(() => ledger.drop());

const settled = (name: string, minor = 100): FinanceWork =>
  work('payment.succeeded', name, payment(name, minor));

async function withPort<R>(act: (port: ReturnType<typeof portOn>) => Promise<R>): Promise<R> {
  const port = portOn(ledger.serviceUrl);
  try {
    return await act(port);
  } finally {
    await port.close();
  }
}

/** Gives every fact and document of a run ids of its own. */
const inEntity = (facts: readonly FinanceWork[], legalEntity: string): FinanceWork[] =>
  facts.map(fact => ({ ...fact, head: { ...fact.head, legal_entity: legalEntity } }));

describe('the ledger in PostgreSQL', () => {
  test('posts a batch, knows it the next time, and refuses other content', () =>
    withPort(async port => {
      const works = [settled('a1'), settled('a2'), settled('a1')];
      expect(await settle(port, works)).toMatchObject([
        { answer: 'applied' },
        { answer: 'applied' },
        { answer: 'already' },
      ]);
      expect(await settle(port, [settled('a1'), settled('a2', 101)])).toMatchObject([
        { answer: 'already' },
        { answer: 'refused', code: 'conflict' },
      ]);
    }));

  test('keeps all that a rule says, so that a note and a void find it again', () =>
    withPort(async port => {
      const body = invoice('b1', [{ net: 900, tax: 180, forDays: 30 }, { net: 50 }]);
      await settle(port, [work('billing.invoice_finalized', 'b1', body)]);
      const note = creditNote('bn1', 'b1', [{ net: 300, tax: 60, line: 1 }], 'to_refund');
      await settle(port, [work('billing.credit_note_issued', 'bn1', note)]);
      const [voided] = await settle(port, [work('billing.invoice_voided', 'b1', body)]);
      expect(voided).toMatchObject({ answer: 'applied' });
      const lines = await run(
        ledger.ownerUrl,
        `select rule, account, amount_minor, document_line_id as line, service_end::text from ledger.journal
         where invoice_id = '${body.invoice_id}' order by entry_no, line_no`,
      );
      const end = '2026-12-01 00:00:00+00';
      const row = (
        rule: string,
        account: string,
        amount: string,
        line: string | null,
        service: string | null,
      ) => ({
        rule,
        account,
        amount_minor: amount,
        line,
        service_end: service,
      });
      expect(lines).toEqual([
        row('invoice-finalized', '1200', '1130', null, null),
        row('invoice-finalized', '2300', '-900', 'b1-1', end),
        row('invoice-finalized', '2200', '-180', 'b1-1', null),
        row('invoice-finalized', '4000', '-50', 'b1-2', null),
        row('credit-note-issued', '2300', '300', 'b1-1', end),
        row('credit-note-issued', '2200', '60', 'b1-1', null),
        row('credit-note-issued', '2150', '-360', null, null),
        row('invoice-voided', '1200', '-1130', null, null),
        row('invoice-voided', '2300', '900', 'b1-1', end),
        row('invoice-voided', '2200', '180', 'b1-1', null),
        row('invoice-voided', '4000', '50', 'b1-2', null),
      ]);
    }));

  test('refuses one bad entry, and posts those around it', () =>
    withPort(async port => {
      const bad = settled('c2');
      const works = [settled('c1'), { ...bad, position: 'no text\u0000' }, settled('c3')];
      expect(await settle(port, works)).toMatchObject([
        { answer: 'applied' },
        { answer: 'refused', code: 'ledger-refused' },
        { answer: 'applied' },
      ]);
    }));

  test('posts a fact and its reversal in one batch, though another entry makes it go one by one', () =>
    withPort(async port => {
      const works = [
        work('payment.refund_failed', 'd1', refund('d1', 10)),
        work('payment.refund_created', 'd1', refund('d1', 10)),
        { ...settled('d2'), position: 'no text\u0000' },
      ];
      expect(await settle(port, works)).toMatchObject([
        { answer: 'applied' },
        { answer: 'applied' },
        { answer: 'refused' },
      ]);
    }));

  test('lets the second of two reversals by different facts be refused by the database', () =>
    withPort(async port => {
      await settle(port, [work('payment.refund_created', 'e1', refund('e1', 10))]);
      const failed = (name: string) => work('payment.refund_failed', name, refund('e1', 10));
      expect(await settle(port, [failed('e1'), failed('e1-again')])).toMatchObject([
        { answer: 'applied' },
        { answer: 'refused', code: 'ledger-refused', reason: expect.stringContaining('entry_reverses_key') },
      ]);
    }));

  test('posts each fact once when two services post the same at one time', () =>
    withPort(one =>
      withPort(async other => {
        const works = Array.from({ length: 200 }, (_, index) => settled(`f${index}`));
        const answers = await Promise.all([settle(one, works), settle(other, [...works].reverse())]);
        const applied = answers.flat().filter(({ answer }) => answer === 'applied');
        const already = answers.flat().filter(({ answer }) => answer === 'already');
        expect([applied.length, already.length]).toEqual([200, 200]);
      }),
    ));

  test('holds what the rules say, whatever the order and however often', () =>
    withPort(async port => {
      let run = 0;
      await fc.assert(
        fc.asyncProperty(
          lifecycles,
          fc.integer({ min: 1, max: 30 }),
          fc.infiniteStream(fc.nat()),
          async (lives, batchSize, keys) => {
            const legalEntity = `run-${++run}`;
            const facts = inEntity(
              lives.flatMap((life, index) => factsOf(life, run * 1_000 + index, new Map())),
              legalEntity,
            );
            const shuffled = [...facts, ...facts]
              .map(fact => ({ fact, key: keys.next().value as number }))
              .sort((a, b) => a.key - b.key)
              .map(({ fact }) => fact);
            await settleAll(port, shuffled, batchSize);
            const memory = createMemoryLedger();
            await settleAll(
              createLedgerPort(memory, { chart: testChart, originalGraceMs: 1, maxBatch: 10 }),
              facts,
              10,
            );
            const { balances, balanced } = await trialBalance(ledger.serviceUrl);
            expect(balanced).toBe(true);
            const sums = new Map<string, bigint>();
            for (const { account, currency, amountMinor } of [...memory.entries.values()].flatMap(
              entry => entry.lines,
            )) {
              const key = `${account} ${currency}`;
              sums.set(key, (sums.get(key) ?? 0n) + amountMinor);
            }
            const own = balances.filter(balance => balance.legalEntity === legalEntity);
            expect(
              new Map(
                own.map(({ account, currency, balanceMinor }) => [`${account} ${currency}`, balanceMinor]),
              ),
            ).toEqual(sums);
          },
        ),
        { numRuns: 12 },
      );
    }));
});

test('the trial balance counts entries, and debits and credits apart', async () => {
  const own = await freshLedger();
  const port = portOn(own.serviceUrl);
  await settle(port, [settled('ch_1', 700), work('payment.refund_created', 're_1', refund('re_1', 200))]);
  await port.close();
  const line = (account: string, debitMinor: bigint, creditMinor: bigint) => ({
    legalEntity: 'main',
    account,
    currency: 'USD',
    exponent: 2,
    debitMinor,
    creditMinor,
    balanceMinor: debitMinor - creditMinor,
  });
  expect(await trialBalance(own.serviceUrl)).toEqual({
    entries: 2,
    balanced: true,
    balances: [line('1010', 700n, 200n), line('2100', 0n, 700n), line('2150', 200n, 0n)],
  });
  await own.drop();
});
