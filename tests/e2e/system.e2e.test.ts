/** The whole system as `npm start` brings it up: its own platform, every service as a process, the stand-ins outside. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { customerIdOf, headers, topics } from '@keelson/contracts';
import type { Ingress, Receipt, Rejected } from '@keelson/contracts';
import { callDesk, odooResult, stripeSignature } from '@keelson/sandbox';
import { follow, readTopic } from '@keelson/stream';
import type { Codec, KafkaConnection } from '@keelson/stream';
import { waitFor } from '@keelson/testkit';
import pg from 'pg';
import { check, expectationsFor } from '../../infra/local/src/system/check.ts';
import type { Verdict } from '../../infra/local/src/system/check.ts';
import { odooDatabase, stripeAccount, urlOf } from '../../infra/local/src/system/environment.ts';
import { readCodec, readTopology } from '../../infra/local/src/system/installation.ts';
import { run } from '../../infra/local/src/system/run.ts';
import { readSecretFile } from '../../infra/local/src/system/secrets.ts';
import { startSystem } from '../../infra/local/src/system/system.ts';
import type { System } from '../../infra/local/src/system/system.ts';
import { atRest } from '../../infra/local/src/system/watch.ts';
import type { Json } from './books/json.ts';
import { booksOf } from './books/oracle.ts';
import { entriesSince, eventIdOf, inLedger, lastEntryNo } from './ledger-entries.ts';

const dataDirectory = mkdtempSync(join(tmpdir(), 'keelson-e2e-'));
const seed = 11;
const events = 120;
const expected = expectationsFor(seed, events);
const said: string[] = [];
const screen = { draw: () => undefined, say: (line: string) => void said.push(line) };
const options = {
  dataDirectory,
  traffic: true,
  events,
  seed,
  ratePerSecond: undefined,
  exit: true,
  again: false,
};

let system: System;
let codec: Codec;
let kafka: KafkaConnection;
let exitCode: number;

beforeAll(async () => {
  system = await startSystem(dataDirectory, screen.say);
  codec = readCodec(system.places.schemaIdsFile);
  kafka = { clientId: 'e2e', brokers: system.addresses.brokers.split(',') };
  exitCode = await run(system, { ...options, again: true }, screen, new AbortController().signal);
}, 400_000);

afterAll(async () => {
  await system.stop();
  rmSync(dataDirectory, { recursive: true, force: true });
}, 60_000);

const verdict = () => check(system, codec, readTopology(), expected);

interface Seen<T> {
  readonly value: T;
  readonly headers: Readonly<Record<string, string>>;
}

/** Follows a topic from its start until `enough`; fails with what it was waiting for when the time is over. */
async function collect<T>(
  topic: string,
  what: string,
  enough: (seen: readonly Seen<T>[]) => boolean,
): Promise<readonly Seen<T>[]> {
  const seen: Seen<T>[] = [];
  for await (const record of follow(topic, { kafka, codec, signal: AbortSignal.timeout(60_000) })) {
    seen.push({ value: record.value as T, headers: record.headers });
    if (enough(seen)) return seen;
  }
  throw new Error(`${topic}: no ${what} within a minute, among ${seen.length} records`);
}

async function postStripe(
  body: string,
  extra: Record<string, string> = {},
  secret?: string,
): Promise<Response> {
  const signature = stripeSignature(
    secret ?? (await readSecretFile(system.secrets.stripe)),
    Math.floor(Date.now() / 1000),
    body,
  );
  return fetch(`${urlOf(system.addresses.ingestorPort)}/webhooks/stripe`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'stripe-signature': signature, ...extra },
    body,
  });
}

describe('a run of the sandbox company', () => {
  test('ends with no difference, and the same deliveries once more change nothing', () => {
    expect({ exitCode, said: exitCode === 0 ? [] : said }).toEqual({ exitCode: 0, said: [] });
    const report = JSON.parse(readFileSync(join(dataDirectory, 'report.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    expect(report).toMatchObject({ differences: 0, ledger: { balanced: true } });
  });

  test('another seed in the same stores passes too', async () => {
    expect(await run(system, { ...options, seed: seed + 1 }, screen, new AbortController().signal)).toBe(0);
  }, 240_000);
});

describe('the check sees what is not as it was', () => {
  test('one ledger row', async () => {
    const client = new pg.Client({ connectionString: system.ledgerOwnerUrl });
    await client.connect();
    const alter = async (by: number): Promise<void> => {
      await client.query('begin');
      // Only with superuser rights, and only by switching the ledger's own guards off.
      const { rows: guards } = await client.query<{ name: string }>(
        `select tgname as name from pg_trigger where tgrelid = 'ledger.line'::regclass and tgenabled = 'A'`,
      );
      for (const { name } of guards) await client.query(`alter table ledger.line disable trigger ${name}`);
      const changed = await client.query(
        `update ledger.line set amount_minor = amount_minor + $1
          where (entry_id, line_no) = (select l.entry_id, l.line_no from ledger.line l join ledger.entry e using (entry_id)
            where e.customer_id = $2 order by 1, 2 limit 1)`,
        [by, customerIdOf(`stripe:${stripeAccount}:${expected.odoo.invoices[0]?.customerId ?? ''}`)],
      );
      for (const { name } of guards)
        await client.query(`alter table ledger.line enable always trigger ${name}`);
      await client.query('commit');
      expect(changed.rowCount).toBe(1);
    };
    try {
      await alter(1);
      const { passed, ledger, differences } = await verdict();
      expect({ passed, balanced: ledger.balanced, where: differences.map(({ where }) => where) }).toEqual({
        passed: false,
        balanced: false,
        where: ['ledger'],
      });
      await alter(-1);
      expect(await verdict()).toMatchObject({ passed: true, differences: [] });
    } finally {
      await client.end();
    }
  });

  test('one partner', async () => {
    const odoo = {
      url: urlOf(system.addresses.odooPort),
      database: odooDatabase,
      apiKey: await readSecretFile(system.secrets.odooApiKey),
    };
    const want = expected.odoo.partners[0];
    const [partner] = (await odooResult(odoo, 'res.partner', 'search_read', {
      domain: [['ref', '=like', `${customerIdOf(`stripe:${stripeAccount}:${want?.customerId ?? ''}`)}/%`]],
      fields: ['name'],
      context: { active_test: false },
    })) as { id: number; name: string }[];
    const write = (name: string | undefined) =>
      odooResult(odoo, 'res.partner', 'write', { ids: [partner?.id], vals: { name } });
    await write('Somebody Else');
    expect(await verdict()).toMatchObject({
      passed: false,
      differences: [{ where: 'odoo', what: 'name', found: 'Somebody Else' }],
    });
    await write(partner?.name);
    expect(await verdict()).toMatchObject({ passed: true });
  });

  test('one field at the desk', async () => {
    const desk = {
      url: urlOf(system.addresses.deskPort),
      apiToken: await readSecretFile(system.secrets.deskApiToken),
    };
    const want = expected.desk.customers[0];
    const write = (country: string | undefined) =>
      callDesk(desk, 'POST', '/api/v2/users/create_or_update.json', {
        user: {
          external_id: customerIdOf(`stripe:${stripeAccount}:${want?.customerId ?? ''}`),
          name: want?.name,
          email: want?.email,
          user_fields: { keelson_country: country },
        },
      });
    await write('XX');
    expect(await verdict()).toMatchObject({
      passed: false,
      differences: [{ where: 'desk', what: 'keelson_country', found: 'XX' }],
    });
    await write(want?.country);
    expect(await verdict()).toMatchObject({ passed: true });
  });
});

describe('one webhook', () => {
  test('is followed by its trace from the sender through every topic to its receipt in all three sinks', async () => {
    const name = randomBytes(7).toString('hex');
    const send = async (traceId: string, type: string, object: Json): Promise<string> => {
      const id = `evt_${randomBytes(9).toString('hex')}`;
      const event = { id, object: 'event', type, api_version: '2020-03-02', created: 1_780_000_000 };
      const answer = await postStripe(JSON.stringify({ ...event, livemode: false, data: { object } }), {
        traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`,
      });
      expect(answer.status).toBe(200);
      return id;
    };
    const customer = { id: `cus_${name}`, object: 'customer', name: 'Traced', email: `${name}@example.com` };
    await send(randomBytes(16).toString('hex'), 'customer.created', { ...customer, created: 1_780_000_000 });
    // Told overdue before anything else of it was: work for Odoo and the ledger, and context for the desk.
    const traceId = randomBytes(16).toString('hex');
    const id = await send(traceId, 'invoice.overdue', {
      id: `in_${name}`,
      object: 'invoice',
      customer: customer.id,
      number: name,
      status: 'open',
      currency: 'eur',
      created: 1_780_000_000,
      due_date: 1_780_000_000,
      total: 1200,
      amount_due: 1200,
      lines: { data: [{ id: `il_${name}`, object: 'line_item', amount: 1200, quantity: 1 }] },
    });

    const traced = (record: Seen<unknown>): boolean =>
      record.headers[headers.traceparent]?.includes(traceId) === true;
    // The desk may have been told the same with the customer, just before: then it has it already.
    const done = new Set(['mapped', 'published', 'applied', 'already']);
    const places = ['resolve', 'route', 'odoo', 'finance', 'support'];
    const receipts = await collect<Receipt>(
      topics.receipts,
      `receipt of each: ${places.join(', ')}`,
      seen => {
        const told = seen.filter(record => traced(record) && done.has(record.value.outcome));
        return places.every(place => told.some(({ value }) => value.target === place));
      },
    );
    const position = receipts.find(({ value }) => value.event_id === id)?.value.position;
    expect(position).toMatch(/^ingress\.stripe\//);

    // Wherever the delivery comes by, all of it has its sender's trace, and nothing else has.
    const comesBy = async <T>(topic: string, isOf: (record: Seen<T>) => boolean): Promise<void> => {
      const seen = await collect<T>(topic, `record of ${id}`, records => records.some(isOf));
      expect({ topic, strays: seen.filter(record => traced(record) !== isOf(record)) }).toEqual({
        topic,
        strays: [],
      });
    };
    const byPosition = ({ value }: Seen<{ readonly position: string }>): boolean =>
      value.position === position;
    expect(receipts.filter(record => traced(record) !== byPosition(record))).toEqual([]);
    await comesBy<Ingress>(topics.ingress('stripe'), ({ value }) => value.delivery_id === id);
    await comesBy(topics.resolved, byPosition);
    await comesBy('billing.events', record => record.headers[headers.position] === position);
    for (const topic of [topics.sinkBulk('odoo'), topics.sink('finance'), topics.sink('support')])
      await comesBy(topic, byPosition);
  }, 120_000);
});

describe('bad input', () => {
  const ingress = async (): Promise<number> => {
    const { sums } = await verdict();
    return sums.deliveries.entered;
  };

  test('a forged or stale signature, an unknown source and a body too large store nothing', async () => {
    const before = await ingress();
    const body = '{"id":"evt_x","type":"customer.created","data":{"object":{}}}';
    expect((await postStripe(body, {}, 'whsec_wrong')).status).toBe(401);
    const stale = stripeSignature(
      await readSecretFile(system.secrets.stripe),
      Math.floor(Date.now() / 1000) - 3600,
      body,
    );
    expect((await postStripe(body, { 'stripe-signature': stale })).status).toBe(401);
    const unknown = await fetch(`${urlOf(system.addresses.ingestorPort)}/webhooks/nobody`, {
      method: 'POST',
      body,
    });
    expect(unknown.status).toBe(404);
    expect((await postStripe('x'.repeat(800 * 1024))).status).toBe(413);
    expect(await ingress()).toBe(before);
  });

  test('what cannot be read after it was accepted is rejected with its original bytes', async () => {
    const body = `not JSON at all ${randomBytes(6).toString('hex')}`;
    expect((await postStripe(body)).status).toBe(200);
    const rejected = await collect<Rejected>(topics.rejected, 'rejected delivery', seen =>
      seen.some(({ value }) => value.value.toString() === body),
    );
    expect(rejected.at(-1)?.value).toMatchObject({
      source: 'stripe',
      topic: 'ingress.stripe',
      error_code: 'not_json',
    });
  }, 90_000);
});

/**
 * Nobody outside knows what these events name without carrying it: balance transactions and customers that are asked for
 * are not found, and a refund or dispute waits for a charge that nobody sent, until that too is not found and it goes to
 * the house customer. Their money is posted all the same; only fees are told by none of them.
 */
describe('events that the sandbox did not make', () => {
  const own = join(import.meta.dirname, '../../packages/sources/src/stripe/samples');
  const foreign = process.env['KEELSON_SAMPLES'];
  const directories = [
    join(own, 'old'),
    join(own, 'current'),
    ...(foreign === undefined ? [] : [join(foreign, 'stripe/events')]),
  ];

  test.each(directories)(
    '%s: each ends in a terminal outcome other than rejected, and its money stands in the ledger to the cent',
    async directory => {
      const texts = readdirSync(directory)
        .map(file => readFileSync(join(directory, file), 'utf8'))
        .map(text => (directory.startsWith(own) ? asOwnObjects(text, basename(directory)) : text));
      const events = texts.map(text => JSON.parse(text) as Json);
      const before = (await verdict()).sums;
      const lastEntry = await lastEntryNo(system.ledgerOwnerUrl);
      for (const text of texts) expect((await postStripe(text)).status).toBe(200);
      const after = await waitFor('everything at rest', async () => (await verdict()).sums, {
        until: sums => atRest(sums, before.deliveries.entered + events.length),
        timeoutMs: 90_000,
      });
      expect(troublesOf(after)).toEqual(troublesOf(before));

      const receipts = await readReceipts();
      for (const { id } of events) {
        const about = receipts.filter(({ target, event_id }) => target === 'resolve' && event_id === id);
        // An id that several of these events have, as others' samples do, has a receipt for each.
        expect(about).toHaveLength(events.filter(other => other['id'] === id).length);
        for (const { outcome } of about) expect(['mapped', 'filtered']).toContain(outcome);
      }

      const { entries, unposted } = booksOf(events);
      expect(entries.length).toBeGreaterThan(0);
      expect(await entriesSince(system.ledgerOwnerUrl, lastEntry)).toEqual(inLedger(entries));
      expect(unposted.length).toBeGreaterThan(0);
      for (const fact of unposted) {
        const about = receipts.find(
          ({ target, event_id }) => target === 'finance' && event_id === eventIdOf(fact),
        );
        expect({ ...fact, outcome: about?.outcome, rule: about?.rule }).toEqual({
          ...fact,
          outcome: 'filtered',
        });
      }
    },
    150_000,
  );

  /** Our own samples of both ages tell of the same objects: under names of its own each age posts its own money. */
  const asOwnObjects = (text: string, age: string): string =>
    text
      .replaceAll(/"((?:cus|sub|in|inpay|ch|pi|pr|re|cn|dp|po|txn)_|AA)(?=\w)/g, `"$1${age}`)
      .replaceAll('@', `.${age}@`);

  const troublesOf = ({ deliveries, facts, works }: Verdict['sums']): readonly number[] =>
    [deliveries, facts, ...Object.values(works)].map(
      ({ open, concluded }) => (open['exception'] ?? 0) + (concluded['rejected'] ?? 0),
    );

  async function readReceipts(): Promise<readonly Receipt[]> {
    const receipts: Receipt[] = [];
    for await (const { value } of readTopic(topics.receipts, { kafka, codec }))
      receipts.push(value as Receipt);
    return receipts;
  }
});
