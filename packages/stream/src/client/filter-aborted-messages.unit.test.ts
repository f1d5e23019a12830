import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

interface Message {
  readonly offset: string;
  readonly key: Buffer;
  readonly batchContext: {
    readonly producerId: string;
    readonly inTransaction: boolean;
    readonly isControlBatch: boolean;
  };
}
type Filter = (fetched: {
  messages: Message[];
  abortedTransactions: { producerId: string; firstOffset: string }[];
}) => Message[];
const require = createRequire(import.meta.url);
const repaired = require('./filter-aborted-messages.cjs') as Filter;
const original = require('kafkajs/src/consumer/filterAbortedMessages.js') as Filter;

const message = (offset: number, producerId: string, isControlBatch = false, key = 'k'): Message => ({
  offset: String(offset),
  key: isControlBatch ? Buffer.from([0, 0, 0, key === 'commit' ? 1 : 0]) : Buffer.from(key, 'latin1'),
  batchContext: { producerId, inTransaction: true, isControlBatch },
});
const visible = (messages: Message[]): number[] =>
  messages.filter(each => !each.batchContext.isControlBatch).map(({ offset }) => Number(offset));

describe('the repaired filter', () => {
  test('lets no aborted record through when the list is not sorted by offset, where kafkajs’ own does', () => {
    const fetched = {
      messages: [message(0, 'a'), message(1, 'b'), message(2, 'a', true), message(3, 'b', true)],
      abortedTransactions: [
        { producerId: 'b', firstOffset: '1' },
        { producerId: 'a', firstOffset: '0' },
      ],
    };
    expect(visible(repaired(fetched))).toEqual([]);
    expect(visible(original(fetched))).not.toEqual([]);
  });

  test('a record whose key looks like a marker ends nothing', () => {
    const fetched = {
      messages: [message(0, 'a', false, '\0\0\0\0'), message(1, 'a'), message(2, 'a', true)],
      abortedTransactions: [{ producerId: 'a', firstOffset: '0' }],
    };
    expect(visible(repaired(fetched))).toEqual([]);
  });

  test('shows exactly the committed records of any interleaving, in whatever order the list comes', () => {
    const transaction = fc.record({ commit: fc.boolean(), size: fc.integer({ min: 1, max: 4 }) });
    const writers = fc.array(fc.array(transaction, { minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(writers, fc.infiniteStream(fc.nat()), fc.nat(), (plans, choices, shuffle) => {
        const log: Message[] = [];
        const aborted: { producerId: string; firstOffset: string }[] = [];
        const committed: number[] = [];
        const steps = plans.map((plan, writer) =>
          plan.flatMap(({ commit, size }, index) => [
            ...Array.from({ length: size }, (_, each) => ({
              writer,
              commit,
              first: each === 0,
              end: false,
              index,
            })),
            { writer, commit, first: false, end: true, index },
          ]),
        );
        while (steps.some(each => each.length > 0)) {
          const open = steps.filter(each => each.length > 0);
          const step = open[choices.next().value % open.length]?.shift();
          if (step === undefined) break;
          const offset = log.length;
          log.push(message(offset, String(step.writer), step.end, step.commit ? 'commit' : 'abort'));
          if (step.first && !step.commit)
            aborted.push({ producerId: String(step.writer), firstOffset: String(offset) });
          if (!step.end && step.commit) committed.push(offset);
        }
        const turned = aborted
          .map((_, index) => aborted[(index + shuffle) % aborted.length])
          .filter(each => each !== undefined);
        expect(visible(repaired({ messages: log, abortedTransactions: turned.reverse() }))).toEqual(
          committed,
        );
      }),
    );
  });
});
