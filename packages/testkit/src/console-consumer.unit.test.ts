import { expect, test } from '@jest/globals';
import { parseRecord } from './console-consumer.ts';

test('a line of the console consumer is read field by field', () => {
  expect(parseRecord('Partition:2\u001fOffset:41\u001fa:1\u001eb:x:y, z\u001fkey one')).toEqual({
    partition: 2,
    offset: 41,
    key: 'key one',
    headers: { a: '1', b: 'x:y, z' },
  });
});

test('a record without key or headers is told from one with empty ones', () => {
  expect(parseRecord('Partition:0\u001fOffset:0\u001fNO_HEADERS\u001f\u001d')).toEqual({
    partition: 0,
    offset: 0,
    key: null,
    headers: {},
  });
  expect(parseRecord('Partition:0\u001fOffset:1\u001fe:\u001f')?.key).toBe('');
});

test('what else the consumer writes is no record', () => {
  expect(parseRecord('Processed a total of 3 messages')).toBeUndefined();
});
