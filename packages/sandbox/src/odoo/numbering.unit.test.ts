import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { odooResult } from './client.ts';
import { startOdoo, type Running } from './server.ts';

/** What a real Odoo 19.0 did on that day in a journal without numbers; only its administrator sets locks. */
const today = '2026-11-25';

type Rec = Record<string, unknown>;
let directory: string;
let odoo: Running;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keelson-odoo-'));
  odoo = await startOdoo({
    port: 0,
    dataDirectory: directory,
    database: 'books',
    apiKeys: [{ key: 'key-of-the-admin', login: 'admin' }],
    now: () => new Date(`${today}T10:00:00Z`),
  });
});
afterEach(async () => {
  await odoo.close();
  await rm(directory, { recursive: true });
});

const call = (model: string, method: string, body: unknown): Promise<unknown> =>
  odooResult({ url: odoo.url, database: 'books', apiKey: 'key-of-the-admin' }, model, method, body);

const lock = (day: string): Promise<unknown> =>
  call('res.company', 'write', { ids: [1], vals: { fiscalyear_lock_date: day } });

async function posted(values: Rec): Promise<Rec | undefined> {
  const lines = [[0, 0, { name: 'Plan', price_unit: 1, tax_ids: [[6, 0, []]] }]];
  const move = { move_type: 'out_invoice', partner_id: 1, invoice_line_ids: lines, ...values };
  const ids = await call('account.move', 'create', { vals_list: [move] });
  await call('account.move', 'action_post', { ids });
  return ((await call('account.move', 'read', { ids, fields: ['name', 'date'] })) as Rec[])[0];
}

describe('a lock moves the date of an invoice', () => {
  test.each([
    ['to today, in a journal without numbers', [], 'A-0001', '2026-10-31', today],
    ['to today, after numbers by the year', ['B/2026/0001'], 'A-0001', '2026-10-31', today],
    [
      'to the end of the month, after numbers by the month',
      ['B/2026/11/0001'],
      'A-1',
      '2026-09-30',
      '2026-10-31',
    ],
    ['to the day after, where numbers never start anew', ['B-0001'], 'A-0001', '2026-10-31', '2026-11-01'],
    ['to a day to come, where numbers never start anew', ['B-0001'], 'A-0001', '2026-11-30', '2026-12-01'],
  ])('%s', async (_, before, name, locked, date) => {
    for (const number of before) await posted({ name: number, invoice_date: '2026-11-02' });
    await lock(locked);
    expect(await posted({ name, invoice_date: '2026-09-15' })).toMatchObject({ name, date });
  });

  test('but not to a day that is locked: refused', async () => {
    await lock('2026-11-30');
    await expect(posted({ name: 'A-0001', invoice_date: '2026-11-02' })).rejects.toThrow(
      'You cannot add/modify entries prior to and inclusive of: Global Lock Date (11/30/2026).',
    );
  });

  test('out of the month in its number, which it loses', async () => {
    await posted({ name: 'B-0001', invoice_date: '2026-11-02' });
    await lock('2026-10-31');
    expect(await posted({ name: 'A-2026-10-0001', invoice_date: '2026-10-02' })).toMatchObject({
      name: 'B-0002',
      date: '2026-11-01',
    });
  });
});

test('a number goes on from none that names dates more finely', async () => {
  await posted({ name: 'B-0001', invoice_date: '2026-11-02' });
  await posted({ name: 'A-2026-01-0001', invoice_date: '2026-01-15' });
  expect(await posted({ invoice_date: '2026-11-03' })).toMatchObject({ name: 'B-0002' });
});
