import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chunks, explicitPartition, type Message, type Outgoing } from './outgoing.ts';

const groupMessagesPerPartition = createRequire(import.meta.url)(
  'kafkajs/src/producer/groupMessagesPerPartition',
) as (given: object) => Record<number, Message[]>;

const outgoing = fc.record({
  topic: fc.constantFrom('a', 'b'),
  partition: fc.integer({ min: 0, max: 3 }),
  key: fc.string(),
  value: fc.option(fc.integer({ min: 0, max: 400_000 }).map(size => Buffer.alloc(size))),
  timestampMs: fc.nat(),
  headers: fc.option(fc.dictionary(fc.constantFrom('x', 'y'), fc.string({ maxLength: 5 })), {
    nil: undefined,
  }),
});

test('no batch is larger than a broker takes, nothing is lost, and a partition keeps its order', () => {
  fc.assert(
    fc.property(fc.array(outgoing, { maxLength: 30 }), records => {
      const sends = [...chunks(records)];
      const places = new Map<string, number[]>();
      for (const [index, { topic, partition }] of records.entries())
        places.set(`${topic}/${partition}`, [...(places.get(`${topic}/${partition}`) ?? []), index]);
      const seen = new Map<string, Message[]>();
      for (const send of sends) {
        for (const { topic, byPartition } of send) {
          for (const [partition, messages] of Object.entries(byPartition)) {
            const size = messages.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
            expect(size).toBeLessThanOrEqual(900_000);
            seen.set(`${topic}/${partition}`, [...(seen.get(`${topic}/${partition}`) ?? []), ...messages]);
          }
        }
      }
      for (const [place, indexes] of places)
        expect(seen.get(place)?.map(({ value }) => value)).toEqual(
          indexes.map(index => records[index]?.value),
        );
    }),
    { numRuns: 50 },
  );
});

test('kafkajs groups our messages as they were placed', () => {
  const record = (partition: number, key: string): Outgoing => ({
    topic: 't',
    partition,
    key,
    value: null,
    timestampMs: 1,
    headers: undefined,
  });
  const [send = []] = [...chunks([record(1, 'a'), record(0, 'b'), record(1, 'c')])];
  const grouped = groupMessagesPerPartition({
    topic: 't',
    partitionMetadata: [{}],
    messages: send[0]?.messages,
    partitioner: explicitPartition,
  });
  expect(
    Object.fromEntries(
      Object.entries(grouped).map(([partition, messages]) => [partition, messages.map(({ key }) => key)]),
    ),
  ).toEqual({
    0: ['b'],
    1: ['a', 'c'],
  });
});
