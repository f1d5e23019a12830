import { topics } from '@keelson/contracts';
import type { Policy } from '@keelson/contracts';
import type { Codec, TaskDefinition } from '@keelson/stream';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chunks } from '../../packages/stream/src/outgoing.ts';
import type { Outgoing } from '../../packages/stream/src/outgoing.ts';
import { createStateStore, openLocalStore } from '../../packages/stream/src/state-store/index.ts';
import { createBatchWork } from '../../packages/stream/src/task/batch-work.ts';
import type { BatchWork } from '../../packages/stream/src/task/batch-work.ts';
import { decodeRecord } from '../../packages/stream/src/task/decode-record.ts';
import { resolveRoom } from '../../services/router/src/resolve/room.ts';
import { sourceKinds } from '../../services/router/src/resolve/source-kinds.ts';
import type { SourceKind, SourceKinds } from '../../services/router/src/resolve/sources.ts';
import { routeRoom } from '../../services/router/src/route/room.ts';
import { ports } from '../../services/router/src/testing/rooms.ts';
import type { Stopwatch } from './stopwatch.ts';

/** A delivery as it lies on its ingress topic. */
export interface Delivered {
  readonly topic: string;
  readonly key: string;
  readonly payload: Buffer;
  readonly bytes: Buffer;
}

export interface RoomsOptions {
  readonly policy: Policy;
  readonly codec: Codec;
  readonly watch: Stopwatch;
  /** Deliveries in a batch. */
  readonly batchSize: number;
}

type Lying = Pick<Outgoing, 'topic' | 'key' | 'value' | 'headers'>;

interface Room {
  readonly definition: TaskDefinition;
  /** One batch from its bytes to what would be sent. */
  run(records: readonly Lying[]): Outgoing[];
}

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** Sends all deliveries through both rooms, each of one partition, with new stores. Returns how many records they write. */
export function runRooms(deliveries: readonly Delivered[], options: RoomsOptions): number {
  const directory = mkdtempSync(join(tmpdir(), 'keelson-profile-'));
  const { policy, watch, batchSize } = options;
  const roomPorts = { ...ports, codec: options.codec };
  const closers: (() => void)[] = [];
  const open = (definition: TaskDefinition): Room => openRoom(definition, directory, options, closers);
  try {
    const resolve = open(resolveRoom(policy, timedKinds(watch), roomPorts));
    const route = open(routeRoom(policy, roomPorts));
    let written = 0;
    for (let at = 0; at < deliveries.length; at += batchSize) {
      let inbox: readonly Lying[] = deliveries
        .slice(at, at + batchSize)
        .map(({ topic, key, bytes }) => ({ topic, key, value: bytes, headers: { traceparent } }));
      // Claims come back to the first room.
      while (inbox.length > 0) {
        const said = resolve.run(inbox);
        const facts = said.filter(({ topic }) => topic === topics.resolved);
        written += said.length + (facts.length === 0 ? 0 : route.run(facts).length);
        inbox = said.filter(({ topic }) => topic === topics.claims);
      }
    }
    return written;
  } finally {
    for (const close of closers) close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function timedKinds(watch: Stopwatch): SourceKinds {
  const timed = (kind: SourceKind): SourceKind => ({
    ...kind,
    map: (ingress, context) => watch.time('resolve: map', () => kind.map(ingress, context)),
  });
  return {
    stripe: timed(sourceKinds.stripe),
    'standard-webhooks': timed(sourceKinds['standard-webhooks']),
    api: timed(sourceKinds.api),
  };
}

function openRoom(
  definition: TaskDefinition,
  directory: string,
  { codec, watch }: RoomsOptions,
  closers: (() => void)[],
): Room {
  const { room } = definition;
  const local = openLocalStore(directory, room);
  closers.push(() => local.close());
  const now = (): number => Date.now();
  const timed: Codec = {
    ...codec,
    encode: (topic, record, value) => watch.time(`${room}: encode`, () => codec.encode(topic, record, value)),
  };
  const stores = definition.stores.map(store =>
    createStateStore(store, local.table(store.topic, { expires: store.retentionMs !== undefined }), {
      codec: timed,
      now,
    }),
  );
  const work: BatchWork = createBatchWork({
    partition: 0,
    options: { codec: timed, partitionCount: 12 },
    stores: stores,
    signal: new AbortController().signal,
    now,
    wake: () => undefined,
  });
  const handler = definition.createHandler(work.context);
  if (handler instanceof Promise) throw new Error('the router makes its handlers at once');
  let offset = 0;
  return {
    definition,
    run(records) {
      const batch = watch.time(`${room}: decode`, () =>
        records.map(({ topic, key, value, headers }) =>
          decodeRecord(codec, topic, 0, {
            key: Buffer.from(key),
            value,
            timestamp: String(now()),
            offset: String(offset++),
            isControlRecord: false,
            headers: headersOf(headers),
          }),
        ),
      );
      watch.time(`${room}: handler`, () => void handler.process(batch, work.context));
      const said = watch.time(`${room}: lay out`, () => {
        const outgoing = work.records();
        for (const chunk of chunks(outgoing)) if (chunk.length === 0) throw new Error('an empty send');
        return outgoing;
      });
      watch.time(`${room}: stores`, () => {
        local.write(() => {
          for (const store of stores) store.settle();
        });
        work.clear();
      });
      return said;
    },
  };
}

const headersOf = (headers: Lying['headers']): Record<string, Buffer> =>
  Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, Buffer.from(value)]));
