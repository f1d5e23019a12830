import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { callDesk, readAllDeskUsers, type DeskTarget } from './client.ts';

type Rec = Record<string, unknown>;

/** What the integration relies on in the desk. Its custom user fields must be declared. */
export function deskSuite(name: string, open: () => Promise<DeskTarget>): void {
  describe(`${name}: a desk`, () => {
    const prefix = randomUUID();
    let target: DeskTarget;
    const post = (path: string, body: unknown) => callDesk(target, 'POST', `/api/v2/${path}`, body);
    const get = (path: string) => callDesk(target, 'GET', `/api/v2/${path}`);
    const upsert = (user: Rec) => post('users/create_or_update.json', { user });
    const user = (id: string, more: Rec = {}): Rec => ({
      external_id: `${prefix}-${id}`,
      name: `User ${id}`,
      ...more,
    });
    const shown = async (...ids: string[]): Promise<Rec[]> => {
      const { body } = await get(
        `users/show_many.json?external_ids=${ids.map(id => `${prefix}-${id}`).join()}`,
      );
      return body['users'] as Rec[];
    };
    const finished = async (job: unknown): Promise<Rec> => {
      const { id } = (job as { job_status: { id: string } }).job_status;
      for (;;) {
        const { body } = await get(`job_statuses/${id}.json`);
        const status = body['job_status'] as Rec;
        if (status['status'] === 'completed') return status;
      }
    };

    beforeAll(async () => {
      target = await open();
    });

    test('refuses a wrong token with 401', async () => {
      const answer = await callDesk(
        { ...target, apiToken: 'not-a-token' },
        'GET',
        '/api/v2/user_fields.json',
      );
      expect(answer.status).toBe(401);
    });

    test('names its custom fields', async () => {
      const { body } = await get('user_fields.json');
      const keys = (body['user_fields'] as Rec[]).map(field => field['key']);
      expect(keys).toEqual(expect.arrayContaining(['keelson_plan', 'keelson_renews_on', 'keelson_past_due']));
    });

    test('makes a user once by external id, then changes it, field by field', async () => {
      const first = await upsert(
        user('one', { user_fields: { keelson_plan: 'basic', keelson_tier: 'gold' } }),
      );
      const second = await upsert(user('one', { user_fields: { keelson_plan: 'pro' } }));
      expect([first.status, second.status]).toEqual([201, 200]);
      expect(await shown('one')).toMatchObject([
        { user_fields: { keelson_plan: 'pro', keelson_tier: 'gold' } },
      ]);
    });

    test('answers a day as its midnight, and takes null to clear', async () => {
      await upsert(user('day', { user_fields: { keelson_renews_on: '2026-12-01', keelson_past_due: true } }));
      expect(await shown('day')).toMatchObject([
        {
          user_fields: {
            keelson_renews_on: expect.stringMatching(/^2026-12-01T00:00:00/),
            keelson_past_due: true,
          },
        },
      ]);
      await upsert(user('day', { user_fields: { keelson_renews_on: null } }));
      expect(await shown('day')).toMatchObject([{ user_fields: { keelson_renews_on: null } }]);
    });

    test.each([
      ['an unknown field', { keelson_nosuch: 'x' }],
      ['a bad day', { keelson_renews_on: '2026-02-30' }],
      ['a word in a checkbox', { keelson_past_due: 'maybe' }],
    ])('refuses %s with 422 and keeps nothing', async (_, fields) => {
      expect((await upsert(user('refused', { user_fields: fields }))).status).toBe(422);
      expect(await shown('refused')).toEqual([]);
    });

    test('refuses the address of another user', async () => {
      await upsert(user('mail_1', { email: `${prefix}@example.com` }));
      expect((await upsert(user('mail_2', { email: `${prefix}@example.com` }))).status).toBe(422);
    });

    test('a batch becomes a job whose results keep the order, bad ones among them', async () => {
      await upsert(user('many_1'));
      const users = [
        user('many_1', { user_fields: { keelson_plan: 'pro' } }),
        user('many_2', { user_fields: { nosuch: 1 } }),
        user('many_3'),
      ];
      const { status, body } = await post('users/create_or_update_many.json', { users });
      expect(status).toBe(200);
      expect(await finished(body)).toMatchObject({
        total: 3,
        results: [{ status: 'Updated' }, { status: 'Failed' }, { status: 'Created' }],
      });
      const found = await shown('many_1', 'many_2', 'many_3');
      expect(found.map(item => item['external_id'])).toEqual([`${prefix}-many_1`, `${prefix}-many_3`]);
    });

    test('refuses more than 100 users at once', async () => {
      const users = Array.from({ length: 101 }, (_, index) => user(`over_${String(index)}`));
      expect((await post('users/create_or_update_many.json', { users })).status).toBe(400);
    });

    test('an unknown job is not found', async () => {
      expect((await get('job_statuses/nosuch.json')).status).toBe(404);
    });

    test('reads every user, page by page', async () => {
      const users = Array.from({ length: 100 }, (_, index) => user(`page_${String(index)}`));
      await finished((await post('users/create_or_update_many.json', { users })).body);
      const all = await readAllDeskUsers(target);
      const ids = all.map(item => item['external_id']).filter(id => String(id).startsWith(`${prefix}-page_`));
      expect(new Set(ids).size).toBe(100);
    });
  });
}
