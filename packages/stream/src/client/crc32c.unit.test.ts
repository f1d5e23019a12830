import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createRequire } from 'node:module';
import { crc32c } from './crc32c.ts';

/** kafkajs' own, a byte at a time. */
const bytewise = createRequire(import.meta.url)('kafkajs/src/protocol/recordBatch/crc32C') as (
  bytes: Uint8Array,
) => number;

it("answers the check value of the checksum's definition", () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
});

it('agrees with the checksum taken byte by byte, whatever the length', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), bytes => expect(crc32c(bytes)).toBe(bytewise(bytes))),
  );
});
