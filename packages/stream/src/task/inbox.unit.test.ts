import { expect, test } from '@jest/globals';
import type { FetchedPartition, KafkaMessage } from '../client/index.ts';
import { createInbox } from './inbox.ts';

const message = (offset: number): KafkaMessage => ({
  offset: String(offset),
  timestamp: '0',
  key: Buffer.from('k'),
  value: Buffer.alloc(9),
  headers: {},
  isControlRecord: false,
});
const fetched = (from: number, offsets: number[], next: number): FetchedPartition => ({
  topic: 't',
  partition: 0,
  offset: BigInt(from),
  messages: offsets.map(message),
  next: BigInt(next),
  stableEnd: 100n,
  end: 100n,
});
const offsets = (messages: readonly KafkaMessage[]): number[] => messages.map(({ offset }) => Number(offset));

test('takes in order, and commits behind what was taken, markers that follow included', () => {
  const inbox = createInbox(5n);
  expect(inbox.push(fetched(5, [5, 6, 8], 10))).toBe(true);
  expect(inbox.position()).toBe(5n);
  expect(offsets(inbox.take(2))).toEqual([5, 6]);
  expect(inbox.position()).toBe(7n);
  expect(offsets(inbox.take(9))).toEqual([8]);
  expect(inbox.position()).toBe(10n);
  expect(inbox.fetchOffset()).toBe(10n);
});

test('refuses what does not begin where it ended: before, after, or twice', () => {
  const inbox = createInbox(5n);
  expect(inbox.push(fetched(4, [4, 5], 6))).toBe(false);
  expect(inbox.push(fetched(6, [6], 7))).toBe(false);
  expect(inbox.push(fetched(5, [5], 6))).toBe(true);
  expect(inbox.push(fetched(5, [5], 6))).toBe(false);
  expect(offsets(inbox.take(9))).toEqual([5]);
});

test('moves past markers alone when nothing waits, and not before what waits', () => {
  const inbox = createInbox(0n);
  inbox.push(fetched(0, [], 3));
  expect(inbox.position()).toBe(3n);
  inbox.push(fetched(3, [3], 4));
  inbox.push(fetched(4, [], 6));
  expect(inbox.position()).toBe(3n);
  inbox.take(1);
  expect(inbox.position()).toBe(6n);
});

test('knows its bytes', () => {
  const inbox = createInbox(0n);
  inbox.push(fetched(0, [0, 1], 2));
  expect(inbox.bytes()).toBe(220);
  inbox.take(1);
  expect(inbox.bytes()).toBe(110);
  expect(inbox.size()).toBe(1);
});
