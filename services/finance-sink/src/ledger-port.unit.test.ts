import { describe, expect, test } from '@jest/globals';
import type { FinanceWork } from '@keelson/contracts';
import { unknownOutcome } from '@keelson/contracts';
import type { Planned } from '@keelson/sink';
import { createLedgerPort } from './ledger-port.ts';
import type { Ledger } from './ledger-port.ts';
import type { Entry } from './posting/entry.ts';
import { testChart } from './testing/chart.ts';
import { createMemoryLedger } from './testing/memory-ledger.ts';
import { settle } from './testing/settle.ts';
import { creditNote, invoice, item, payment, refund, work } from './testing/works.ts';

function portOver(ledger: Ledger = createMemoryLedger()) {
  const clock = { now: 0 };
  const port = createLedgerPort(ledger, { chart: testChart, originalGraceMs: 60_000, maxBatch: 100 });
  const context = { signal: new AbortController().signal, now: () => clock.now };
  const plan = (...works: FinanceWork[]) => port.plan(works.map(item), context);
  const settleThese = (...works: FinanceWork[]) => settle(port, works, () => clock.now);
  return { port, context, clock, plan, settle: settleThese };
}

const settled = (minor = 100) => work('payment.succeeded', 'ch_1', payment('ch_1', minor));
const finalized = work('billing.invoice_finalized', 'in_1', invoice('in_1', [{ net: 100, forDays: 9 }]));
const voided = work('billing.invoice_voided', 'in_1', invoice('in_1', [{ net: 100, forDays: 9 }]));
const noted = work(
  'billing.credit_note_issued',
  'cn_1',
  creditNote('cn_1', 'in_1', [{ net: 40, line: 1 }], 'to_refund'),
);

describe('the ledger port', () => {
  test('posts a fact once, and says what it posted', async () => {
    const { settle } = portOver();
    const [first] = await settle(settled());
    expect(first).toMatchObject({
      answer: 'applied',
      values: { rule: 'payment-settled', effective_date: '2026-11-01' },
    });
    expect(await settle(settled())).toMatchObject([{ answer: 'already' }]);
  });

  test('knows a fact that comes twice in one batch', async () => {
    expect(await portOver().settle(settled(), settled())).toMatchObject([
      { answer: 'applied' },
      { answer: 'already' },
    ]);
  });

  test('refuses other content under a known fact, in a later batch and in the same', async () => {
    const { settle } = portOver();
    expect(await settle(settled(), settled(101))).toMatchObject([
      { answer: 'applied' },
      { answer: 'refused', code: 'conflict' },
    ]);
    expect(await settle(settled(102))).toMatchObject([{ answer: 'refused', code: 'conflict' }]);
  });

  test('names the rule by which a work posts nothing', async () => {
    const failed = work('payment.failed', 'ch_1', payment('ch_1', 100));
    expect(await portOver().plan(failed)).toEqual([{ answer: 'filtered', rule: 'posts-nothing' }]);
  });

  test('takes an original out of the same batch, in whatever order', async () => {
    const { plan } = portOver();
    expect(await plan(voided, noted, finalized)).toMatchObject([
      { effect: 'reverse' },
      { plan: { variant: null } },
      { effect: 'create' },
    ]);
  });

  test('lets a fact wait for its original, and goes on without it when the grace is over', async () => {
    const { settle, clock } = portOver();
    const both = () => settle(noted, voided);
    expect(await both()).toMatchObject([
      { answer: 'not_yet', needs: ['invoice'] },
      { answer: 'not_yet', needs: ['invoice'] },
    ]);
    clock.now = 59_999;
    expect(await both()).toMatchObject([{ answer: 'not_yet' }, { answer: 'not_yet' }]);
    clock.now = 60_000;
    expect(await both()).toMatchObject([
      { answer: 'applied', values: { variant: 'invoice-unknown' } },
      { answer: 'refused', code: 'nothing-to-reverse' },
    ]);
  });

  test('uses the original that comes within the grace', async () => {
    const { settle } = portOver();
    await settle(noted);
    expect(await settle(finalized)).toMatchObject([{ answer: 'applied' }]);
    const [answer] = await settle(noted);
    expect(answer).not.toHaveProperty('values.variant');
  });

  test('reverses once', async () => {
    const { settle } = portOver();
    const failed = (head = {}) => work('payment.refund_failed', 're_1', refund('re_1', 10), head);
    await settle(work('payment.refund_created', 're_1', refund('re_1', 10)));
    expect(await settle(failed())).toMatchObject([{ answer: 'applied' }]);
    expect(await settle(failed())).toMatchObject([{ answer: 'already' }]);
    expect(await settle(failed({ fact_id: voided.head.fact_id }))).toMatchObject([
      { code: 'already-reversed' },
    ]);
  });

  test('answers unknown when nobody says what became of the batch, and finds out by looking', async () => {
    const memory = createMemoryLedger();
    let lost: 'before' | 'after' = 'before';
    const ledger: Ledger = {
      ...memory,
      async post(entries) {
        if (lost === 'after') await memory.post(entries);
        throw unknownOutcome('test', 'the line is dead');
      },
    };
    const { port, plan, context } = portOver(ledger);
    const planned = (await plan(settled())) as Planned<FinanceWork, Entry>[];
    expect(await port.apply(planned, context)).toMatchObject([{ answer: 'unknown' }]);
    expect(await port.lookUp(planned, context)).toEqual([null]);
    lost = 'after';
    expect(await port.apply(planned, context)).toMatchObject([{ answer: 'unknown' }]);
    expect(await port.lookUp(planned, context)).toMatchObject([
      { answer: 'applied', effectId: planned[0]?.effectId },
    ]);
  });

  test('posts nothing once it is told to stop', async () => {
    const { port, plan } = portOver();
    const planned = (await plan(settled())) as Planned<FinanceWork, Entry>[];
    const stopped = { signal: AbortSignal.abort(), now: () => 0 };
    await expect(port.apply(planned, stopped)).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
