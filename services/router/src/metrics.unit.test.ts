import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { topics } from '@keelson/contracts';
import type { Fact, Ingress } from '@keelson/contracts';
import { startTelemetry } from '@keelson/service';
import type { TaskHandler } from '@keelson/stream';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRoomReport } from './report.ts';
import { createResolveHandler } from './resolve/handler.ts';
import { sourceRules } from './resolve/sources.ts';
import { createRouteHandler } from './route/handler.ts';
import { routeTable } from './route/route-table.ts';
import { delivery } from './testing/deliveries.ts';
import { alias, customerBody, finalized, snapshot, t0 } from './testing/facts.ts';
import { memoryContext } from './testing/memory-context.ts';
import { scriptedKinds } from './testing/resolve-bench.ts';
import { codec, policy, ports } from './testing/rooms.ts';

const telemetry = startTelemetry('router', {});
const server = createServer(telemetry.metrics);

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
});

afterAll(async () => {
  server.close();
  await telemetry.close();
});

/** A metric's samples of one room, by what tells them apart. */
async function shown(metric: string, room: string): Promise<Record<string, number>> {
  const { port } = server.address() as AddressInfo;
  const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const samples = page
    .split('\n')
    .filter(line => line.startsWith(`${metric}{`) && line.includes(`keelson_room="${room}"`));
  return Object.fromEntries(
    samples.map(line => {
      const labels = new Map(
        [...line.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
      );
      const told = ['keelson_source', 'keelson_outcome', 'messaging_destination_partition_id'];
      const key = told.flatMap(name => labels.get(name) ?? []).join(' ');
      return [key, Number(line.slice(line.lastIndexOf(' ')))];
    }),
  );
}

const reports = {
  resolve: createRoomReport('resolve', ports.log),
  route: createRoomReport('route', ports.log),
};

test('resolve: what ended, by source and outcome, once its batch is known to be committed; what is open', async () => {
  const context = memoryContext(codec);
  const rules = sourceRules(policy, scriptedKinds);
  const takeOver = (): TaskHandler => createResolveHandler(context, ports, rules, reports.resolve);
  let handler = takeOver();
  const deliver = (...all: readonly Ingress[]): void =>
    void handler.process(
      all.map(one => context.input(topics.ingress(one.source), one.alias, 'keelson.internal.Ingress', one)),
      context,
    );
  const claim = (customer_id: string): void =>
    void handler.process(
      [
        context.input(topics.claims, alias('in_1'), 'keelson.internal.Claim', {
          alias: alias('in_1'),
          customer_id,
          rule: 'test',
          position: 'ingress.stripe/0/7',
          claimed_at: t0,
        }),
      ],
      context,
    );

  const first = delivery('cus_1', { facts: ['customer'] });
  deliver(first, first, delivery('cus_1', { facts: ['invoice'] }));
  deliver(
    delivery('cus_1', { filtered: 'nobody-needs-it' }),
    delivery('cus_1', { invalid: 'schema' }, { source: 'api' }),
    delivery('ch_1', { facts: ['invoice'] }),
    delivery('ch_1', { facts: ['invoice'] }),
  );
  claim('customer-1');
  claim('customer-2');
  // What the last two said is told to be committed by the next call.
  void handler.tick?.(context);
  const told = {
    'stripe mapped': 2,
    'stripe duplicate': 1,
    'stripe filtered': 1,
    'api rejected': 1,
  };
  expect(await shown('keelson_outcomes_total', 'resolve')).toEqual(told);
  expect(await shown('keelson_waiting', 'resolve')).toEqual({ '0': 2 });
  expect(await shown('keelson_parked', 'resolve')).toEqual({ '0': 1 });

  deliver(delivery('cus_1', { filtered: 'nobody-needs-it' }));
  handler = takeOver();
  void handler.tick?.(context);
  // Its batch was in doubt: whoever takes over computes it again, and tells it then.
  expect(await shown('keelson_outcomes_total', 'resolve')).toEqual(told);
  deliver(delivery('cus_1', { filtered: 'nobody-needs-it' }));
  void handler.tick?.(context);
  expect(await shown('keelson_outcomes_total', 'resolve')).toEqual({ ...told, 'stripe filtered': 2 });
});

test('route: what ended, by source and outcome; what is parked', async () => {
  const context = memoryContext(codec, 1);
  const handler = createRouteHandler(context, ports, routeTable(policy), reports.route);
  const customer = (at: number, more: Partial<Fact> = {}): Fact =>
    snapshot('customer.upserted', customerBody(), at, more);
  const tell = (...facts: readonly Fact[]): void =>
    void handler.process(
      facts.map(fact => context.input(topics.resolved, fact.customer_id, 'keelson.internal.Fact', fact)),
      context,
    );
  tell(customer(t0), finalized(), finalized());
  tell(finalized(t0, { content_hash: 'other' }), customer(t0 + 1, { source: 'api' }));
  void handler.tick?.(context);
  expect(await shown('keelson_outcomes_total', 'route')).toEqual({
    'stripe published': 2,
    'stripe duplicate': 1,
    'api published': 1,
  });
  expect(await shown('keelson_parked', 'route')).toEqual({ '1': 1 });
});
