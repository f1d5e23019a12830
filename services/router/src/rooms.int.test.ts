import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { topics } from '@keelson/contracts';
import type { Receipt, RecordByName, RecordName } from '@keelson/contracts';
import { connectAdmin, createPublisher, readTopic, runTasks, silentLogger } from '@keelson/stream';
import type { Admin, Codec, KafkaConnection, RunningTasks, TaskRecord } from '@keelson/stream';
import { platform, topicNames, waitFor } from '@keelson/testkit';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { routerRooms } from './rooms.ts';
import { testCodec } from './testing/memory-context.ts';
import { routerTopics, testPolicy } from './testing/policy.ts';
import { prefixed, prefixedCodec } from './testing/prefixed.ts';
import { stripeDelivery } from './testing/samples.ts';

const partitionCount = 2;
const policy = testPolicy();
const named = topicNames();
const names = routerTopics(policy);
const stateDirectory = mkdtempSync(join(tmpdir(), 'keelson-router-'));
const sample = (name: string): Buffer =>
  readFileSync(new URL(`../../../packages/sources/src/stripe/samples/current/${name}.json`, import.meta.url));

let kafka: KafkaConnection;
let codec: Codec;
let admin: Admin;
let rooms: RunningTasks[];

beforeAll(async () => {
  const { brokers } = await platform();
  kafka = { brokers: brokers.split(','), clientId: 'router-test' };
  codec = testCodec(names.map(named));
  admin = await connectAdmin(kafka, silentLogger);
  await admin.createTopics(
    names.map(name => ({ name: named(name), partitions: partitionCount, replicationFactor: 1, config: {} })),
  );
  await start();
}, 120_000);

async function start(): Promise<void> {
  const ports = { codec: prefixedCodec(codec, named), log: silentLogger, generationOf: () => 1 };
  rooms = routerRooms(policy, ports).map(definition =>
    runTasks(prefixed(definition, named), {
      kafka,
      codec,
      stateDirectory,
      partitionCount,
      logger: silentLogger,
    }),
  );
  await Promise.all(rooms.map(({ ready }) => ready));
}

const stop = (): Promise<unknown> => Promise.all(rooms.map(room => room.stop()));

afterAll(async () => {
  await stop();
  await admin.deleteTopics(names.map(named));
  await admin.close();
  rmSync(stateDirectory, { recursive: true, force: true });
}, 60_000);

async function read(topic: string): Promise<TaskRecord[]> {
  const records: TaskRecord[] = [];
  for await (const record of readTopic(named(topic), { kafka, codec })) records.push(record);
  return records;
}

async function valuesOn<R extends RecordName>(topic: string, record: R): Promise<RecordByName[R][]> {
  const records = await read(topic);
  return records.flatMap(each =>
    each.record === record && each.value !== null ? [each.value as RecordByName[R]] : [],
  );
}

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

async function deliver(...bodies: readonly Buffer[]): Promise<void> {
  const publisher = createPublisher({ kafka, codec, partitionCount, logger: silentLogger });
  try {
    await publisher.publish(
      bodies.flatMap(stripeDelivery).map(value => ({
        topic: named(topics.ingress('stripe')),
        key: value.alias,
        record: 'keelson.internal.Ingress',
        value,
        headers: { traceparent },
      })),
    );
  } finally {
    await publisher.stop();
  }
}

/** Receipts of one room about these deliveries: tests run in any order on the same topics. */
const receiptsOf = (target: string, bodies: readonly Buffer[]) => async (): Promise<Receipt[]> => {
  const ids = bodies.map(body => (JSON.parse(body.toString()) as { id: string }).id);
  const all = await valuesOn(topics.receipts, 'keelson.internal.Receipt');
  const positions = all.filter(({ event_id }) => ids.includes(event_id)).map(({ position }) => position);
  return all.filter(receipt => receipt.target === target && positions.includes(receipt.position));
};

test('a customer and an invoice end as events, states, works and receipts, once', async () => {
  const bodies = [sample('customer-created'), sample('invoice-finalized')];
  await deliver(...bodies);
  const resolved = await waitFor('two deliveries to be mapped', receiptsOf('resolve', bodies), {
    until: receipts => receipts.length === 2,
  });
  expect(resolved.map(({ outcome }) => outcome)).toEqual(['mapped', 'mapped']);
  const facts = resolved.reduce((sum, receipt) => sum + (receipt.facts ?? 0), 0);
  const routed = await waitFor('every fact to be routed', receiptsOf('route', bodies), {
    until: receipts => receipts.length === facts,
  });
  expect(new Set(routed.map(({ outcome }) => outcome))).toEqual(new Set(['published']));

  const [customer] = await valuesOn('customer.events', 'keelson.customer.CustomerUpserted');
  const [invoice] = await valuesOn('billing.events', 'keelson.billing.InvoiceFinalized');
  expect(invoice?.head.customer_id).toBe(customer?.head.customer_id);
  const states = await valuesOn(topics.customerState, 'keelson.state.CustomerState');
  expect(states.map(({ customer_id }) => customer_id)).toContain(customer?.head.customer_id);
  const works = routed.flatMap(receipt => receipt.works);
  const count = (target: string): number => works.filter(each => each === target).length;
  expect(await valuesOn(topics.sink('finance'), 'keelson.work.FinanceWork')).toHaveLength(count('finance'));
  expect(count('odoo')).toBe(2);
  expect(await valuesOn(topics.sinkBulk('odoo'), 'keelson.work.OdooWork')).toHaveLength(1);
  expect(await valuesOn(topics.sink('odoo'), 'keelson.work.OdooWork')).toHaveLength(1);
  const events = await read('billing.events');
  expect(events[0]?.headers).toMatchObject({ traceparent, ce_type: 'billing.invoice_finalized' });

  // The same again, after a restart that has to restore both rooms: nothing new but two duplicates.
  await stop();
  rmSync(stateDirectory, { recursive: true, force: true });
  await start();
  await deliver(...bodies);
  const again = await waitFor('the second time to be seen', receiptsOf('resolve', bodies), {
    until: receipts => receipts.length === 4,
  });
  expect(again.filter(({ outcome }) => outcome === 'duplicate')).toHaveLength(2);
  expect(await read('billing.events')).toHaveLength(events.length);
}, 60_000);

test('what cannot be read is in rejected with its bytes, and the partition goes on', async () => {
  const poison = Buffer.from('{not json');
  await deliver(poison, sample('product-created'));
  await waitFor('the product to be told', () => read('catalog.events'), { until: all => all.length === 1 });
  const rejected = await waitFor(
    'the rejected bytes',
    () => valuesOn(topics.rejected, 'keelson.internal.Rejected'),
    { until: all => all.length === 1 },
  );
  expect(rejected[0]).toMatchObject({ error_code: 'not_json', source: 'stripe', value: poison });
}, 60_000);
