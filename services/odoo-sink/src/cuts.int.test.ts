import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { OdooWork } from '@keelson/contracts';
import type { SinkFaultPoint } from '@keelson/sink';
import { context, itemOf, make, startStandIn, tapping } from './testing/stand-in.ts';
import type { OdooPort, StandIn } from './testing/stand-in.ts';
import { customerWork, invoiceWork, line } from './testing/works.ts';

/** One cent more tax than Odoo computes: the draft is amended, too. */
const lines = [line(1, 1000n, { minor: 201n }), line(2, 750n, { minor: 150n })];

let odoo: StandIn;
let calls: string[];
/** The call at which the connection is cut, from 1; 0 cuts none. */
let cutAt: number;
let how: 'resetBefore' | 'resetAfter';
let port: OdooPort;

beforeEach(async () => {
  odoo = await startStandIn();
  calls = [];
  cutAt = 0;
  port = odoo.portWith({
    through: tapping(async (model, method) => {
      if (method === 'has_access' || directoryModels.has(model)) return;
      calls.push(`${model}/${method}`);
      if (calls.length === cutAt) await odoo.setFaults({ [how]: 1 });
    }),
  });
  await port.check(context);
});
afterEach(() => odoo.close());

const directoryModels = new Set([
  'account.journal',
  'account.tax',
  'res.country',
  'res.currency',
  'res.lang',
]);

/** As the runner does it: what is unavailable is planned again, what is unknown looked up first. */
async function untilSettled(work: OdooWork): Promise<string> {
  for (let round = 0; round < 5; round++) {
    try {
      const [plan] = await port.plan([itemOf(work)], context);
      if (plan === undefined || 'answer' in plan) return plan?.answer ?? 'none';
      const [answer] = await port.apply([plan], context).catch((error: unknown) => {
        if ((error as { kind?: string }).kind !== 'unknown_outcome') throw error;
        return [{ answer: 'unknown' as const }];
      });
      if (answer?.answer !== 'unknown') return answer?.answer ?? 'none';
      const [found] = await port.lookUp([plan], context);
      if (found != null) return found.answer;
    } catch (error) {
      if ((error as { kind?: string }).kind !== 'unavailable') throw error;
    }
  }
  return 'never settled';
}

const steps = [
  'res.partner/search_read',
  'account.move/search_read',
  'res.partner/load',
  'res.partner/read',
  'account.move/load',
  'account.move/read',
  'account.move/write',
  'account.move/read',
  'account.move/action_post',
  'account.move/read',
];

test('a new customer with an invoice takes these calls', async () => {
  await make(port, invoiceWork({ customer: 1, lines }));
  expect(calls).toEqual(steps);
});

describe.each(['resetBefore', 'resetAfter'] as const)('the connection is cut: %s', kind => {
  test.each(steps.map((step, index) => [index + 1, step]))(
    'at call %i, %s: one document with the right total',
    async at => {
      cutAt = Number(at);
      how = kind;
      expect(['applied', 'already']).toContain(await untilSettled(invoiceWork({ customer: 1, lines })));
      expect(calls.length).toBeGreaterThan(cutAt);
      expect(await odoo.partners()).toHaveLength(1);
      expect(await odoo.moves()).toMatchObject([
        {
          name: 'STR-in_1_1',
          state: 'posted',
          amount_untaxed: 17.5,
          amount_tax: 3.51,
          amount_total: 21.01,
          invoice_line_ids: [expect.any(Number), expect.any(Number)],
        },
      ]);
    },
  );

  test.each([1, 2, 3])('of a change of a customer, at call %i of its own', async at => {
    await make(port, customerWork({ customer: 1 }));
    calls.length = 0;
    cutAt = at;
    how = kind;
    const newer = customerWork({ customer: 1, version: 2, state: { deleted: true } });
    expect(['applied', 'already']).toContain(await untilSettled(newer));
    expect(await odoo.partners()).toMatchObject([{ name: 'Customer 1 v2', active: false }]);
  });
});

describe('the process dies', () => {
  const points: readonly SinkFaultPoint[] = ['call_sent', 'response_unseen'];
  /** Calls with effects: partner, draft, amendment, posting. */
  test.each(points.flatMap(point => [1, 2, 3, 4].map(nth => [point, nth] as const)))(
    'at %s of the %ith call with effects: started again it ends in one document',
    async (point, nth) => {
      let hits = 0;
      const dying = new AbortController();
      const fault = (hit: SinkFaultPoint): void => {
        if (hit !== point || ++hits !== nth) return;
        dying.abort();
        throw new Error('dies here');
      };
      const work = invoiceWork({ customer: 1, lines });
      const [plan] = await port.plan([itemOf(work)], context);
      if (plan === undefined || 'answer' in plan) throw new Error('nothing was planned');
      await expect(port.apply([plan], { ...context, signal: dying.signal, fault })).rejects.toThrow();
      expect(hits).toBe(nth);
      expect(['applied', 'already']).toContain((await make(odoo.portWith(), work))[0]?.answer);
      expect(await odoo.partners()).toHaveLength(1);
      expect(await odoo.moves()).toMatchObject([{ state: 'posted', amount_total: 21.01 }]);
    },
  );
});
