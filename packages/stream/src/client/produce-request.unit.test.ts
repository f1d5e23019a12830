import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createRequire } from 'node:module';
import { encodeProduceRequest } from './produce-request.ts';
import type { ProducedMessage, ProduceRequest } from './produce-request.ts';

const require = createRequire(import.meta.url);
const crc32c = require('kafkajs/src/protocol/recordBatch/crc32C') as (bytes: Buffer) => number;
/** kafkajs' own encoding, which every broker has read for years. */
const kafkajsRequest = require('kafkajs/src/protocol/requests/produce/v7/request') as (
  request: ProduceRequest,
) => { encode: () => Promise<{ buffer: Buffer }> };

const bytes = fc.uint8Array({ maxLength: 300 }).map(array => Buffer.from(array));
const text = fc.string({ unit: 'grapheme', maxLength: 40 });
/** Of one length as text: kafkajs sorts them as text. */
const timestamp = fc.integer({ min: 1_000_000_000_000, max: 2_000_000_000_000 }).map(String);
const message: fc.Arbitrary<ProducedMessage> = fc.record(
  {
    key: fc.oneof(text, bytes, fc.constant(null)),
    value: fc.oneof(bytes, text, fc.constant(null)),
    timestamp,
    headers: fc.dictionary(
      text.filter(name => name !== '__proto__'),
      fc.oneof(text, bytes),
      { maxKeys: 4 },
    ),
  },
  { requiredKeys: ['key', 'value', 'timestamp'] },
);
const request: fc.Arbitrary<ProduceRequest> = fc.record({
  transactionalId: fc.option(fc.string({ minLength: 1, maxLength: 40 })),
  acks: fc.constantFrom(-1, 0, 1),
  timeout: fc.nat(),
  producerId: fc.bigInt({ min: -1n, max: 2n ** 63n - 1n }),
  producerEpoch: fc.integer({ min: -1, max: 32_767 }),
  topicData: fc.array(
    fc.record({
      topic: text,
      partitions: fc.array(
        fc.record({
          partition: fc.nat(),
          firstSequence: fc.nat(),
          messages: fc.array(message, { minLength: 1, maxLength: 200 }),
        }),
        { maxLength: 3 },
      ),
    }),
    { maxLength: 3 },
  ),
});

it('gives the bytes that kafkajs gives', async () => {
  await fc.assert(
    fc.asyncProperty(request, async each => {
      const theirs = await kafkajsRequest(each).encode();
      expect(encodeProduceRequest(each, crc32c).equals(theirs.buffer)).toBe(true);
    }),
    { numRuns: 300 },
  );
});
