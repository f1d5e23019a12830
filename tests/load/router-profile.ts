/**
 * Both rooms of the router in memory, over the deliveries of the sandbox's company: microseconds a delivery, by step.
 *
 *   node --conditions=@keelson/source tests/load/router-profile.ts --events 4000 --seed 7 --rounds 5
 *
 * Everything that a task does but for the broker: records are decoded, both rooms run over their stores (SQLite and
 * changelog), what they say is encoded and laid out for sending. For a profile, run it with `--cpu-prof`.
 */
import { schemas, topics } from '@keelson/contracts';
import { createWorld, planDeliveries } from '@keelson/sandbox';
import type { Door } from '@keelson/sandbox';
import { receiverOf } from '@keelson/sources';
import { createCodec } from '@keelson/stream';
import { parseArgs } from 'node:util';
import { testPolicy, routerTopics } from '../../services/router/src/testing/policy.ts';
import { createStopwatch } from './stopwatch.ts';
import { runRooms } from './router-rooms.ts';
import type { Delivered } from './router-rooms.ts';

const { values: options } = parseArgs({
  options: {
    events: { type: 'string', default: '4000' },
    seed: { type: 'string', default: '7' },
    rounds: { type: 'string', default: '5' },
    batch: { type: 'string', default: '500' },
  },
});

const world = createWorld({ seed: Number(options.seed), events: Number(options.events) });
const policy = testPolicy({ KEELSON_STRIPE_ACCOUNT: world.account });
const names = Object.keys(schemas);
const ids = Object.fromEntries(
  routerTopics(policy).flatMap(topic => names.map((name, index) => [`${topic}-${name}`, index + 1])),
);
const codec = createCodec({ schemas, ids });

const accounts: Readonly<Record<Door, string>> = {
  stripe: world.account,
  'standard-webhooks': 'partner',
  api: 'own',
};
const receivedAt = Date.UTC(2026, 10, 23) * 1000;
const deliveries: Delivered[] = planDeliveries(world)
  .filter(({ kind }) => kind !== 'forged')
  .flatMap(({ door, body, id }) =>
    receiverOf(door)
      .split(Buffer.from(body), { account: accounts[door], headers: { 'webhook-id': id } })
      .map(({ deliveryId, account, alias, payload }): Delivered => ({
        topic: topics.ingress(door),
        key: alias,
        payload,
        bytes: codec.encode(topics.ingress(door), 'keelson.internal.Ingress', {
          delivery_id: deliveryId,
          source: door,
          account,
          received_at: receivedAt,
          content_type: 'application/json',
          headers: {},
          payload,
          alias,
          secret_id: null,
          origin: 'webhook',
        }),
      })),
  );

/** CPU time of this thread in microseconds: on a busy machine the clock tells of the others. */
function cpuOf(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return user + system;
}

/** The least that can be done with a delivery's payload: what machine and moment give, for ratios. */
function parseAll(): void {
  for (const { payload } of deliveries) {
    try {
      JSON.parse(payload.toString());
    } catch {
      // The poison among them.
    }
  }
}

const rounds = Number(options.rounds);
const watch = createStopwatch();
const parse: number[] = [];
const all: number[] = [];
let written = 0;
for (let round = -2; round < rounds; round++) {
  const parsing = cpuOf(parseAll);
  const running = cpuOf(() => {
    // The first two are for the compiler.
    const roundWatch = round < 0 ? createStopwatch() : watch;
    written = runRooms(deliveries, { policy, codec, watch: roundWatch, batchSize: Number(options.batch) });
  });
  if (round < 0) continue;
  parse.push(parsing / deliveries.length);
  all.push(running / deliveries.length);
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const [each, yardstick] = [median(all), median(parse)];
const bytes = deliveries.reduce((sum, { payload }) => sum + payload.length, 0) / deliveries.length;
const steps = [...watch.steps()].sort((a, b) => b[1] - a[1]);
const elapsed = steps.reduce((sum, [, micros]) => sum + micros, 0);
const line = (name: string, share: number): string =>
  name.padEnd(20) +
  `${(each * share).toFixed(1)} µs`.padStart(12) +
  `${(100 * share).toFixed(1)} %`.padStart(9) +
  ((each * share) / yardstick).toFixed(2).padStart(7);

console.log(
  `${deliveries.length} deliveries of ${Math.round(bytes)} bytes, ${written} records written; CPU, median of ${rounds} rounds`,
);
console.log(
  `yardstick, JSON.parse of the payload alone: ${yardstick.toFixed(1)} µs; the last column is in it`,
);
for (const [step, micros] of steps) console.log(line(step, micros / elapsed));
console.log(line('all', 1));
