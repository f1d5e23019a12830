import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { SupportWork } from '@keelson/contracts';
import { houseCustomerIdOf } from '@keelson/contracts';
import { readAllDeskUsers, startDesk } from '@keelson/sandbox';
import type { Faults } from '@keelson/sandbox';
import { createRateLimiter } from '@keelson/sink';
import type { PortContext, SinkPort } from '@keelson/sink';
import { describeSinkPort } from '@keelson/sink/contract-suite';
import type { OpenTarget } from '@keelson/sink/contract-suite';
import type { DeskUser } from './context.ts';
import { createDeskPort } from './desk-port.ts';
import { createDeskHttp } from './desks/http.ts';
import { createZendesk } from './desks/zendesk.ts';
import { supportWork } from './testing/works.ts';

const token = 'agent@example.com/token:token-of-the-desk';
const apiToken = 'token-of-the-desk';
const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  setTimeout(Math.min(ms, 5), undefined, { signal });
const context: PortContext = { signal: new AbortController().signal, now: Date.now };

const portOn = (url: string, secret = token): SinkPort<SupportWork, DeskUser> => {
  const limiter = createRateLimiter({ requestsPerSecond: 10_000, concurrency: 2 });
  const http = createDeskHttp({ url, token: secret, limiter });
  return createDeskPort(createZendesk({ http, sleep, jobPatienceMs: 300 }));
};

const setFaults = async (url: string, faults: Partial<Faults>): Promise<void> => {
  await fetch(`${url}/_sandbox/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(faults),
  });
};

const withoutTimes = (user: Record<string, unknown>): object => ({ ...user, created_at: '', updated_at: '' });

async function openDesk(): Promise<OpenTarget<SupportWork, DeskUser> & { readonly url: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'keelson-desk-'));
  const desk = await startDesk({ port: 0, dataDirectory: directory, apiTokens: [apiToken] });
  const port = portOn(desk.url);
  return {
    url: desk.url,
    port,
    reopen: async () => portOn(desk.url),
    snapshot: async () => (await readAllDeskUsers({ url: desk.url, apiToken })).map(withoutTimes),
    effectsOf: async work =>
      (await readAllDeskUsers({ url: desk.url, apiToken })).filter(
        ({ external_id }) => external_id === work.head.customer_id,
      ).length,
    setAway: away => setFaults(desk.url, { down: away }),
    loseNextAnswer: () => setFaults(desk.url, { resetAfter: 1 }),
    loseNextCall: () => setFaults(desk.url, { resetBefore: 1 }),
    async close() {
      await port.close();
      await desk.close();
      await rm(directory, { recursive: true });
    },
  };
}

describeSinkPort('support desk', {
  open: openDesk,
  work: (customer, version) => supportWork({ customer, version }),
});

describe('a desk that misbehaves', () => {
  let target: Awaited<ReturnType<typeof openDesk>>;
  beforeEach(async () => {
    target = await openDesk();
  });
  afterEach(() => target.close());

  const planned = async (...works: SupportWork[]) => {
    const plans = await target.port.plan(
      works.map(work => ({ work, key: work.head.customer_id, workPosition: '', attempts: 0 })),
      context,
    );
    return plans.flatMap(plan => ('answer' in plan ? [] : [plan]));
  };

  test('one bad user of a batch is refused, the others go through', async () => {
    const other = supportWork({ customer: 9, version: 1 });
    await target.port.apply(await planned(other), context);
    const works = [1, 2, 3].map(customer => supportWork({ customer, version: 1 }));
    works[1] = supportWork({ customer: 2, version: 1, email: other.customer?.emails[0] ?? '' });
    const answers = await target.port.apply(await planned(...works), context);
    expect(answers.map(({ answer }) => answer)).toEqual(['applied', 'refused', 'applied']);
    expect(answers[1]).toMatchObject({ code: 'desk_refused', reason: expect.stringContaining('Email') });
  });

  test('too many requests: it asks for a rest, and says how long', async () => {
    await setFaults(target.url, { requestsPerSecond: 1 });
    const calls = [1, 2, 3].map(customer => planned(supportWork({ customer, version: 1 })));
    const errors = await Promise.allSettled(calls);
    expect(errors.map(({ status }) => status)).toContain('rejected');
    for (const each of errors)
      if (each.status === 'rejected')
        expect(each.reason).toMatchObject({ kind: 'unavailable', retryAfterMs: 1000 });
  });

  test('a job that nobody tells of any more is looked up', async () => {
    const works = [1, 2].map(customer => supportWork({ customer, version: 1 }));
    const plans = await planned(...works);
    await setFaults(target.url, { jobsExpired: true });
    expect((await target.port.apply(plans, context)).map(({ answer }) => answer)).toEqual([
      'unknown',
      'unknown',
    ]);
    const found = await target.port.lookUp(plans, context);
    expect(found.map(each => each?.answer)).toEqual(['applied', 'applied']);
  });

  test('a conflict in its database is no refusal', async () => {
    const plans = await planned(supportWork({ customer: 1, version: 1 }));
    await setFaults(target.url, { conflicts: 1 });
    expect(await target.port.apply(plans, context)).toMatchObject([{ answer: 'unknown' }]);
    expect(await target.port.lookUp(plans, context)).toEqual([null]);
  });

  test("an agent's edit is set right by the next telling of the same state", async () => {
    const work = supportWork({ customer: 1, version: 1 });
    await target.port.apply(await planned(work), context);
    await fetch(`${target.url}/api/v2/users/create_or_update.json`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${apiToken}` },
      body: JSON.stringify({
        user: { external_id: work.head.customer_id, user_fields: { keelson_plan: 'Gift' } },
      }),
    });
    const plans = await planned(work);
    expect(plans).toMatchObject([{ effect: 'update' }]);
    expect(await target.port.apply(plans, context)).toMatchObject([
      { answer: 'applied', values: { plan: 'Pro' } },
    ]);
  });

  test('a house customer never reaches it, whatever the routes say', async () => {
    const house = houseCustomerIdOf('stripe', 'acct_1');
    const work = supportWork({ customer: 1, version: 1, customerId: house });
    const item = { work, key: house, workPosition: '', attempts: 0 };
    expect(await target.port.plan([item], context)).toEqual([{ answer: 'filtered', rule: 'house-customer' }]);
  });

  test('what is not known any more is left as the desk has it', async () => {
    await target.port.apply(await planned(supportWork({ customer: 1, version: 1 })), context);
    const stub = supportWork({ customer: 1, version: 2, name: null, email: null });
    await target.port.apply(await planned(stub), context);
    const [user] = await readAllDeskUsers({ url: target.url, apiToken });
    expect(user).toMatchObject({ name: 'Customer 1', email: 'c1@example.com' });
  });
});

describe('the check', () => {
  let answer: string;
  let server: Server;
  let url: string;
  beforeAll(async () => {
    server = createServer((_, response) => response.end(answer));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
  });

  const refusal = async (secret = token): Promise<unknown> => {
    const port = portOn(url, secret);
    return port.check(context).then(
      () => undefined,
      async (error: unknown) => {
        await port.close();
        return error;
      },
    );
  };

  test('says which fields the desk lacks', async () => {
    answer = JSON.stringify({ user_fields: [{ key: 'keelson_plan', active: true }] });
    expect(await refusal()).toMatchObject({
      kind: 'misconfigured',
      code: 'desk_fields_missing',
      message: expect.stringContaining('keelson_status, keelson_renews_on'),
    });
  });

  test('sees that something else than a desk answers', async () => {
    answer = '<h1>Welcome</h1>';
    expect(await refusal()).toMatchObject({ kind: 'misconfigured', code: 'desk_not_there' });
  });

  test('a wrong key is misconfiguration, and is not shown', async () => {
    const target = await openDesk();
    const port = portOn(target.url, 'agent@example.com/token:another');
    const error = await port.check(context).catch((each: unknown) => each);
    expect(error).toMatchObject({ kind: 'misconfigured', code: 'desk_key' });
    expect(String(error)).not.toContain('another');
    await port.close();
    await target.close();
  });
});
