import { expect, test } from '@jest/globals';
import type { OutputRecord, Publisher } from '@keelson/stream';
import { publishChecked } from './topic-check.ts';

test('nothing is written before the topics are checked: the sender is told to come again', async () => {
  const written: OutputRecord[] = [];
  const publisher = {
    publish: async (outputs: readonly OutputRecord[]) => void written.push(...outputs),
  } as Publisher;
  const reasons = ['not checked'];
  const { publish } = publishChecked(publisher, {
    tried: Promise.resolve(),
    passed: Promise.resolve(),
    reasons: () => reasons,
  });
  const output = { topic: 'ingress.stripe' } as OutputRecord;
  await expect(publish([output])).rejects.toMatchObject({ kind: 'unavailable', message: 'not checked' });
  expect(written).toEqual([]);
  reasons.pop();
  await publish([output]);
  expect(written).toEqual([output]);
});
