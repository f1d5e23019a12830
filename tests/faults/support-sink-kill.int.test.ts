import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { callDesk, createWorld, expectationsOf, readAllDeskUsers, startDesk } from '@keelson/sandbox';
import type { DeskTarget, RunningDesk } from '@keelson/sandbox';
import { differencesOf } from '../../infra/local/src/system/compare.ts';
import { readSecretFile } from '../../infra/local/src/system/secrets.ts';
import { createInstallation } from './harness/installation.ts';
import type { Installation } from './harness/installation.ts';
import { stopwatch } from './harness/report.ts';
import { companyDeliveries, killAtEachPoint, sinkPoints, strangerOf } from './harness/sink-kills.ts';

/* The real support sink on the sandbox's desk, killed once at each point: each customer is there once, as last known. */

let installation: Installation;
let desk: RunningDesk;
let target: DeskTarget;

beforeAll(async () => {
  installation = await createInstallation();
  const apiToken = await readSecretFile(installation.secrets.deskApiToken);
  desk = await startDesk({
    ...{ port: 0, dataDirectory: join(installation.folder, 'desk'), apiTokens: [apiToken] },
  });
  target = { url: desk.url, apiToken };
}, 300_000);

afterAll(async () => {
  await desk.close();
  await installation.close();
}, 60_000);

test('killed at each point: every customer is there once, every work has one receipt', async () => {
  const say = stopwatch('support-sink');
  const world = createWorld({ seed: 34, events: 200 });
  // Somebody else has this customer's address at the desk: refused, and parked.
  const { customer, email } = strangerOf(createWorld({ seed: 35, events: 200 }));
  const taken = await callDesk(target, 'POST', '/api/v2/users/create_or_update.json', {
    user: { external_id: 'somebody else', name: 'Somebody Else', email },
  });
  expect(taken.status).toBe(201);

  const { hits, works, receipts, open, wrong } = await killAtEachPoint({
    ...{ installation, service: 'support-sink', target: 'support', parking: 1 },
    deliveries: [customer, ...companyDeliveries(world)],
    env: { KEELSON_DESK_URL: target.url },
  });
  expect(hits).toEqual(sinkPoints.map(point => `support-sink:${point}`));
  expect(wrong).toEqual([]);
  expect(open).toBe(1);

  const deskUsers = await readAllDeskUsers(target);
  const found = { balances: [], partners: [], moves: [], countryCodes: new Map<number, string>(), deskUsers };
  const differences = differencesOf(expectationsOf(world), found).filter(({ where }) => where === 'desk');
  expect(differences).toEqual([]);
  const ids = deskUsers.map(user => user['external_id']);
  expect(new Set(ids).size).toBe(ids.length);
  say(`${works} works, ${receipts.length} receipts, ${deskUsers.length} users, ${open} open`);
}, 900_000);
