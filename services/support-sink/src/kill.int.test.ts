import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Receipt, SupportWork } from '@keelson/contracts';
import { schemas, topics } from '@keelson/contracts';
import { readAllDeskUsers, startDesk } from '@keelson/sandbox';
import type { RunningDesk } from '@keelson/sandbox';
import type { SinkFaultPoint } from '@keelson/sink';
import {
  connectAdmin,
  createCodec,
  createPublisher,
  readTopic,
  silentLogger,
  Undecodable,
} from '@keelson/stream';
import type { Admin, Codec } from '@keelson/stream';
import { platform, startNode, uniqueName, waitFor } from '@keelson/testkit';
import type { MemberArguments } from './testing/member.ts';
import { supportWork } from './testing/works.ts';

const partitions = 3;
const customers = 12;
const versions = 3;
const apiToken = 'token-of-the-desk';
const script = join(import.meta.dirname, 'testing', 'member.ts');
const directory = mkdtempSync(join(tmpdir(), 'keelson-support-'));

let desk: RunningDesk;
let admin: Admin;
let brokers: string[];
beforeAll(async () => {
  brokers = (await platform()).brokers.split(',');
  admin = await connectAdmin({ brokers, clientId: 'test' }, silentLogger);
  desk = await startDesk({ port: 0, dataDirectory: directory, apiTokens: [apiToken] });
}, 180_000);
afterAll(async () => {
  await desk.close();
  await admin.close();
});

interface World {
  readonly target: string;
  readonly given: string;
  readonly codec: Codec;
  readonly works: readonly SupportWork[];
  /** Where the shared topic of receipts ended before. */
  readonly from: ReadonlyMap<number, bigint>;
}

/** A target of its own, and three states of each of twelve customers in line; one that the desk will refuse. */
async function createWorld(): Promise<World> {
  const target = uniqueName('support');
  const kept = [topics.parked(target), topics.standing(`${target}-sink`)];
  const own = [
    topics.control(`${target}-sink`),
    topics.sink(target),
    topics.sinkBulk(target),
    topics.replay(target),
  ];
  await admin.createTopics(
    [...own, ...kept, topics.receipts, topics.audit].map(name => ({
      name,
      partitions,
      replicationFactor: 1,
      config: kept.includes(name) ? { 'cleanup.policy': 'compact' } : {},
    })),
  );
  const all = [...own, ...kept, topics.receipts, topics.audit].flatMap(topic =>
    Object.keys(schemas).map(record => `${topic}-${record}`),
  );
  const ids = Object.fromEntries(all.map((subject, index) => [subject, index + 1]));
  const codec = createCodec({ schemas, ids });
  const member: MemberArguments = {
    target,
    brokers,
    ids,
    partitions,
    stateDirectory: join(directory, target),
    deskUrl: desk.url,
    token: apiToken,
  };
  const given = join(directory, `${target}.json`);
  writeFileSync(given, JSON.stringify(member));
  const from = new Map(
    (await admin.topicOffsets(topics.receipts)).map(({ partition, end }) => [partition, end]),
  );
  const works = Array.from({ length: customers * versions }, (_, index) => {
    const customer = index % customers;
    const email = customer === 0 ? 'taken@example.com' : `${target}-${customer}@example.com`;
    return supportWork({
      customer,
      version: 1 + Math.floor(index / customers),
      customerId: `${target}-${customer}`,
      email,
    });
  });
  const publisher = createPublisher({
    kafka: { brokers, clientId: 'test' },
    codec,
    partitionCount: partitions,
    logger: silentLogger,
    deadlineMs: 20_000,
  });
  await publisher.publish(
    works.map(value => ({
      topic: topics.sink(target),
      key: value.head.customer_id,
      record: 'keelson.work.SupportWork' as const,
      value,
    })),
  );
  await publisher.stop();
  return { target, given, codec, works, from };
}

async function lagOf(target: string): Promise<number> {
  const topic = topics.sink(target);
  const committed = (await admin.groupOffsets(`${target}-sink-${target}`, [topic])).get(topic);
  return (await admin.topicOffsets(topic)).reduce(
    (sum, { partition, end }) => sum + Number(end - (committed?.get(partition) ?? 0n)),
    0,
  );
}

/** Other tests write to the topic of receipts, too, with ids of their own: what is not ours is left out. */
async function receiptsOf({ codec, works, from }: World): Promise<Receipt[]> {
  const ours = new Set(works.map(({ head }) => head.event_id));
  const tolerant: Codec = {
    ...codec,
    decode(bytes) {
      try {
        return codec.decode(bytes);
      } catch (error) {
        throw new Undecodable('not ours', { cause: error });
      }
    },
  };
  const found: Receipt[] = [];
  for await (const { record, value } of readTopic(topics.receipts, {
    kafka: { brokers, clientId: 'test' },
    codec: tolerant,
    from,
  }))
    if (record === 'keelson.internal.Receipt' && value !== null && ours.has(value.event_id))
      found.push(value);
  return found;
}

async function parkedOf({ target, codec }: World): Promise<Map<string, string>> {
  const open = new Map<string, string>();
  for await (const { key, value, record } of readTopic(topics.parked(target), {
    kafka: { brokers, clientId: 'test' },
    codec,
  })) {
    if (value === null) open.delete(key);
    else if (record === 'keelson.internal.Parked') open.set(key, value.event_id ?? '');
  }
  return open;
}

const points: readonly SinkFaultPoint[] = [
  'before_call',
  'call_sent',
  'response_unseen',
  'outcome_unrecorded',
  'parked_unacknowledged',
  'offset_uncommitted',
];

describe('killed and started again', () => {
  beforeAll(async () => {
    await fetch(`${desk.url}/api/v2/users/create_or_update.json`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${apiToken}` },
      body: JSON.stringify({
        user: { external_id: 'somebody', name: 'Somebody', email: 'taken@example.com' },
      }),
    });
  });

  test.each(points)(
    'at %s: every work ends once, every customer is shown as it is',
    async point => {
      const world = await createWorld();
      const killed = startNode(script, [world.given], { env: { KEELSON_FAULT_POINT: `member:${point}:1` } });
      await killed.line(`fault point member:${point}`, { timeoutMs: 60_000 });
      expect(await killed.exited).toEqual({ code: null, signal: 'SIGKILL' });
      expect(await lagOf(world.target)).toBeGreaterThan(0);

      const again = startNode(script, [world.given]);
      await waitFor('the rest', () => lagOf(world.target), { until: lag => lag === 0, timeoutMs: 60_000 });
      await again.kill('SIGTERM');

      const receipts = await receiptsOf(world);
      const open = [...(await parkedOf(world)).values()];
      const ended = receipts.map(({ event_id }) => event_id);
      const all = world.works.map(({ head }) => head.event_id);
      expect([...ended, ...open].sort()).toEqual([...all].sort());
      expect(open).toHaveLength(versions);
      const users = (await readAllDeskUsers({ url: desk.url, apiToken })).filter(({ external_id }) =>
        String(external_id).startsWith(`${world.target}-`),
      );
      expect(users).toHaveLength(customers - 1);
      for (const { user_fields } of users)
        expect(user_fields).toMatchObject({ keelson_version: `${versions}.1` });
    },
    180_000,
  );
});
