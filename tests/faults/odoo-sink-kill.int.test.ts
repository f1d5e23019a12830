import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { join } from 'node:path';
import {
  createWorld,
  expectationsOf,
  odooResult,
  readAllMoves,
  readAllPartners,
  startOdoo,
} from '@keelson/sandbox';
import type { OdooTarget, RunningOdoo } from '@keelson/sandbox';
import { differencesOf } from '../../infra/local/src/system/compare.ts';
import type { Difference } from '../../infra/local/src/system/compare.ts';
import { odooDatabase } from '../../infra/local/src/system/environment.ts';
import { readSecretFile } from '../../infra/local/src/system/secrets.ts';
import { createInstallation } from './harness/installation.ts';
import type { Installation } from './harness/installation.ts';
import { stopwatch } from './harness/report.ts';
import { companyDeliveries, killAtEachPoint, sinkPoints, strangerOf } from './harness/sink-kills.ts';

/* The real Odoo sink on the sandbox's Odoo, killed once at each point: each partner and each invoice is there once. */

let installation: Installation;
let odoo: RunningOdoo;
let target: OdooTarget;

beforeAll(async () => {
  installation = await createInstallation();
  const apiKey = await readSecretFile(installation.secrets.odooApiKey);
  odoo = await startOdoo({
    ...{ port: 0, dataDirectory: join(installation.folder, 'odoo') },
    ...{ database: odooDatabase, apiKeys: [apiKey], freeNumbers: true },
  });
  target = { url: odoo.url, database: odooDatabase, apiKey };
}, 300_000);

afterAll(async () => {
  await odoo.close();
  await installation.close();
}, 60_000);

/** What Odoo holds, against what the company knows. */
async function differences(expected: ReturnType<typeof expectationsOf>): Promise<Difference[]> {
  const countries = await odooResult(target, 'res.country', 'search_read', { domain: [], fields: ['code'] });
  const found = {
    ...{ balances: [], deskUsers: [] },
    partners: await readAllPartners(target),
    moves: await readAllMoves(target),
    countryCodes: new Map((countries as { id: number; code: string }[]).map(({ id, code }) => [id, code])),
  };
  return differencesOf(expected, found).filter(({ where }) => where === 'odoo');
}

/** External ids that stand for more than one record, or records that have none. */
const repeated = (records: readonly Record<string, unknown>[], field: string): unknown[] => {
  const values = records.map(record => record[field]).filter(value => value !== false);
  return values.filter((value, index) => values.indexOf(value) !== index);
};

test('killed at each point: every partner and invoice is there once, every work has one receipt', async () => {
  const say = stopwatch('odoo-sink');
  const world = createWorld({ seed: 32, events: 200 });
  // A currency that is not active in Odoo: refused, and parked.
  const { customer, invoice } = strangerOf(createWorld({ seed: 33, events: 200 }));
  const refused = { ...invoice, body: invoice.body.replaceAll(/"currency": "\w+"/g, '"currency": "sek"') };
  const { hits, works, receipts, open, wrong } = await killAtEachPoint({
    ...{ installation, service: 'odoo-sink', target: 'odoo', parking: 2 },
    deliveries: [customer, refused, ...companyDeliveries(world)],
    env: { KEELSON_ODOO_URL: target.url },
  });
  expect(hits).toEqual(sinkPoints.map(point => `odoo-sink:${point}`));
  expect(wrong).toEqual([]);
  expect(open).toBe(1);
  expect(await differences(expectationsOf(world))).toEqual([]);

  const [partners, moves] = [await readAllPartners(target), await readAllMoves(target)];
  expect(repeated(partners, 'ref')).toEqual([]);
  expect(repeated(moves, 'name')).toEqual([]);
  const effects = receipts.filter(({ outcome }) => outcome === 'applied' || outcome === 'already');
  say(
    `${works} works, ${effects.length} effects, ${partners.length} partners, ${moves.length} moves, ${open} open`,
  );
}, 900_000);
