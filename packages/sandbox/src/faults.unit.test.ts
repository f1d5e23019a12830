import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { callDesk } from './desk/client.ts';
import { startDesk } from './desk/server.ts';
import { callOdoo, odooResult, type OdooTarget } from './odoo/client.ts';
import { startOdoo } from './odoo/server.ts';

describe('faults of the stand-ins', () => {
  let directory: string;
  let odoo: Awaited<ReturnType<typeof startOdoo>>;
  let desk: Awaited<ReturnType<typeof startDesk>>;
  let target: OdooTarget;

  const faults = (url: string, change: unknown) =>
    fetch(`${url}/_sandbox/faults`, {
      method: 'POST',
      body: JSON.stringify(change),
      headers: { 'content-type': 'application/json' },
    });
  const create = (name: string) => callOdoo(target, 'res.partner', 'create', { vals_list: [{ name }] });
  const count = (name: string) =>
    odooResult(target, 'res.partner', 'search_count', { domain: [['name', '=', name]] });
  const token = () => ({ url: desk.url, apiToken: 'token' });
  const upsert = (id: string) =>
    callDesk(token(), 'POST', '/api/v2/users/create_or_update.json', { user: { external_id: id, name: id } });
  const held = async (id: string) => {
    const { body } = await callDesk(token(), 'GET', `/api/v2/users/show_many.json?external_ids=${id}`);
    return (body['users'] as unknown[]).length;
  };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'keelson-faults-'));
    odoo = await startOdoo({ port: 0, dataDirectory: directory, database: 'books', apiKeys: ['key'] });
    desk = await startDesk({ port: 0, dataDirectory: directory, apiTokens: ['token'] });
    target = { url: odoo.url, database: 'books', apiKey: 'key' };
  });

  afterEach(async () => {
    await Promise.all([odoo.close(), desk.close()]);
    await rm(directory, { recursive: true });
  });

  test('fail answers 500 and does nothing, as often as asked', async () => {
    await Promise.all([faults(odoo.url, { fail: 1 }), faults(desk.url, { fail: 1 })]);
    expect([(await create('a')).status, (await upsert('a')).status]).toEqual([500, 500]);
    expect([await count('a'), await held('a')]).toEqual([0, 0]);
    expect([(await create('a')).status, (await upsert('a')).status]).toEqual([200, 201]);
  });

  test('a reset before the commit does nothing, one after it has done all', async () => {
    await Promise.all([faults(odoo.url, { resetBefore: 1 }), faults(desk.url, { resetBefore: 1 })]);
    await expect(create('b')).rejects.toThrow('fetch failed');
    await expect(upsert('b')).rejects.toThrow('fetch failed');
    expect([await count('b'), await held('b')]).toEqual([0, 0]);
    await Promise.all([faults(odoo.url, { resetAfter: 1 }), faults(desk.url, { resetAfter: 1 })]);
    await expect(create('b')).rejects.toThrow('fetch failed');
    await expect(upsert('b')).rejects.toThrow('fetch failed');
    expect([await count('b'), await held('b')]).toEqual([1, 1]);
  });

  test('too many requests in a second answer 429 with Retry-After', async () => {
    await Promise.all([
      faults(odoo.url, { requestsPerSecond: 1 }),
      faults(desk.url, { requestsPerSecond: 1 }),
    ]);
    const some = await Promise.all([1, 2, 3, 4].map(() => create('c')));
    expect(some.map(answer => answer.status)).toEqual(expect.arrayContaining([200, 429]));
    const others = await Promise.all([1, 2, 3, 4].map(() => upsert('c')));
    const refused = others.find(answer => answer.status === 429);
    expect(refused?.headers.get('retry-after')).toBe('1');
  });

  test('a conflict comes as a message of load, and as an error of other calls', async () => {
    await Promise.all([faults(odoo.url, { conflicts: 2 }), faults(desk.url, { conflicts: 1 })]);
    const load = { fields: ['id', 'name'], data: [['x.d', 'd']] };
    expect(await callOdoo(target, 'res.partner', 'load', load)).toMatchObject({
      status: 200,
      body: { ids: false, messages: [{ message: expect.stringContaining('could not serialize') }] },
    });
    expect((await create('d')).status).toBe(500);
    expect((await upsert('d')).status).toBe(409);
    expect((await callOdoo(target, 'res.partner', 'load', load)).body).toMatchObject({ messages: [] });
  });

  test('down drops every call until it is lifted', async () => {
    await Promise.all([faults(odoo.url, { down: true }), faults(desk.url, { down: true })]);
    await expect(create('e')).rejects.toThrow('fetch failed');
    await expect(upsert('e')).rejects.toThrow('fetch failed');
    await Promise.all([odoo.url, desk.url].map(url => fetch(`${url}/_sandbox/faults`, { method: 'DELETE' })));
    expect([(await create('e')).status, (await upsert('e')).status]).toEqual([200, 201]);
  });

  test('jobs of the desk may take their time and be forgotten', async () => {
    await faults(desk.url, { jobDelayMs: 600_000 });
    const users = [{ external_id: 'f', name: 'f' }];
    const { body } = await callDesk(token(), 'POST', '/api/v2/users/create_or_update_many.json', { users });
    const { id } = body['job_status'] as { id: string };
    const status = () => callDesk(token(), 'GET', `/api/v2/job_statuses/${id}.json`);
    expect((await status()).body).toMatchObject({ job_status: { status: 'queued', results: null } });
    await faults(desk.url, { jobsExpired: true });
    expect((await status()).status).toBe(404);
  });

  test('a fault that does not exist is refused', async () => {
    expect((await faults(odoo.url, { nosuch: 1 })).status).toBe(400);
    expect((await faults(desk.url, { fail: 'x' })).status).toBe(400);
  });
});
