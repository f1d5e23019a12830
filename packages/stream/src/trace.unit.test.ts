import { expect, test } from '@jest/globals';
import { spanContextOf, traceparentOf } from './trace.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test('reads and writes W3C trace parents', () => {
  const span = spanContextOf({ traceparent });
  expect(span).toEqual({
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: 1,
    isRemote: true,
  });
  expect(span && traceparentOf(span)).toBe(traceparent);
});

test.each([
  '',
  'nonsense',
  '00-00000000000000000000000000000000-b7ad6b7169203331-01',
  traceparent.slice(0, -1),
])('%j is no trace parent', text => expect(spanContextOf({ traceparent: text })).toBeUndefined());
