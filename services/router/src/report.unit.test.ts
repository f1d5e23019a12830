import { expect, test } from '@jest/globals';
import { invalidEvent, topics } from '@keelson/contracts';
import type { Ingress } from '@keelson/contracts';
import { createRoomReport, problemOf } from './report.ts';
import { createResolveHandler } from './resolve/handler.ts';
import { sourceKinds } from './resolve/source-kinds.ts';
import { sourceRules } from './resolve/sources.ts';
import { delivery } from './testing/deliveries.ts';
import { memoryContext } from './testing/memory-context.ts';
import { codec, policy, ports } from './testing/rooms.ts';

const payload = Buffer.from('{"email":"ada@example.com"');

test('the log says what became of a batch, and nothing of what was in it', () => {
  const lines: (readonly [level: string, fields: object, message: string])[] = [];
  const log = {
    warn: (fields: object, message: string) => void lines.push(['warn', fields, message]),
    debug: (fields: object, message: string) => void lines.push(['debug', fields, message]),
  };
  const context = memoryContext(codec);
  const rules = sourceRules(policy, sourceKinds);
  const handler = createResolveHandler(context, { ...ports, log }, rules, createRoomReport('resolve', log));
  const ingress: Ingress = { ...delivery('cus_1', {}), payload };
  const record = 'keelson.internal.Ingress';
  void handler.process([context.input(topics.ingress('stripe'), ingress.alias, record, ingress)], context);
  void handler.tick?.(context);
  expect(lines).toMatchObject([
    ['warn', { code: 'not_json', position: 'ingress.stripe/0/0', source: 'stripe' }, 'delivery rejected'],
    [
      'debug',
      { room: 'resolve', partition: 0, records: 1, outcomes: { rejected: 1 }, waiting: 0, parked: 0 },
      'batch computed',
    ],
  ]);
  expect(JSON.stringify(lines)).not.toContain('ada@');
});

test('what nobody foresaw is logged by its name and place, without its message', () => {
  const problem = problemOf(new TypeError('ada@example.com is not a function'));
  expect(problem).toMatchObject({ code: 'unforeseen', name: 'TypeError' });
  expect(problem.at?.[0]).toContain('report.unit.test.ts');
  expect(JSON.stringify(problem)).not.toContain('ada@');
  expect(problemOf(invalidEvent('schema', 'ada@example.com'))).toEqual({ code: 'schema' });
});
