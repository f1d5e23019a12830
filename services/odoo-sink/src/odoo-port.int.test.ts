import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { daysOf } from '@keelson/contracts';
import type { OdooWork } from '@keelson/contracts';
import { context, make, planned, startStandIn, tapping } from './testing/stand-in.ts';
import type { StandIn } from './testing/stand-in.ts';
import { customerWork, invoiceWork, line } from './testing/works.ts';

let odoo: StandIn;
beforeEach(async () => {
  odoo = await startStandIn();
});
afterEach(() => odoo.close());

const kinds = (answers: readonly { readonly answer: string }[]): string[] =>
  answers.map(({ answer }) => answer);

/** Counts what is asked of Odoo, the directory left out. */
function counting() {
  const calls: string[] = [];
  const port = odoo.portWith({
    through: tapping(async (model, method) => {
      if (/^(res\.partner|account\.move)$/.test(model) && method !== 'has_access') calls.push(method);
    }),
  });
  return { calls, port };
}

describe('customers', () => {
  test('a customer becomes a partner, stamped with its id and the version of its state', async () => {
    const taxIds = [{ type: 'eu_vat', value: 'BE0477472701', verified: null }] as never;
    const work = customerWork({ customer: 1, state: { tax_ids: taxIds } });
    const [answer] = await make(odoo.port, work);
    expect(answer).toMatchObject({
      answer: 'applied',
      targetRef: expect.stringMatching(/^res\.partner,\d+$/),
      values: { version: '1', active: 'true' },
    });
    expect(await odoo.partners()).toMatchObject([
      {
        ref: `${work.head.customer_id}/1`,
        name: 'Customer 1 v1',
        email: 'c1@example.com',
        street: '1 Main St',
        zip: '9000',
        city: 'Ghent',
        country_id: [20, 'Belgium'],
        vat: 'BE0477472701',
        is_company: true,
        lang: 'fr_FR',
        active: true,
      },
    ]);
  });

  test('a hundred new ones take three calls, and what is there already takes two', async () => {
    const { calls, port } = counting();
    const works = Array.from({ length: 100 }, (_, customer) => customerWork({ customer }));
    expect(new Set(kinds(await make(port, ...works)))).toEqual(new Set(['applied']));
    expect(calls).toEqual(['search_read', 'load', 'read']);
    calls.length = 0;
    expect(new Set(kinds(await make(port, ...works)))).toEqual(new Set(['already']));
    expect(calls).toEqual(['search_read', 'get_external_id']);
  });

  test('a newer state that says the same is not written', async () => {
    await make(odoo.port, customerWork({ customer: 1 }));
    const same = customerWork({
      customer: 1,
      version: 2,
      state: { legal_name: 'Customer 1 v1', currency: 'EUR' },
    });
    expect(kinds(await make(odoo.port, same))).toEqual(['already']);
    expect(await odoo.partners()).toMatchObject([{ ref: expect.stringMatching(/\/1$/) }]);
  });

  test('a deleted one is archived, is found in the archive, and is not taken out of it', async () => {
    await make(odoo.port, customerWork({ customer: 1 }));
    const deleted = customerWork({ customer: 1, version: 2, state: { deleted: true } }, 'customer.deleted');
    expect(await make(odoo.port, deleted)).toMatchObject([
      { answer: 'applied', values: { active: 'false' } },
    ]);
    expect(kinds(await make(odoo.port, deleted))).toEqual(['already']);
    await make(odoo.port, customerWork({ customer: 1, version: 3 }));
    expect(await odoo.partners()).toMatchObject([{ name: 'Customer 1 v3', active: false }]);
  });

  test('what people write on a partner stays: the same state is written once', async () => {
    await make(odoo.port, customerWork({ customer: 1 }));
    const [partner] = await odoo.partners();
    await odoo.admin('res.partner', 'write', { ids: [partner?.['id']], vals: { name: 'Renamed' } });
    expect(kinds(await make(odoo.port, customerWork({ customer: 1 })))).toEqual(['already']);
    expect(await odoo.partners()).toMatchObject([{ name: 'Renamed' }]);
  });

  test('a partner whose `ref` somebody changed is still the only one', async () => {
    await make(odoo.port, customerWork({ customer: 1 }));
    const [partner] = await odoo.partners();
    await odoo.admin('res.partner', 'write', { ids: [partner?.['id']], vals: { ref: 'C-0815' } });
    expect(kinds(await make(odoo.port, customerWork({ customer: 1, version: 2 })))).toEqual(['applied']);
    expect(await odoo.partners()).toMatchObject([{ id: partner?.['id'], name: 'Customer 1 v2' }]);
  });

  test('somebody’s copy of a partner is not taken for it', async () => {
    const work = customerWork({ customer: 1 });
    await odoo.admin('res.partner', 'create', {
      vals_list: [{ name: 'A copy', ref: `${work.head.customer_id}/9` }],
    });
    expect(kinds(await make(odoo.port, work))).toEqual(['applied']);
    expect(await odoo.partners()).toHaveLength(1);
  });

  test('a language that is not active in Odoo, and a country it does not know, are left out', async () => {
    const work = customerWork({ customer: 1, state: { language: 'ja', country: 'ZZ' } });
    expect(kinds(await make(odoo.port, work))).toEqual(['applied']);
    expect(await odoo.partners()).toMatchObject([{ lang: 'en_US', country_id: false }]);
  });

  test('a tax id that Odoo refuses is left out, and the receipt says so; the others of the batch keep theirs', async () => {
    const withVat = (customer: number, value: string, version = 1): OdooWork =>
      customerWork({ customer, version, state: { tax_ids: [{ type: 'eu_vat', value }] as never } });
    const loads: number[] = [];
    const port = odoo.portWith({ through: tapping((_, method, body) => refuseVat(method, body, loads)) });
    const works = [withVat(1, 'BE1'), withVat(2, 'BAD'), withVat(3, 'BE3')];
    const answers = await make(port, ...works);
    expect(kinds(answers)).toEqual(['applied', 'applied', 'applied']);
    expect(answers[1]).toMatchObject({ values: { vat: expect.stringContaining('left out') } });
    expect(JSON.stringify(answers)).not.toContain('BAD');
    const vats = (await odoo.partners()).map(({ name, vat }) => [name, vat]);
    expect(Object.fromEntries(vats)).toEqual({
      'Customer 1 v1': 'BE1',
      'Customer 2 v1': false,
      'Customer 3 v1': 'BE3',
    });
    loads.length = 0;
    expect(kinds(await make(port, ...works))).toEqual(['already', 'already', 'already']);
    expect(loads).toEqual([]);
  });

  test('one bad record of a hundred is refused alone', async () => {
    const port = odoo.portWith({ through: tapping((_, method, body) => refuseNamed('bad', method, body)) });
    const works = Array.from({ length: 100 }, (_, customer) =>
      customerWork({ customer, state: { legal_name: customer === 37 ? 'bad' : `C ${customer}` } }),
    );
    const answers = await make(port, ...works);
    expect(answers.filter(({ answer }) => answer === 'applied')).toHaveLength(99);
    expect(answers[37]).toMatchObject({
      answer: 'refused',
      code: 'odoo_refused',
      reason: expect.stringContaining('bad'),
    });
    expect(await odoo.partners()).toHaveLength(99);
  });
});

type Load = { readonly fields: readonly string[]; readonly data: readonly (readonly string[])[] };

/** As Odoo's check of tax ids does it: `load` refuses the whole batch. */
async function refuseVat(method: string, body: object, loads: number[]): Promise<object | undefined> {
  if (method !== 'load') return undefined;
  const { fields, data } = body as Load;
  loads.push(data.length);
  const bad = data.findIndex(row => row[fields.indexOf('vat')] === 'BAD');
  return bad < 0 ? undefined : refusing(bad, 'The VAT number [BAD] does not seem to be valid.');
}

async function refuseNamed(name: string, method: string, body: object): Promise<object | undefined> {
  if (method !== 'load') return undefined;
  const bad = (body as Load).data.findIndex(row => row.includes(name));
  return bad < 0 ? undefined : refusing(bad, `refuses ${name}`);
}

const refusing = (record: number, message: string): object => ({
  ids: false,
  messages: [{ type: 'error', record, rows: { from: record, to: record }, message }],
  nextrow: 0,
});

/** An invoice that somebody makes and posts in Odoo. */
async function postByHand(number: string): Promise<void> {
  const [id] = (await odoo.admin('account.move', 'create', {
    vals_list: [
      {
        move_type: 'out_invoice',
        name: number,
        partner_id: 1,
        invoice_date: '2026-11-01',
        invoice_line_ids: [[0, 0, { name: 'By hand', price_unit: 5 }]],
      },
    ],
  })) as number[];
  await odoo.admin('account.move', 'action_post', { ids: [id] });
}

describe('invoices', () => {
  test('are posted under the issuer’s number, with the partner they need', async () => {
    const [answer] = await make(odoo.port, invoiceWork({ customer: 1 }));
    expect(answer).toMatchObject({
      answer: 'applied',
      targetRef: expect.stringMatching(/^account\.move,\d+$/),
      values: {
        name: 'STR-in_1_1',
        state: 'posted',
        amount_untaxed: '17.5',
        amount_tax: '3.5',
        amount_total: '21',
        currency: 'USD',
      },
    });
    const [partner] = await odoo.partners();
    expect(partner).toMatchObject({ name: 'Customer 1 v1' });
    const [move] = await odoo.moves();
    expect(move).toMatchObject({
      move_type: 'out_invoice',
      state: 'posted',
      partner_id: [partner?.['id'], 'Customer 1 v1'],
      invoice_date: '2026-11-02',
    });
    expect(move?.['invoice_line_ids']).toHaveLength(2);
  });

  test('fifty take as many calls as one', async () => {
    const { calls, port } = counting();
    await make(port, ...Array.from({ length: 50 }, (_, customer) => customerWork({ customer })));
    calls.length = 0;
    // Of three digits: Odoo reads no year in such numbers.
    const works = Array.from({ length: 50 }, (_, customer) =>
      invoiceWork({ customer, id: `in_${100 + customer}` }),
    );
    expect(new Set(kinds(await make(port, ...works)))).toEqual(new Set(['applied']));
    expect(calls).toEqual([
      'search_read',
      'get_external_id',
      'search_read',
      'load',
      'read',
      'action_post',
      'read',
    ]);
    calls.length = 0;
    expect(new Set(kinds(await make(port, ...works)))).toEqual(new Set(['already']));
    expect(calls).toEqual(['search_read', 'get_external_id', 'search_read', 'get_external_id']);
  });

  test('a negative total is a refund, tax and all', async () => {
    const lines = [line(1, -2000n, { minor: -401n }), line(2, 500n, { minor: 100n })];
    expect(await make(odoo.port, invoiceWork({ customer: 1, lines }))).toMatchObject([
      { answer: 'applied', values: { amount_untaxed: '15', amount_tax: '3.01', amount_total: '18.01' } },
    ]);
    expect(await odoo.moves()).toMatchObject([
      { move_type: 'out_refund', state: 'posted', amount_total: 18.01 },
    ]);
  });

  test('a zero total is posted, and is paid at once; without lines there is nothing to post', async () => {
    const free = invoiceWork({ customer: 1, lines: [line(1, 0n)] });
    expect(kinds(await make(odoo.port, free))).toEqual(['applied']);
    expect(await odoo.moves()).toMatchObject([{ state: 'posted', amount_total: 0, payment_state: 'paid' }]);
    const empty = invoiceWork({ customer: 1, id: 'in_empty', lines: [] });
    expect(await make(odoo.port, empty)).toEqual([{ answer: 'filtered', rule: 'empty-invoice' }]);
  });

  test('yen and dinars keep their own minor units', async () => {
    const yen = invoiceWork({ customer: 1, id: 'in_yen', lines: [line(1, 1234n, undefined, 'JPY')] });
    const dinars = invoiceWork({
      customer: 2,
      id: 'in_kwd',
      lines: [line(1, 1234n, { minor: 247n }, 'KWD')],
    });
    expect(await make(odoo.port, yen, dinars)).toMatchObject([
      { answer: 'applied', values: { amount_total: '1234', currency: 'JPY' } },
      { answer: 'applied', values: { amount_total: '1.481', currency: 'KWD' } },
    ]);
  });

  test('a cent of difference in one of two tax groups is set on the draft, even where the sum agrees', async () => {
    const lines = [line(1, 1000n, { minor: 201n }), line(2, 1000n, { minor: 99n, rate: '10' })];
    expect(await make(odoo.port, invoiceWork({ customer: 1, lines }))).toMatchObject([
      { answer: 'applied', values: { amount_tax: '3', amount_total: '23' } },
    ]);
    const [move] = (await odoo.admin('account.move', 'search_read', {
      domain: [],
      fields: ['tax_totals'],
    })) as {
      tax_totals: { subtotals: { tax_groups: { id: number; tax_amount_currency: number }[] }[] };
    }[];
    const groups = move?.tax_totals.subtotals[0]?.tax_groups ?? [];
    expect(groups.map(({ tax_amount_currency: amount }) => amount).sort()).toEqual([0.99, 2.01]);
  });

  test('more tax than policy allows is refused before posting, and stays a draft', async () => {
    const lines = [line(1, 1000n, { minor: 250n })];
    expect(await make(odoo.port, invoiceWork({ customer: 1, lines }))).toMatchObject([
      {
        answer: 'refused',
        code: 'tax_differs',
        reason: expect.stringContaining('10.00 + 2.50 USD, Odoo 10 + 2'),
      },
    ]);
    expect(await odoo.moves()).toMatchObject([{ state: 'draft' }]);
  });

  test('a difference in the base is refused before posting', async () => {
    const work = invoiceWork({
      customer: 1,
      change: { net: { amount_minor: 1740n, currency: 'USD', exponent: 2 } },
    });
    expect(await make(odoo.port, work)).toMatchObject([{ answer: 'refused', code: 'base_differs' }]);
    expect(await odoo.moves()).toMatchObject([{ state: 'draft' }]);
  });

  test('a tax that Odoo has not is refused before anything is written; set up, it goes through', async () => {
    const lines = [line(1, 1000n, { minor: 70n, rate: '7' })];
    let atMs = 0;
    const patient = { ...context, now: () => atMs };
    const work = invoiceWork({ customer: 1, lines });
    const item = { work, key: work.head.customer_id, workPosition: '', attempts: 0 };
    expect(await odoo.port.plan([item], patient)).toMatchObject([
      { answer: 'refused', code: 'tax_unmapped' },
    ]);
    expect([await odoo.partners(), await odoo.moves()]).toEqual([[], []]);
    await odoo.admin('account.tax', 'create', {
      vals_list: [
        {
          name: 'VAT 7%',
          amount: 7,
          type_tax_use: 'sale',
          amount_type: 'percent',
          tax_group_id: 1,
          company_id: 1,
          country_id: 233,
        },
      ],
    });
    atMs = 60_000;
    expect(await odoo.port.plan([item], patient)).toMatchObject([{ effect: 'create' }]);
  });

  test('an inactive currency is refused before anything is written', async () => {
    const work = invoiceWork({ customer: 1, lines: [line(1, 1000n, undefined, 'CHF')] });
    expect(await make(odoo.port, work)).toMatchObject([{ answer: 'refused', code: 'currency_inactive' }]);
    expect(await odoo.moves()).toEqual([]);
  });

  test('an archived partner is the one an invoice goes to', async () => {
    await make(odoo.port, customerWork({ customer: 1, state: { deleted: true } }));
    expect(kinds(await make(odoo.port, invoiceWork({ customer: 1 })))).toEqual(['applied']);
    expect(await odoo.partners()).toHaveLength(1);
  });

  test('one that is refused takes no other with it', async () => {
    const bad = invoiceWork({ customer: 2, lines: [line(1, 1000n, { minor: 250n })] });
    const answers = await make(odoo.port, invoiceWork({ customer: 1 }), bad, invoiceWork({ customer: 3 }));
    expect(kinds(answers)).toEqual(['applied', 'refused', 'applied']);
  });

  test('one that Odoo refuses to post stays a draft alone; the others are posted', async () => {
    let taken = false;
    const port = odoo.portWith({
      through: tapping(async (_, method) => {
        if (method !== 'action_post' || taken) return;
        taken = true;
        await postByHand('STR-in_2_1');
      }),
    });
    const works = [1, 2, 3, 4].map(customer => invoiceWork({ customer }));
    const answers = await make(port, ...works);
    expect(kinds(answers)).toEqual(['applied', 'refused', 'applied', 'applied']);
    expect(answers[1]).toMatchObject({ code: 'odoo_refused' });
  });

  describe('beside people', () => {
    /** A draft as a crash left it: loaded, and not posted. */
    async function leaveDraft(work: OdooWork): Promise<number> {
      const port = odoo.portWith({
        through: tapping((_, method) =>
          method === 'action_post' ? Promise.reject(new Error('dies')) : undefined,
        ),
      });
      await expect(make(port, work)).rejects.toThrow('dies');
      const [move] = await odoo.moves();
      return move?.['id'] as number;
    }

    test('a draft that somebody renamed gets its number back, and its lines once', async () => {
      const work = invoiceWork({ customer: 1 });
      const id = await leaveDraft(work);
      await odoo.admin('account.move', 'write', { ids: [id], vals: { name: 'MINE/1' } });
      const { calls, port } = counting();
      expect(kinds(await make(port, work))).toEqual(['applied']);
      expect(calls).not.toContain('load');
      expect(await odoo.moves()).toMatchObject([
        { id, name: 'STR-in_1_1', state: 'posted', amount_total: 21 },
      ]);
    });

    test('a draft without its number and its origin is still the only one', async () => {
      const work = invoiceWork({ customer: 1 });
      const id = await leaveDraft(work);
      const vals = { name: 'MINE/1', invoice_origin: 'mine' };
      await odoo.admin('account.move', 'write', { ids: [id], vals });
      expect(kinds(await make(odoo.port, work))).toEqual(['applied']);
      const [move, ...others] = await odoo.moves();
      expect(others).toEqual([]);
      expect(move).toMatchObject({ id, name: 'STR-in_1_1', state: 'posted', amount_total: 21 });
      expect(move?.['invoice_line_ids']).toHaveLength(2);
    });

    test('a draft that somebody posted is done', async () => {
      const work = invoiceWork({ customer: 1 });
      const id = await leaveDraft(work);
      await odoo.admin('account.move', 'action_post', { ids: [id] });
      expect(await make(odoo.port, work)).toMatchObject([
        { answer: 'already', targetRef: `account.move,${id}` },
      ]);
    });

    test('posted while this sink was about to', async () => {
      const work = invoiceWork({ customer: 1 });
      const port = odoo.portWith({
        through: tapping(async (_, method, body) => {
          if (method === 'action_post')
            await odoo.admin('account.move', 'action_post', { ids: (body as { ids: number[] }).ids });
        }),
      });
      expect(await make(port, work)).toMatchObject([{ answer: 'applied', values: { state: 'posted' } }]);
      expect(await odoo.moves()).toHaveLength(1);
    });

    test('a draft whose date or customer somebody changed is not posted', async () => {
      const work = invoiceWork({ customer: 1 });
      const id = await leaveDraft(work);
      await odoo.admin('account.move', 'write', {
        ids: [id],
        vals: { invoice_date: '2026-10-01', partner_id: 1 },
      });
      expect(await make(odoo.port, work)).toMatchObject([
        { answer: 'refused', code: 'draft_changed', reason: expect.stringContaining('customer, date') },
      ]);
      expect(await odoo.moves()).toMatchObject([{ state: 'draft' }]);
    });

    test('one that was cancelled is not made again', async () => {
      const work = invoiceWork({ customer: 1 });
      const id = await leaveDraft(work);
      await odoo.admin('account.move', 'button_cancel', { ids: [id] });
      expect(await make(odoo.port, work)).toMatchObject([{ answer: 'refused', code: 'cancelled_in_odoo' }]);
      expect(await odoo.moves()).toHaveLength(1);
    });

    test('a number that somebody else’s invoice has is refused, and no draft is made', async () => {
      await postByHand('STR-in_1_1');
      expect(await make(odoo.port, invoiceWork({ customer: 1 }))).toMatchObject([
        { answer: 'refused', code: 'number_taken' },
      ]);
      expect(await odoo.moves()).toHaveLength(1);
    });
  });

  test('a date that a lock moves is told in the receipt', async () => {
    await odoo.admin('res.company', 'write', { ids: [1], vals: { fiscalyear_lock_date: '2026-11-10' } });
    const [answer] = await make(odoo.port, invoiceWork({ customer: 1 }));
    expect(answer).toMatchObject({ answer: 'applied', values: { date_moved_from: '2026-11-02' } });
  });
});

describe('numbers in which Odoo reads a date', () => {
  const numbered = (number: string): OdooWork => invoiceWork({ customer: 1, change: { number } });
  /** Of October, which is closed. */
  const late = async (number: string): Promise<OdooWork> => {
    await odoo.admin('res.company', 'write', { ids: [1], vals: { fiscalyear_lock_date: '2026-10-31' } });
    const work = numbered(number);
    return { ...work, head: { ...work.head, accounting_date: daysOf('2026-10-02') } };
  };
  /** As the README tells the administrator to. */
  const freeNumbers = async (): Promise<void> => {
    const domain = [['type', '=', 'sale']];
    await odoo.admin('account.journal', 'write', {
      ids: await odoo.admin('account.journal', 'search', { domain }),
      vals: { sequence_override_regex: String.raw`^(?P<prefix1>.*?)(?P<seq>\d{0,9})(?P<suffix>\D*?)$` },
    });
  };

  test('of another year: refused before anything is written; the journal set up, it goes through', async () => {
    const work = numbered('4E3A9F02-0003');
    const [refused] = await make(odoo.port, work);
    expect(refused).toMatchObject({
      answer: 'refused',
      code: 'number_unfit',
      reason: expect.stringContaining('sequence_override_regex'),
    });
    expect(await odoo.moves()).toEqual([]);
    await freeNumbers();
    expect(await make(odoo.portWith(), work)).toMatchObject([
      { answer: 'applied', values: { name: '4E3A9F02-0003' } },
    ]);
  });

  test('of the month that a lock moves it out of: posted under another number, and told', async () => {
    const work = await late('M-2026-10-0001');
    const differs = { answer: 'refused', code: 'posted_number_differs' };
    expect(await make(odoo.port, work)).toMatchObject([differs]);
    expect(await make(odoo.port, work)).toMatchObject([differs]);
    const [move, ...others] = await odoo.moves();
    expect(others).toEqual([]);
    expect(move).toMatchObject({ state: 'posted', amount_total: 21 });
    expect(move?.['name']).not.toBe('M-2026-10-0001');
  });

  test('of the month that a lock moves it out of, the journal set up: its number is kept', async () => {
    await freeNumbers();
    expect(await make(odoo.port, await late('M-2026-10-0001'))).toMatchObject([
      { answer: 'applied', values: { name: 'M-2026-10-0001', date_moved_from: '2026-10-02' } },
    ]);
  });
});

describe('trouble', () => {
  test('what the sink cannot do yet is filtered, without a call', async () => {
    const { calls, port } = counting();
    const work = { ...invoiceWork({ customer: 1 }) };
    const types = [
      'payment.succeeded',
      'billing.credit_note_issued',
      'contract.activated',
      'customer.merged',
    ];
    const answers = await make(port, ...types.map(type => ({ ...work, head: { ...work.head, type } })));
    expect(answers).toEqual(types.map(() => ({ answer: 'filtered', rule: 'unsupported' })));
    expect(calls).toEqual([]);
  });

  test('a work without its customer is refused', async () => {
    const work = { ...customerWork({ customer: 1 }), customer: null };
    expect(await make(odoo.port, work)).toMatchObject([{ answer: 'refused', code: 'customer_missing' }]);
  });

  test.each([
    ['a conflict of load', { conflicts: 1 }, 'odoo_serialization'],
    ['a database in trouble', { fail: 1 }, 'odoo_database'],
  ])('%s is tried again, and parks nobody', async (_, faults, code) => {
    const plans = await planned(odoo.port, [customerWork({ customer: 1 })]);
    await odoo.setFaults(faults);
    const applied = odoo.port.apply(plans as never, context);
    await expect(applied).rejects.toMatchObject({ kind: 'unavailable', code });
    expect(kinds(await make(odoo.port, customerWork({ customer: 1 })))).toEqual(['applied']);
  });

  test('too many requests: unavailable, for as long as Odoo says', async () => {
    await odoo.port.check(context);
    await odoo.setFaults({ requestsPerSecond: 1 });
    const asked = await Promise.allSettled(
      [1, 2, 3].map(customer => planned(odoo.port, [customerWork({ customer })])),
    );
    const refused = asked.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const each of refused)
      expect(each).toMatchObject({ reason: { kind: 'unavailable', code: 'odoo_busy', retryAfterMs: 1000 } });
  });

  test.each([
    ['a wrong key', { key: 'wrong' }, 'odoo_key_refused', ''],
    ['a user without rights', { key: 'plain' }, 'odoo_setup', 'may not create account.move'],
    ['a journal that is not there', { target: { journal: 'NONE' } }, 'odoo_setup', 'no sale journal NONE'],
    [
      'a mapped tax that is not there',
      { target: { taxes: [{ rate: '20', inclusive: false, odoo_tax: 'VAT 20% incl' }] } },
      'odoo_setup',
      'maps 20 % to the tax "VAT 20% incl"',
    ],
  ])('%s is misconfiguration', async (_, options, code, says) => {
    const error = await odoo
      .portWith(options)
      .check(context)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ kind: 'misconfigured', code, message: expect.stringContaining(says) });
    expect(String(error)).not.toContain('key-of');
  });

  test('two sale journals and none named: nobody guesses', async () => {
    await odoo.admin('account.journal', 'create', {
      vals_list: [{ name: 'Other', code: 'OTH', type: 'sale', company_id: 1 }],
    });
    await expect(odoo.port.check(context)).rejects.toThrow('more than one sale journal (INV of Main Co, OTH');
    await expect(odoo.portWith({ target: { journal: 'INV' } }).check(context)).resolves.toBeUndefined();
  });
});
