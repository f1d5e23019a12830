import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FinanceWork } from '@keelson/contracts';
import type { Planned } from '@keelson/sink';
import { waitFor } from '@keelson/testkit';
import pg from 'pg';
import type { Entry } from '../posting/entry.ts';
import { startCuttingProxy } from '../testing/cutting-proxy.ts';
import type { CuttingProxy } from '../testing/cutting-proxy.ts';
import { settle } from '../testing/settle.ts';
import { freshLedger, portOn, run } from '../testing/test-ledger.ts';
import type { TestLedger } from '../testing/test-ledger.ts';
import { item, payment, work } from '../testing/works.ts';
import type { LedgerOptions } from './ledger.ts';

let ledger: TestLedger;
let proxy: CuttingProxy;
beforeAll(async () => {
  ledger = await freshLedger();
  proxy = await startCuttingProxy(ledger.serviceUrl);
}, 120_000);
afterAll(async () => {
  await proxy.close();
  await ledger.drop();
});

const context = { signal: new AbortController().signal, now: () => 0 };
const settled = (name: string): FinanceWork => work('payment.succeeded', name, payment(name, 100));

async function withPort(
  url: string,
  act: (port: ReturnType<typeof portOn>) => Promise<void>,
  change: Partial<LedgerOptions> = {},
): Promise<void> {
  const port = portOn(url, change);
  try {
    await act(port);
  } finally {
    await port.close();
  }
}

/** Plans while the ledger answers, so that what happens then happens to the writing. */
async function planned(port: ReturnType<typeof portOn>, name: string) {
  return (await port.plan([item(settled(name))], context)) as Planned<FinanceWork, Entry>[];
}

describe('a connection that is lost', () => {
  test('after the ledger has committed is unknown, then found', () =>
    withPort(proxy.through(ledger.serviceUrl), async port => {
      const plans = await planned(port, 'lost-answer');
      proxy.cutNext('answer');
      expect(await port.apply(plans, context)).toMatchObject([{ answer: 'unknown' }]);
      expect(await port.lookUp(plans, context)).toMatchObject([{ answer: 'applied' }]);
      expect(await settle(port, [settled('lost-answer')])).toMatchObject([{ answer: 'already' }]);
    }));

  test('before the ledger heard of it is unknown, then absent, then posted', () =>
    withPort(proxy.through(ledger.serviceUrl), async port => {
      const plans = await planned(port, 'lost-request');
      proxy.cutNext('request');
      expect(await port.apply(plans, context)).toMatchObject([{ answer: 'unknown' }]);
      expect(await port.lookUp(plans, context)).toEqual([null]);
      expect(await port.apply(plans, context)).toMatchObject([{ answer: 'applied' }]);
    }));

  test('while reading is no more than unavailable', () =>
    withPort(proxy.through(ledger.serviceUrl), async port => {
      await planned(port, 'read-1');
      proxy.cutNext('answer');
      await expect(planned(port, 'read-2')).rejects.toMatchObject({ kind: 'unavailable' });
    }));

  test('because the server ended the session is unknown', () =>
    withPort(ledger.serviceUrl, async port => {
      const plans = await planned(port, 'terminated');
      const blocker = new pg.Client({ connectionString: ledger.ownerUrl });
      await blocker.connect();
      await blocker.query('begin; lock table ledger.entry in exclusive mode');
      const answers = port.apply(plans, context);
      await waitFor('the session to wait and be ended', () =>
        run(
          ledger.ownerUrl,
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and usename = 'keelson_ledger_test' and wait_event_type = 'Lock'`,
        ).then(rows => rows.length > 0),
      );
      expect(await answers).toMatchObject([{ answer: 'unknown' }]);
      await blocker.end();
      expect(await port.lookUp(plans, context)).toEqual([null]);
    }));
});

describe('a ledger that cannot be had', () => {
  test('because nothing listens is unavailable, for reading, writing and checking', () =>
    withPort(Object.assign(new URL(ledger.serviceUrl), { port: '1' }).href, async port => {
      const expected = { kind: 'unavailable' };
      await expect(planned(port, 'x')).rejects.toMatchObject(expected);
      await expect(port.check(context)).rejects.toMatchObject(expected);
      await withPort(ledger.serviceUrl, async up => {
        await expect(port.apply(await planned(up, 'x'), context)).rejects.toMatchObject(expected);
      });
    }));

  test('because it is locked is unavailable once the time is over, and nothing is posted', () =>
    withPort(
      ledger.serviceUrl,
      async port => {
        const plans = await planned(port, 'locked');
        const blocker = new pg.Client({ connectionString: ledger.ownerUrl });
        await blocker.connect();
        await blocker.query('begin; lock table ledger.entry in exclusive mode');
        await expect(port.apply(plans, context)).rejects.toMatchObject({ kind: 'unavailable' });
        await blocker.end();
        expect(await port.lookUp(plans, context)).toEqual([null]);
      },
      { statementTimeoutMs: 300 },
    ));

  test.each(['password', 'username'] as const)('because the %s is wrong is misconfigured', part =>
    withPort(Object.assign(new URL(ledger.serviceUrl), { [part]: 'wrong' }).href, async port => {
      await expect(planned(port, 'x')).rejects.toMatchObject({ kind: 'misconfigured' });
    }),
  );
});
