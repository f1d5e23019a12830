import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { callOdoo, odooResult, type Answer, type OdooTarget } from './client.ts';

type Rec = Record<string, unknown>;
type Loaded = { ids: number[] | false; messages: { message: string; record: number; field?: string }[] };

/**
 * What the integration relies on in an Odoo 19, to be run against the stand-in and against a real one. The key's
 * user needs Invoicing and Contact Creation and no more; the company needs sale taxes of 20 %, one excluded and one
 * included, and JPY active. Everything it makes carries a prefix of its own.
 */
export function odooSuite(name: string, open: () => Promise<OdooTarget>): void {
  describe(`${name}: an Odoo 19 over JSON-2`, () => {
    const prefix = `keelson_suite_${randomUUID().replaceAll('-', '')}`;
    let target: OdooTarget;
    let excluded: number;
    let included: number;
    let customer: number;
    const xid = (id: string): string => `${prefix}.${id}`;
    const call = (model: string, method: string, body: unknown): Promise<Answer> =>
      callOdoo(target, model, method, body);
    const result = async <T>(model: string, method: string, body: unknown): Promise<T> =>
      (await odooResult(target, model, method, body)) as T;
    const load = (fields: string[], data: unknown[][], model = 'res.partner'): Promise<Loaded> =>
      result<Loaded>(model, 'load', { fields, data });
    const read = async (model: string, id: number, fields: string[]): Promise<Rec> =>
      (await result<Rec[]>(model, 'read', { ids: [id], fields }))[0] ?? {};
    const line = (price: number, taxes: number[] = [], more: Rec = {}): unknown => [
      0,
      0,
      { name: 'Plan', quantity: 1, price_unit: price, tax_ids: [[6, 0, taxes]], ...more },
    ];
    const invoice = async (lines: unknown[], more: Rec = {}): Promise<number> => {
      const values = { move_type: 'out_invoice', partner_id: customer, invoice_line_ids: lines, ...more };
      return (await result<number[]>('account.move', 'create', { vals_list: [values] }))[0] ?? 0;
    };
    const post = (...ids: number[]): Promise<Answer> => call('account.move', 'action_post', { ids });
    const move = (id: number, ...fields: string[]): Promise<Rec> => read('account.move', id, fields);
    const message = (answer: Answer): string => (answer.body as { message: string }).message;
    const idOf = (loaded: Loaded): number => (loaded.ids === false ? 0 : (loaded.ids[0] ?? 0));

    beforeAll(async () => {
      target = await open();
      const tax = async (inside: boolean): Promise<number> => {
        const domain = [
          ['type_tax_use', '=', 'sale'],
          ['amount', '=', 20],
          ['price_include', '=', inside],
        ];
        const found = await result<number[]>('account.tax', 'search', { domain, limit: 1 });
        if (found[0] === undefined) throw new Error('the company has no such sale tax of 20 %');
        return found[0];
      };
      excluded = await tax(false);
      included = await tax(true);
      customer = idOf(await load(['id', 'name'], [[xid('customer'), 'Suite Customer']]));
    });

    describe('transport', () => {
      test('tells its version without a key', async () => {
        const response = await fetch(`${target.url}/web/version`);
        expect(await response.json()).toMatchObject({ version: expect.stringMatching(/^19\./) });
      });

      test('context_get proves the key', async () => {
        expect(await result('res.users', 'context_get', {})).toMatchObject({ uid: expect.any(Number) });
      });

      test('refuses a wrong key with 401', async () => {
        const answer = await callOdoo({ ...target, apiKey: 'not-a-key' }, 'res.users', 'context_get', {});
        expect(answer).toMatchObject({ status: 401, body: { message: 'Invalid apikey', context: {} } });
      });

      test('answers an unknown database with 404 and a page', async () => {
        const answer = await callOdoo(
          { ...target, database: 'nosuchdatabase' },
          'res.users',
          'context_get',
          {},
        );
        expect(answer).toMatchObject({ status: 404, body: expect.stringContaining('<title>404') });
      });

      test.each([
        ['text/plain', '{}', 415],
        ['application/json', '{"domain": [', 400],
        ['application/json', '{}', 422],
      ])('answers %s with body %s by %i', async (type, body, status) => {
        const headers = {
          authorization: `bearer ${target.apiKey}`,
          'content-type': type,
          'x-odoo-database': target.database,
        };
        const url = `${target.url}/json/2/res.partner/search_count`;
        expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(status);
      });

      test.each([
        ['res.nosuch', 'search_count', { domain: [] }, 404],
        ['res.partner', 'nosuch', {}, 404],
        ['res.partner', '_search', {}, 403],
        ['ir.model.data', 'search_read', { domain: [] }, 403],
        ['res.partner', 'search_read', { ids: [1], domain: [] }, 422],
        ['res.partner', 'read', { ids: [1], fields: ['nosuch'] }, 500],
        ['res.partner', 'search', { domain: [['nosuch', '=', 1]] }, 500],
        ['res.partner', 'create', { vals_list: [{ name: 'x', type: 'nosuch' }] }, 500],
        ['res.partner', 'write', { ids: [99_999_999], vals: { name: 'x' } }, 404],
        ['res.partner', 'search', { domain: [], context: { lang: 'xx_XX' } }, 422],
        ['account.move', 'search', { domain: [], context: { allowed_company_ids: [9999] } }, 403],
      ])('answers %s/%s %j by %i', async (model, method, body, status) => {
        const answer = await call(model, method, body);
        expect(answer).toMatchObject({
          status,
          body: { name: expect.any(String), debug: expect.any(String) },
        });
      });
    });

    describe('external ids', () => {
      test('load makes once, then updates the same records', async () => {
        const rows = (suffix: string) => ['a', 'b'].map(id => [xid(`load_${id}`), `Name ${id}${suffix}`]);
        const first = await load(['id', 'name'], rows(''));
        const second = await load(['id', 'name'], rows(' changed'));
        expect(first).toMatchObject({ ids: [expect.any(Number), expect.any(Number)], messages: [] });
        expect(second.ids).toEqual(first.ids);
        expect(await read('res.partner', idOf(first), ['name'])).toMatchObject({ name: 'Name a changed' });
      });

      test('one bad row refuses the batch with status 200, and nothing is kept', async () => {
        const refused = await load(
          ['id', 'name', 'country_id'],
          [
            [xid('bad_1'), `Good ${prefix}`, 'France'],
            [xid('bad_2'), 'Bad', 'Nowhereland'],
          ],
        );
        expect(refused).toMatchObject({
          ids: false,
          messages: [{ type: 'error', record: 1, field: 'country_id' }],
        });
        // Not asked by the external id: the worker that refused may go on answering it, for a record that is not there.
        const all = { domain: [['name', '=', `Good ${prefix}`]], context: { active_test: false } };
        expect(await result('res.partner', 'search', all)).toEqual([]);
      });

      test('an id without a module belongs to __import__', async () => {
        const id = idOf(await load(['id', 'name'], [[`${prefix}_bare`, 'Bare']]));
        const lookup = { module: '__import__', xml_id: `${prefix}_bare` };
        expect(await result('ir.model.data', 'check_object_reference', lookup)).toEqual(['res.partner', id]);
        expect(await result('res.partner', 'get_external_id', { ids: [id] })).toEqual({
          [String(id)]: `__import__.${prefix}_bare`,
        });
      });

      test('a space in an id is refused as a message', async () => {
        expect(await load(['id', 'name'], [[xid('a b'), 'Spaced']])).toMatchObject({ ids: false });
      });

      test('an id beside .id makes a new record; .id alone updates', async () => {
        const first = idOf(await load(['id', 'name'], [[xid('both_1'), 'First']]));
        const second = await load(['id', '.id', 'name'], [[xid('both_2'), String(first), 'Second']]);
        expect(idOf(second)).not.toBe(first);
        expect((await load(['.id', 'name'], [[String(first), 'Third']])).ids).toEqual([first]);
        expect(await load(['.id', 'name'], [['99999999', 'Nobody']])).toMatchObject({ ids: false });
      });

      test('the last of a repeated id wins', async () => {
        const loaded = await load(
          ['id', 'name'],
          [
            [xid('twice'), 'One'],
            [xid('twice'), 'Two'],
          ],
        );
        expect(loaded.ids).toEqual([idOf(loaded), idOf(loaded)]);
        expect(await read('res.partner', idOf(loaded), ['name'])).toMatchObject({ name: 'Two' });
      });

      test('an empty cell and null clear; a column that is not there keeps', async () => {
        const row = [xid('cells'), 'Cells', 'c@example.com', 'r1'];
        const id = idOf(await load(['id', 'name', 'email', 'ref'], [row]));
        await load(['id', 'email'], [[xid('cells'), '']]);
        expect(await read('res.partner', id, ['email', 'ref'])).toMatchObject({ email: false, ref: 'r1' });
        await load(['id', 'ref'], [[xid('cells'), null]]);
        expect(await read('res.partner', id, ['ref'])).toMatchObject({ ref: false });
      });

      test('a JSON true in a boolean column and an unknown column are errors of the call', async () => {
        const wrong = { fields: ['id', 'name', 'is_company'], data: [[xid('typed'), 'Typed', true]] };
        expect((await call('res.partner', 'load', wrong)).status).toBe(500);
        const unknown = { fields: ['id', 'nosuch'], data: [[xid('typed'), 'x']] };
        expect((await call('res.partner', 'load', unknown)).status).toBe(500);
      });

      test('a relation goes by name, code, external id or database id', async () => {
        const id = idOf(
          await load(
            ['id', 'name', 'country_id/id', 'parent_id/id'],
            [[xid('rel'), 'Child', 'base.fr', xid('customer')]],
          ),
        );
        expect(await read('res.partner', id, ['country_id', 'parent_id', 'display_name'])).toMatchObject({
          country_id: [expect.any(Number), 'France'],
          parent_id: [customer, 'Suite Customer'],
        });
        expect(await load(['id', 'country_id'], [[xid('rel'), 'DE']])).toMatchObject({ ids: [id] });
        expect(await load(['id', 'parent_id/id'], [[xid('rel'), xid('nosuch')]])).toMatchObject({
          ids: false,
        });
      });

      test('an archived record is found by load, and hidden from a search and from a reference', async () => {
        const id = idOf(await load(['id', 'name'], [[xid('archived'), 'Archived']]));
        await result('res.partner', 'write', { ids: [id], vals: { active: false } });
        expect((await load(['id', 'name'], [[xid('archived'), 'Archived 2']])).ids).toEqual([id]);
        expect(await result('res.partner', 'search', { domain: [['id', '=', id]] })).toEqual([]);
        const all = { domain: [['id', '=', id]], context: { active_test: false } };
        expect(await result('res.partner', 'search', all)).toEqual([id]);
        const lookup = { module: prefix, xml_id: 'archived' };
        expect(await result('ir.model.data', 'check_object_reference', lookup)).toEqual([
          'res.partner',
          false,
        ]);
      });

      test('four loads of one new id at once make one record; who loses is told so, or finds it', async () => {
        const race = [1, 2, 3, 4].map(n => load(['id', 'name'], [[xid('race'), `Racer ${String(n)}`]]));
        const loaded = await Promise.all(race);
        const won = loaded.flatMap(item => (item.ids === false ? [] : item.ids));
        expect(new Set(won).size).toBe(1);
        for (const item of loaded.filter(({ ids }) => ids === false)) {
          expect(item.messages[0]?.message).toContain('could not serialize access');
        }
        expect((await load(['id', 'name'], [[xid('race'), 'Again']])).ids).toEqual([won[0]]);
      });
    });

    describe('invoices', () => {
      const columns = ['id', 'move_type', 'partner_id/id', 'invoice_date', 'ref', 'currency_id'];
      const head = (id: string): string[] => [
        xid(id),
        'out_invoice',
        xid('customer'),
        '2026-01-15',
        id,
        'USD',
      ];
      const blanks = ['', '', '', '', '', ''];
      const lineColumns = [
        'invoice_line_ids/name',
        'invoice_line_ids/quantity',
        'invoice_line_ids/price_unit',
        'invoice_line_ids/tax_ids/.id',
      ];

      test('load takes further lines from rows that go on; a second load adds them again', async () => {
        const fields = [...columns, ...lineColumns];
        const rows = [
          [...head('inv_1'), 'Basic', '1', '10.00', String(excluded)],
          [...blanks, 'Seats', '3', '2.50', String(excluded)],
        ];
        const id = idOf(await load(fields, rows, 'account.move'));
        expect(
          await move(id, 'name', 'state', 'date', 'amount_untaxed', 'amount_tax', 'amount_total'),
        ).toMatchObject({
          name: false,
          state: 'draft',
          date: '2026-01-15',
          amount_untaxed: 17.5,
          amount_tax: 3.5,
          amount_total: 21,
        });
        expect((await load(fields, rows, 'account.move')).ids).toEqual([id]);
        const doubled = await move(id, 'invoice_line_ids', 'amount_total');
        expect(doubled).toMatchObject({ amount_total: 42 });
        expect(doubled['invoice_line_ids']).toHaveLength(4);
      });

      test('lines with their own external id are updated, and a missing row removes none', async () => {
        const fields = [...columns, 'invoice_line_ids/id', ...lineColumns];
        const rows = (price: string) => [
          [...head('inv_2'), xid('line_1'), 'Basic', '1', '10.00', String(excluded)],
          [...blanks, xid('line_2'), 'Seats', '3', price, String(excluded)],
        ];
        const id = idOf(await load(fields, rows('2.50'), 'account.move'));
        await load(fields, rows('3.50'), 'account.move');
        expect(await move(id, 'amount_total')).toMatchObject({ amount_total: 24.6 });
        await load(fields, rows('3.50').slice(0, 1), 'account.move');
        expect(await move(id, 'amount_total')).toMatchObject({ amount_total: 24.6 });
      });

      test('write replaces lines by [5] then [0]', async () => {
        const id = await invoice([line(10), line(20)]);
        await result('account.move', 'write', {
          ids: [id],
          vals: { invoice_line_ids: [[5, 0, 0], line(7)] },
        });
        expect(await move(id, 'amount_total')).toMatchObject({ amount_total: 7 });
      });

      test('posting gives a number, a payment reference and a receivable', async () => {
        const id = await invoice([line(100, [excluded])], { ref: 'post_1' });
        expect(await post(id)).toEqual({ status: 200, body: false });
        const posted = await move(
          id,
          'name',
          'state',
          'payment_reference',
          'payment_state',
          'amount_residual',
        );
        expect(posted).toMatchObject({ state: 'posted', payment_state: 'not_paid', amount_residual: 120 });
        expect(posted['name']).toEqual(expect.stringMatching(/\d/));
        expect(posted['payment_reference']).toBe(posted['name']);
        const domain = [
          ['move_id', '=', id],
          ['account_type', '=', 'asset_receivable'],
        ];
        const lines = await result<Rec[]>('account.move.line', 'search_read', {
          domain,
          fields: ['debit', 'credit'],
        });
        expect(lines).toMatchObject([{ debit: 120, credit: 0 }]);
      });

      test('a posted invoice cannot be posted again, keeps date and lines, and takes a reference', async () => {
        const id = await invoice([line(10)]);
        await post(id);
        const again = await post(id);
        expect(again.status).toBe(422);
        expect(message(again)).toContain('must be in draft');
        const write = (vals: Rec) => call('account.move', 'write', { ids: [id], vals });
        expect((await write({ invoice_date: '2026-01-01' })).status).toBe(422);
        expect((await write({ invoice_line_ids: [line(1)] })).status).toBe(422);
        expect(await write({ ref: 'late' })).toEqual({ status: 200, body: true });
      });

      /** Letters of its own and no digit: Odoo reads dates in numbers. */
      const letters = Array.from(prefix.slice(-10), digit => String.fromCharCode(65 + parseInt(digit, 16)));
      const number = (end: string): string => `SUITE${letters.join('')}${end}`;
      const day = '2026-01-15';

      test('a number given before posting is kept, and a second use of it fails at posting only', async () => {
        const first = await invoice([line(10)], { name: number('-0007') });
        await post(first);
        expect(await move(first, 'name', 'payment_reference')).toMatchObject({
          name: number('-0007'),
          payment_reference: number('-0007'),
        });
        const second = await invoice([line(10)], { name: number('-0007') });
        const refused = await post(second);
        expect(refused.status).toBe(422);
        expect(message(refused)).toContain('Another entry with the same name already exists');
        expect(await move(second, 'state')).toMatchObject({ state: 'draft' });
      });

      test.each(['26-0001', '2026-0002', '2601-0003', '-2026-01-0004', '388-0005', '12345-0006', '-06-1'])(
        'a number that ends in %s is kept on a day in January 2026',
        async end => {
          const id = await invoice([line(10)], { name: number(end), invoice_date: day });
          expect(await post(id)).toEqual({ status: 200, body: false });
          expect(await move(id, 'name')).toMatchObject({ name: number(end) });
        },
      );

      test.each([
        '88-0001',
        '2025-0002',
        '-2026-02-0003',
        '-2026/2027/0004',
        '-25-26-01-1',
        '99A',
        '/1999/X',
      ])(
        'a number that ends in %s names another year or month: refused at posting on a day in January 2026',
        async end => {
          const id = await invoice([line(10)], { name: number(end), invoice_date: day });
          expect(await move(id, 'name')).toMatchObject({ name: number(end) });
          const refused = await post(id);
          expect(refused.status).toBe(422);
          expect(message(refused)).toContain("isn't aligned with the existing sequence number");
          expect(await move(id, 'name', 'state')).toMatchObject({ name: number(end), state: 'draft' });
          // Drafts count, too: the journal's next own number would go on from it, and be refused as well.
          await result('account.move', 'unlink', { ids: [id] });
        },
      );

      test('a number of another year is lost where a draft gets its date: by a write, or at posting', async () => {
        const written = await invoice([line(10)], { name: number('88-0008'), invoice_date: day });
        await result('account.move', 'write', { ids: [written], vals: { invoice_date: '2026-01-16' } });
        expect(await move(written, 'name')).toMatchObject({ name: false });
        const undated = await invoice([line(10)], { name: number('88-0009') });
        expect(await post(undated)).toEqual({ status: 200, body: false });
        const { name } = await move(undated, 'name');
        expect(name).not.toBe(number('88-0009'));
        expect(name).toEqual(expect.stringMatching(/\d/));
      });

      test('a posted invoice takes no number of another year', async () => {
        // Far from where the journal's own numbers, which go on from the last, may have come in other tests.
        const id = await invoice([line(10)], { name: number('-0310'), invoice_date: day });
        expect(await post(id)).toEqual({ status: 200, body: false });
        const renamed = await call('account.move', 'write', { ids: [id], vals: { name: number('88-0310') } });
        expect(renamed.status).toBe(422);
        expect(message(renamed)).toContain("isn't aligned with the existing sequence number");
      });

      test('one bad draft keeps a whole posting back', async () => {
        const [good, bad] = [await invoice([line(10)]), await invoice([line(-10)])];
        const refused = await post(good, bad);
        expect(refused.status).toBe(422);
        expect(message(refused)).toContain('negative total amount');
        expect(await move(good, 'state')).toMatchObject({ state: 'draft' });
      });

      test('no lines, no customer and an inactive currency are refused at posting', async () => {
        expect((await post(await invoice([]))).status).toBe(422);
        expect((await post(await invoice([line(1)], { partner_id: false }))).status).toBe(422);
        const domain = [['active', '=', false]];
        const [currency] = await result<number[]>('res.currency', 'search', { domain, limit: 1 });
        if (currency === undefined) return;
        expect((await post(await invoice([line(1)], { currency_id: currency }))).status).toBe(422);
      });

      test('a zero invoice is posted and at once paid', async () => {
        const id = await invoice([line(0, [excluded])]);
        await post(id);
        expect(await move(id, 'state', 'payment_state')).toMatchObject({
          state: 'posted',
          payment_state: 'paid',
        });
      });

      test('an empty invoice date becomes the day of posting', async () => {
        const id = await invoice([line(1)]);
        expect(await move(id, 'invoice_date')).toMatchObject({ invoice_date: false });
        await post(id);
        expect(await move(id, 'invoice_date')).toMatchObject({
          invoice_date: expect.stringMatching(/^\d{4}-/),
        });
      });

      test.each([
        ['excluded', 33.33, [99.99, 20, 119.99]],
        ['excluded', 0.07, [0.21, 0.04, 0.25]],
        ['included', 33.33, [83.32, 16.67, 99.99]],
        ['included', 0.07, [0.17, 0.04, 0.21]],
      ])(
        'three lines with a tax %s at %f round once over the document',
        async (kind, price, [base, tax, total]) => {
          const taxes = [kind === 'included' ? included : excluded];
          const id = await invoice([line(price, taxes), line(price, taxes), line(price, taxes)]);
          const read = await move(id, 'amount_untaxed', 'amount_tax', 'amount_total');
          expect(read['amount_untaxed']).toBeCloseTo(base ?? 0, 8);
          expect(read['amount_tax']).toBeCloseTo(tax ?? 0, 8);
          expect(read['amount_total']).toBeCloseTo(total ?? 0, 8);
        },
      );

      test('a yen has no decimals', async () => {
        const [yen] = await result<number[]>('res.currency', 'search', { domain: [['name', '=', 'JPY']] });
        const id = await invoice([line(100.55, [excluded]), line(333.33, [excluded])], { currency_id: yen });
        expect(await move(id, 'amount_untaxed', 'amount_tax', 'amount_total')).toMatchObject({
          amount_untaxed: 434,
          amount_tax: 87,
          amount_total: 521,
        });
      });

      test('tax_totals sets the tax of a draft to the cent, and posting keeps it', async () => {
        const id = await invoice([line(33.33, [excluded])]);
        const totals = (await move(id, 'tax_totals'))['tax_totals'] as {
          subtotals: { tax_groups: { id: number }[] }[];
        };
        const group = totals.subtotals[0]?.tax_groups[0]?.id;
        const wanted = { subtotals: [{ tax_groups: [{ id: group, tax_amount_currency: 6.68 }] }] };
        await result('account.move', 'write', { ids: [id], vals: { tax_totals: wanted } });
        await result('account.move', 'write', { ids: [id], vals: { ref: 'kept' } });
        await post(id);
        const after = await move(id, 'amount_tax', 'amount_total');
        expect(after['amount_tax']).toBeCloseTo(6.68, 8);
        expect(after['amount_total']).toBeCloseTo(40.01, 8);
      });

      test('a credit note that names its invoice is set off against it when posted', async () => {
        const id = await invoice([line(100, [excluded])]);
        await post(id);
        const note = await invoice([line(30, [excluded])], {
          move_type: 'out_refund',
          reversed_entry_id: id,
        });
        await post(note);
        expect(await move(note, 'payment_state')).toMatchObject({ payment_state: 'paid' });
        expect(await move(id, 'payment_state', 'amount_residual')).toMatchObject({
          payment_state: 'partial',
          amount_residual: 84,
        });
        const rest = await invoice([line(70, [excluded])], {
          move_type: 'out_refund',
          reversed_entry_id: id,
        });
        await post(rest);
        expect(await move(id, 'payment_state')).toMatchObject({ payment_state: 'reversed' });
      });

      test('the payment wizard pays in parts, and refuses when nothing is left', async () => {
        const id = await invoice([line(100)]);
        await post(id);
        const context = { active_model: 'account.move', active_ids: [id] };
        const pay = async (values: Rec): Promise<void> => {
          const ids = await result<number[]>('account.payment.register', 'create', {
            vals_list: [values],
            context,
          });
          await result('account.payment.register', 'action_create_payments', { ids });
        };
        await pay({ amount: 40 });
        expect(await move(id, 'payment_state', 'amount_residual')).toMatchObject({
          payment_state: 'partial',
          amount_residual: 60,
        });
        await pay({});
        expect(await move(id, 'payment_state')).toMatchObject({ payment_state: 'paid' });
        const more = await call('account.payment.register', 'create', { vals_list: [{}], context });
        expect(more.status).toBe(422);
      });
    });

    describe('reading', () => {
      test('write_date has whole seconds, = hits and > does not', async () => {
        const { write_date: stamp } = await read('res.partner', customer, ['write_date']);
        const search = (operator: string) =>
          result('res.partner', 'search', {
            domain: [
              ['id', '=', customer],
              ['write_date', operator, stamp],
            ],
          });
        expect(stamp).toEqual(expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/));
        expect(await search('=')).toEqual([customer]);
        expect(await search('>')).toEqual([]);
      });

      test('fields_get tells types, and leaves out what is not there', async () => {
        const attributes = ['type', 'relation', 'selection'];
        const fields = await result<Rec>('res.partner', 'fields_get', {
          allfields: ['country_id', 'lang', 'nosuch'],
          attributes,
        });
        expect(fields).toMatchObject({
          country_id: { type: 'many2one', relation: 'res.country' },
          lang: { type: 'selection', selection: expect.arrayContaining([['en_US', expect.any(String)]]) },
        });
        expect(fields).not.toHaveProperty('nosuch');
      });
    });
  });
}
