import { expect, test } from '@jest/globals';
import type { Control } from '@keelson/contracts';
import { issue } from './send.ts';

const control: Control = {
  command_id: 'command-1',
  command: 'discard',
  target: 'odoo',
  lane: null,
  entry: null,
  customer_id: null,
  actor: 'ada',
  reason: 'test data',
  issued_at: 1,
};

test('a command stands in the audit before it is sent', async () => {
  const written: string[][] = [];
  await issue(control, { control: 2, audit: 3 }, async (partitions, outputs) => {
    written.push([String(partitions), ...outputs.map(({ topic }) => topic)]);
  });
  expect(written).toEqual([
    ['3', 'audit'],
    ['2', 'control.odoo-sink', 'control.odoo-sink'],
  ]);
});

test('what cannot be written into the audit is not sent', async () => {
  const asked: string[] = [];
  const sending = issue(control, { control: 1, audit: 1 }, async (_, outputs) => {
    asked.push(...outputs.map(({ topic }) => topic));
    throw new Error('no acknowledgement');
  });
  await expect(sending).rejects.toThrow('no acknowledgement');
  expect(asked).toEqual(['audit']);
});
