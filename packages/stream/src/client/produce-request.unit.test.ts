import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createRequire } from 'node:module';
import { internals } from './kafkajs.ts';
import { encodeProduceRequest } from './produce-request.ts';
import type { ProducedMessage, ProduceRequest } from './produce-request.ts';

const require = createRequire(import.meta.url);
/** kafkajs' own encoding, which every broker has read for years. */
const kafkajsRequest = require('kafkajs/src/protocol/requests/produce/v7/request') as (
  request: ProduceRequest,
) => { encode: () => Promise<{ buffer: Buffer }> };

/** Some longer than what two bytes of a varint count. */
const bytes = fc
  .tuple(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(1, 1, 1, 1, 1, 1, 1, 1, 1, 400))
  .map(([array, times]) => Buffer.concat(Array.from({ length: times }, () => array)));
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
      expect(encodeProduceRequest(each).equals(theirs.buffer)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

const one = (messages: readonly ProducedMessage[]): ProduceRequest => ({
  ...{ transactionalId: 'id', acks: -1, timeout: 1, producerId: 1n, producerEpoch: 0 },
  topicData: [{ topic: 't', partitions: [{ partition: 0, firstSequence: 0, messages }] }],
});

it('is what a broker of kafkajs is sent, but for compressed batches', async () => {
  const messages = [{ key: 'k', value: 'v', timestamp: '1700000000000' }];
  const options = { ...one(messages), producerId: '1', compression: 0 };
  const { request: sent } = internals.produce.protocol({ version: 7 })(options);
  const encoded = await sent.encode();
  // kafkajs hands over an encoder that grows: one that is as large as what is in it is ours.
  expect(encoded.buffer).toBe(encoded.buf);
  expect(encoded.buffer.equals(encodeProduceRequest(one(messages)))).toBe(true);
  const compressed = await internals.produce
    .protocol({ version: 7 })({ ...options, compression: 1 })
    .request.encode();
  expect(compressed.buffer.equals(encoded.buffer)).toBe(false);
});

it('takes now for a time that is not told, and a key that is not there for null', () => {
  const before = Date.now();
  const written = encodeProduceRequest(one([{ value: 'v' }, { value: 'w', timestamp: '5' }]));
  // Behind id, acks, time-out, one topic, one partition and its size: the batch, with its times at 27 and 35.
  const batch = 2 + 2 + 2 + 4 + 4 + 2 + 1 + 4 + 4 + 4;
  expect(written.readBigInt64BE(batch + 27)).toBe(5n);
  expect(Number(written.readBigInt64BE(batch + 35))).toBeGreaterThanOrEqual(before);
});
