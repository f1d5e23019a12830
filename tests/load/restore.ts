import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { join } from 'node:path';
import { schemas } from '@keelson/contracts';
import type { CustomerState } from '@keelson/contracts';
import { createCodec, createPublisher, runTasks, silentLogger } from '@keelson/stream';
import type { Codec, KafkaConnection, StoreDefinition } from '@keelson/stream';
import { createLogReader } from '../../packages/stream/src/client/index.ts';
import type { BenchOptions, Result } from './report.ts';
import { openSite } from './site.ts';

const store: StoreDefinition = { topic: 'bench.state', record: 'keelson.state.CustomerState' };
const input = 'bench.input';
const perSend = 1_000;

/** One task's store of customers brought back from its changelog alone, against just reading that changelog. */
export async function benchRestore({ quick, say }: BenchOptions): Promise<Result> {
  const count = quick ? 20_000 : 1_000_000;
  const site = await openSite(say);
  try {
    const { kafka } = site;
    await site.admin.createTopics([
      { name: store.topic, partitions: 1, replicationFactor: 1, config: { 'cleanup.policy': 'compact' } },
      { name: input, partitions: 1, replicationFactor: 1, config: {} },
    ]);
    const ids = { [`${store.topic}-${store.record}`]: 1 };
    const codec = createCodec({ schemas, ids });
    say(`writing ${count} states`);
    const bytes = await writeStates(kafka, codec, count);
    // What wrote them is collected, and the broker has flushed, before anything is timed.
    await wait(quick ? 0 : 10_000);
    say('reading alone');
    const reading = await seconds(() => readAll(kafka));
    say('restoring');
    const before = process.cpuUsage();
    const restoring = await seconds(async () => {
      const tasks = runTasks(
        {
          ...{ service: 'bench', room: 'restore', inputs: [input], stores: [store] },
          createHandler: () => ({ process: () => undefined }),
        },
        {
          ...{ kafka, codec, logger: silentLogger, partitionCount: 1 },
          stateDirectory: join(site.folder, 'restored'),
        },
      );
      await tasks.ready;
      stop = () => tasks.stop();
    });
    const { user, system } = process.cpuUsage(before);
    await stop();
    return {
      name: 'restore',
      how: `${count} customer states of ${Math.round(bytes / count)} bytes in one partition; from the start of the task (joining the group, fencing) until it runs`,
      figures: [
        { what: 'restore', value: restoring, unit: 's', goal: { under: 15 } },
        { what: 'restore, CPU', value: (user + system) / 1e6, unit: 's' },
        { what: 'ceiling: reading alone', value: reading, unit: 's' },
        { what: 'restore / reading alone', value: restoring / reading, unit: '×' },
      ],
    };
  } finally {
    await site.close();
  }
}

let stop = async (): Promise<void> => undefined;

async function seconds(work: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await work();
  return (performance.now() - startMs) / 1000;
}

async function writeStates(kafka: KafkaConnection, codec: Codec, count: number): Promise<number> {
  const publisher = createPublisher({
    ...{ kafka, codec, partitionCount: 1, logger: silentLogger },
    ...{ deadlineMs: 60_000, lingerMs: 0 },
  });
  for (let written = 0; written < count; written += perSend) {
    const states = Array.from({ length: Math.min(perSend, count - written) }, stateOf);
    await publisher.publish(
      states.map(value => ({
        ...{ topic: store.topic, key: value.customer_id, value },
        record: 'keelson.state.CustomerState' as const,
      })),
    );
  }
  await publisher.stop();
  return codec.encode(store.topic, 'keelson.state.CustomerState', stateOf()).length * count;
}

async function readAll(kafka: KafkaConnection): Promise<void> {
  const reader = createLogReader(kafka, silentLogger);
  await reader.connect([store.topic]);
  const at = { topic: store.topic, partition: 0 };
  const { earliest, stableEnd } = await reader.bounds(at.topic, at.partition);
  for (let offset = earliest; offset < stableEnd;) {
    const [page] = await reader.fetch(reader.leaderOf(at.topic, 0), [{ ...at, offset }], 500);
    if (page === undefined) throw new Error('no answer');
    offset = page.next;
  }
  await reader.close();
}

function stateOf(): CustomerState {
  const id = randomUUID();
  return {
    ...{ customer_id: id, version: 3, legal_entity: 'main', livemode: true },
    aliases: [`stripe:acct_1Lantern:cus_${id.slice(-12)}`, `api:own:${id.slice(0, 8)}`],
    contract_ids: [randomUUID()],
    ...{ legal_name: `Example ${id.slice(0, 6)} GmbH`, emails: [`billing.${id.slice(0, 6)}@example.com`] },
    phone: '+43 1 5550100',
    address: {
      ...{ line1: 'Ringstrasse 12', line2: null, city: 'Wien', postal_code: '1010' },
      ...{ state: null, country: 'AT' },
    },
    tax_ids: [],
    tax_ids_version: null,
    ...{ country: 'AT', language: 'de', currency: 'EUR', tax_exempt: 'none', is_company: true },
    ...{ delinquent: false, disputes_open: 0, entitlements: [], entitlements_version: null },
    ...{ deleted: false, merged_into: null, erased_at: null, house: false },
    source_version: { at: 1_760_000_000_000_000, rank: 2, id: `evt_${id.slice(0, 13)}` },
    updated_at: 1_760_000_000_000_000,
  };
}
