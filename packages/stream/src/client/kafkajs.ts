import { createRequire } from 'node:module';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type * as KafkaJS from 'kafkajs';
import type { Internals, PartitionData, ProduceArguments } from './internals.ts';
import { encodeProduceRequest } from './produce-request.ts';

/** The only place that loads kafkajs: its filter of aborted records is replaced before it is first required. */
const require = createRequire(import.meta.url);

const brokenFilter = require.resolve('kafkajs/src/consumer/filterAbortedMessages');
const repairedFilter: unknown = require('./filter-aborted-messages.cjs');
// Jest keeps a module registry of its own and ignores this; there `moduleNameMapper` does the same.
require.cache[brokenFilter] = {
  id: brokenFilter,
  filename: brokenFilter,
  loaded: true,
  exports: repairedFilter,
  children: [],
  paths: [],
} as unknown as NodeJS.Module;

/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access -- these paths have no types. */
export const kafkajs: typeof KafkaJS = require('kafkajs');
export const internals: Internals = {
  Cluster: require('kafkajs/src/cluster'),
  Batch: require('kafkajs/src/consumer/batch'),
  createLogger: require('kafkajs/src/loggers').createLogger,
  produce: require('kafkajs/src/protocol/requests/produce'),
};
/* eslint-enable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access */

// kafkajs' own compressor hands over an encoder, its types say Buffer.
kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = () => ({
  compress: async (encoder: { buffer: Buffer }) => zstdCompressSync(encoder.buffer),
  decompress: async (bytes: Buffer) => zstdDecompressSync(bytes),
});

const { produce } = internals;
const kafkajsProtocol = produce.protocol;
/** The record format of version 3 is the one of today. Compressed batches, which nobody here writes, stay kafkajs'. */
produce.protocol = ({ version }) => {
  const request = kafkajsProtocol({ version });
  return (options: ProduceArguments) => {
    const theirs = request(options);
    if (Number(version) < 3 || options.compression !== 0) return theirs;
    const { producerId, producerEpoch = 0 } = options;
    const encode = async (): Promise<{ buf: Buffer; buffer: Buffer }> => {
      const bytes = encodeProduceRequest({
        ...options,
        producerId: BigInt(producerId ?? -1),
        producerEpoch,
      });
      return { buf: bytes, buffer: bytes };
    };
    return { ...theirs, request: { ...theirs.request, encode } };
  };
};

const coordinatorKnownMs = 1_000;
const coordinators = new WeakMap<object, Map<string, { found: Promise<object>; untilMs: number }>>();
const { prototype } = internals.Cluster;
const findCoordinator = prototype.findGroupCoordinatorMetadata;
/**
 * kafkajs asks four times in each transaction who coordinates it and its group, nearly half of all its requests. The
 * answer is kept for a second: one that has moved refuses what it is asked, and whoever tries again asks anew by then.
 */
prototype.findGroupCoordinatorMetadata = function (this: object, asked) {
  const known = coordinators.get(this) ?? new Map<string, { found: Promise<object>; untilMs: number }>();
  coordinators.set(this, known);
  const key = `${asked.coordinatorType}/${asked.groupId}`;
  const now = performance.now();
  const held = known.get(key);
  if (held !== undefined && now < held.untilMs) return held.found;
  const found = findCoordinator.call(this, asked);
  known.set(key, { found, untilMs: now + coordinatorKnownMs });
  found.catch(() => known.delete(key));
  return found;
};

/** Two aborted transactions listed out of order, both begun before the first record of the fetch: neither may be seen. */
function assertRepaired(): void {
  const record = (offset: number, producerId: string, extra: object = {}) => ({
    offset: String(offset),
    key: Buffer.from('k'),
    value: Buffer.from(producerId),
    isControlRecord: false,
    batchContext: { producerId, inTransaction: true, isControlBatch: false },
    ...extra,
  });
  const marker = (offset: number, producerId: string) =>
    record(offset, producerId, {
      key: Buffer.from([0, 0, 0, 0]),
      isControlRecord: true,
      batchContext: { producerId, inTransaction: true, isControlBatch: true },
    });
  const sample = {
    partition: 0,
    highWatermark: '8',
    lastStableOffset: '8',
    abortedTransactions: [
      { producerId: '2', firstOffset: '1' },
      { producerId: '1', firstOffset: '0' },
    ],
    messages: [
      record(1, '2'),
      record(2, '1'),
      record(3, '3'),
      marker(4, '1'),
      record(5, '2'),
      marker(6, '2'),
      record(7, '2'),
    ],
  } as unknown as PartitionData;
  const seen = new internals.Batch('sample', '1', sample).messages.map(message => message.offset).join(',');
  if (seen !== '3,7')
    throw new Error(`kafkajs' filter of aborted records is not the repaired one (it let through ${seen})`);
}
assertRepaired();
