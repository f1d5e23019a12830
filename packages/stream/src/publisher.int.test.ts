import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Ingress } from '@keelson/contracts';
import { waitFor } from '@keelson/testkit';
import { connectAdmin } from './admin.ts';
import type { OutputRecord } from './api.ts';
import { silentLogger } from './logger.ts';
import { createPublisher, type Publisher, type PublisherOptions } from './publisher.ts';
import { createWorld, record, sample, startMs, type World } from './testing/support.ts';

let world: World;
let closing: (() => Promise<unknown>)[];
beforeEach(async () => {
  world = await createWorld();
  closing = [];
}, startMs);
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  await world.close();
});

function open(more: Partial<PublisherOptions> = {}): Publisher {
  const publisher = createPublisher({
    kafka: world.kafka,
    codec: world.codec,
    partitionCount: 2,
    logger: silentLogger,
    ...more,
  });
  closing.push(() => publisher.stop());
  return publisher;
}
const outputs = (from: number, count: number, text = ''): OutputRecord<typeof record>[] =>
  Array.from({ length: count }, (_, index) => ({
    topic: world.output,
    key: `k${(from + index) % 7}`,
    record: record,
    value: sample(`${from + index}${text}`),
  }));

/** A broker that answers until it is told to be silent: a port that passes bytes on, or keeps them. */
async function silenceable(): Promise<{
  kafka: World['kafka'];
  silence(): void;
  speak(): void;
  connections(): number;
}> {
  const [host = '', port = ''] = (world.kafka.brokers[0] ?? '').split(':');
  const sockets = new Set<Socket>();
  let silent = false;
  let connections = 0;
  const server: Server = createServer(client => {
    connections++;
    const broker = connect(Number(port), host);
    for (const [from, to] of [
      [client, broker],
      [broker, client],
    ] as const) {
      sockets.add(from);
      from.on('data', bytes => void (silent || to.write(bytes)));
      from.on('close', () => to.destroy());
      from.on('error', () => to.destroy());
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address() as { port: number };
  return {
    kafka: { ...world.kafka, brokers: [`127.0.0.1:${address.port}`] },
    silence: () => void (silent = true),
    speak: () => void (silent = false),
    connections: () => connections,
  };
}

describe('a publisher', () => {
  test('writes what many callers give it, in order per key, in few requests', async () => {
    const publisher = open({ lingerMs: 20 });
    await Promise.all(Array.from({ length: 200 }, (_, index) => publisher.publish(outputs(index * 2, 2))));
    const byKey = new Map<string, number[]>();
    for (const { key, value } of await world.read(world.output))
      byKey.set(key, [...(byKey.get(key) ?? []), Number((value as { delivery_id: string }).delivery_id)]);
    expect([...byKey.values()].flat()).toHaveLength(400);
    for (const numbers of byKey.values()) expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(publisher.bufferedBytes()).toBe(0);
  });

  test('splits what is too much for one record batch', async () => {
    const publisher = open();
    const large = 'x'.repeat(300_000);
    await publisher.publish(outputs(0, 9, large).map(each => ({ ...each, partition: 0 })));
    expect(await world.read(world.output)).toHaveLength(9);
  });

  test('stops only when everything it took is written', async () => {
    const publisher = open({ lingerMs: 60_000, deadlineMs: 120_000 });
    const written = publisher.publish(outputs(0, 5));
    await publisher.stop();
    await written;
    expect(await world.read(world.output)).toHaveLength(5);
    await expect(publisher.publish(outputs(0, 1))).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('says no at its deadline, never later, when the broker is not there', async () => {
    const publisher = open({ kafka: { ...world.kafka, brokers: ['127.0.0.1:1'] }, deadlineMs: 300 });
    const started = performance.now();
    await expect(publisher.publish(outputs(0, 1))).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'publisher_deadline',
    });
    expect(performance.now() - started).toBeLessThan(1_500);
    expect(publisher.healthy()).toBe(false);
  });

  test('when the broker falls silent: says no in time, holds no more than its limit, and works again afterwards', async () => {
    const broker = await silenceable();
    // With no broker of its own the client would go round the silent port: advertised addresses lead to the real one.
    const publisher = open({ kafka: broker.kafka, deadlineMs: 500, maxBufferedBytes: 100_000 });
    broker.silence();
    const text = 'x'.repeat(1_000);
    const answers = await Promise.allSettled(
      Array.from({ length: 300 }, (_, index) => publisher.publish(outputs(index, 1, text))),
    );
    expect(publisher.bufferedBytes()).toBeLessThanOrEqual(100_000);
    const codes = answers.map(each =>
      each.status === 'rejected' ? (each.reason as { code: string }).code : 'written',
    );
    expect(new Set(codes)).toEqual(new Set(['publisher_full', 'publisher_deadline']));
    broker.speak();
    let written = false;
    for (let attempt = 0; attempt < 40 && !written; attempt++)
      written = await publisher.publish(outputs(0, 1)).then(
        () => true,
        () => false,
      );
    expect(written).toBe(true);
  });

  test('is healthy only when a write was acknowledged again, though the broker answers all the while', async () => {
    let refusals = 0;
    const warn = (_: object, message: string): void => void (message === 'publishing failed' && refusals++);
    const admin = await connectAdmin(world.kafka, silentLogger);
    closing.push(() => admin.close());
    const publisher = open({ logger: { ...silentLogger, warn }, deadlineMs: 500 });
    await admin.setTopicConfig(world.output, { 'max.message.bytes': '1' });
    await waitFor('a refusal', () =>
      publisher.publish(outputs(0, 1)).then(
        () => undefined,
        () => true,
      ),
    );
    const before = refusals;
    let early = false;
    await waitFor(
      'three more refusals',
      () => {
        early ||= publisher.healthy();
        return refusals >= before + 3;
      },
      { timeoutMs: 60_000 },
    );
    expect(early).toBe(false);
    await admin.setTopicConfig(world.output, { 'max.message.bytes': '1048588' });
    await waitFor('health', () => publisher.healthy(), { timeoutMs: 60_000 });
  });

  test('after an outage it is healthy again without any traffic, and not before the broker answers', async () => {
    const broker = await silenceable();
    const publisher = open({ kafka: broker.kafka, deadlineMs: 500 });
    expect(publisher.healthy()).toBe(true);
    broker.silence();
    await expect(publisher.publish(outputs(1, 1))).rejects.toMatchObject({ code: 'publisher_deadline' });
    const asked = broker.connections();
    let early = publisher.healthy();
    await waitFor(
      'the broker to be asked three times',
      () => {
        early ||= publisher.healthy();
        return broker.connections() >= asked + 3;
      },
      { timeoutMs: 60_000 },
    );
    expect(early).toBe(false);
    broker.speak();
    await waitFor('health', () => publisher.healthy(), { timeoutMs: 60_000 });
    await publisher.publish(outputs(2, 1));
    const ids = (await world.read(world.output)).map(({ value }) => (value as Ingress).delivery_id);
    expect(ids.sort()).toEqual(['1', '2']);
  });
});
