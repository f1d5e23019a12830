import { describe, expect, jest, test } from '@jest/globals';
import { createRequestLog } from './request-log.ts';
import type { RequestLine } from './request-log.ts';

const line = (changes: Partial<RequestLine>): RequestLine => ({
  source: 'stripe',
  refusal: null,
  ids: ['evt_1'],
  bytes: 10,
  durationMs: 1,
  traceparent: 't1',
  ...changes,
});

describe('the log of requests', () => {
  test('gathers what became of them, by source and outcome', () => {
    jest.useFakeTimers();
    try {
      const written: object[] = [];
      const log = createRequestLog(fields => written.push(fields), 100);
      log.add(line({}));
      log.add(line({ ids: ['evt_2'], durationMs: 7.123, traceparent: 't2' }));
      log.add(line({ refusal: 'forged_signature', ids: [] }));
      expect(written).toEqual([]);
      jest.advanceTimersByTime(100);
      expect(written).toEqual([
        {
          source: 'stripe',
          outcome: 'accepted',
          requests: 2,
          bytes: 20,
          slowest_ms: 7.12,
          slowest_traceparent: 't2',
          ids: ['evt_1', 'evt_2'],
          more: 0,
        },
        expect.objectContaining({ outcome: 'forged_signature', requests: 1, ids: [] }),
      ]);
      jest.advanceTimersByTime(1000);
      expect(written).toHaveLength(2);
    } finally {
      jest.useRealTimers();
    }
  });

  test('is bounded, and tells the rest when it is stopped', () => {
    const written: object[] = [];
    const log = createRequestLog(fields => written.push(fields));
    for (let i = 0; i < 600; i++) log.add(line({ ids: [`evt_${i}`] }));
    log.stop();
    expect(written).toMatchObject([{ requests: 600, more: 100 }]);
  });
});
