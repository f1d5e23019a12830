import { topics } from '@keelson/contracts';
import type { FinanceWork, OdooWork, Parked, Receipt, SupportWork } from '@keelson/contracts';
import { planDeliveries } from '@keelson/sandbox';
import type { Delivery, World } from '@keelson/sandbox';
import type { SinkFaultPoint } from '@keelson/sink';
import { createPublisher, readTopic, silentLogger } from '@keelson/stream';
import type { TaskRecord } from '@keelson/stream';
import type { ServiceName } from '../../../infra/local/src/system/environment.ts';
import { inputsOf } from '../../../packages/sink/src/handler.ts';
import { ingressRecords } from './deliveries.ts';
import { untilIdle } from './idle.ts';
import type { Room } from './idle.ts';
import { partitionCount, startMs } from './installation.ts';
import type { Installation } from './installation.ts';
import { killOnce } from './kills.ts';
import { rooms, startRouter } from './router.ts';

/** All points of a sink, first the one that needs a work which cannot be done yet. */
export const sinkPoints: readonly SinkFaultPoint[] = [
  'parked_unacknowledged',
  'before_call',
  'call_sent',
  'response_unseen',
  'outcome_unrecorded',
  'offset_uncommitted',
];

export interface SinkUnderTest {
  readonly installation: Installation;
  readonly service: ServiceName;
  readonly target: string;
  /** Deliveries in the order in which they are sent; the first `parking` lead to a work that is parked. */
  readonly deliveries: readonly Delivery[];
  readonly parking: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** What stands on the topics afterwards. */
export interface Outcome {
  /** What the dying sinks said, in order. */
  readonly hits: readonly string[];
  readonly works: number;
  /** Of works that ended, by event. */
  readonly receipts: readonly Receipt[];
  readonly open: number;
  /** Events whose works are not accounted for exactly once. */
  readonly wrong: readonly string[];
}

/** What a company's provider tells, each event once. */
export const companyDeliveries = (world: World): Delivery[] =>
  planDeliveries(world).filter(({ door, kind }) => door === 'stripe' && kind === 'event');

/** A customer's first telling, and that of one invoice of theirs with an amount. */
export function strangerOf(world: World): { customer: Delivery; invoice: Delivery; email: string } {
  const all = companyDeliveries(world).map(delivery => ({ delivery, object: objectOf(delivery) }));
  const invoice = all.find(
    ({ delivery, object }) => delivery.type === 'invoice.finalized' && Number(object['total']) > 0,
  );
  const customer = all.find(
    ({ delivery, object }) =>
      delivery.type === 'customer.created' && object['id'] === invoice?.object['customer'],
  );
  if (invoice === undefined || customer === undefined) throw new Error('nobody has an invoice in this world');
  return { customer: customer.delivery, invoice: invoice.delivery, email: String(customer.object['email']) };
}

const objectOf = ({ body }: Delivery): Readonly<Record<string, unknown>> =>
  (JSON.parse(body) as { data: { object: Record<string, unknown> } }).data.object;

/**
 * The real router makes works of deliveries; the sink is killed once at each point, each time with new works before it,
 * and started again at once; then it does what is left.
 */
export async function killAtEachPoint(sink: SinkUnderTest): Promise<Outcome> {
  const { installation, service, target, deliveries, parking, env = {} } = sink;
  const feed = await openFeed(installation);
  const router = await startRouter(installation, 'router');
  const rest = deliveries.slice(parking);
  const share = Math.ceil(rest.length / sinkPoints.length);
  const parts = [
    deliveries.slice(0, parking),
    ...sinkPoints.map((_, index) => rest.slice(index * share, (index + 1) * share)),
  ];
  const hits: string[] = [];
  for (const [index, point] of sinkPoints.entries()) {
    const killed = killOnce(installation, service, { at: `${target}-sink:${point}`, times: 1 }, { env });
    killed.catch(() => undefined);
    await feed.send(parts[index] ?? []);
    hits.push(await killed);
  }
  const last = installation.start(service, { env });
  await feed.send(parts.at(-1) ?? []);
  await feed.stop();
  await last.line('"started"', { timeoutMs: startMs });
  const room: Room = { service: `${target}-sink`, room: target, inputs: inputsOf(target) };
  await untilIdle(installation.admin, [...rooms, room]);
  await Promise.all([router.kill('SIGTERM'), last.kill('SIGTERM')]);
  return { hits, ...(await account(installation, target)) };
}

async function openFeed({ kafka, codec }: Installation) {
  const publisher = createPublisher({
    kafka,
    codec,
    partitionCount,
    logger: silentLogger,
    deadlineMs: 60_000,
  });
  return {
    send: (deliveries: readonly Delivery[]) =>
      publisher.publish(deliveries.flatMap(delivery => ingressRecords(delivery, Date.now()))),
    stop: () => publisher.stop(),
  };
}

/** Every work has one receipt or stands open, and nothing else has. */
async function account(installation: Installation, target: string): Promise<Omit<Outcome, 'hits'>> {
  const works = new Map<string, number>();
  for (const topic of [topics.sink(target), topics.sinkBulk(target)])
    for (const { value } of await readAll(installation, topic)) {
      const { head } = value as FinanceWork | OdooWork | SupportWork;
      works.set(head.event_id, (works.get(head.event_id) ?? 0) + 1);
    }
  const receipts = (await readAll(installation, topics.receipts))
    .map(({ value }) => value as Receipt)
    .filter(receipt => receipt.target === target && !isRouters(receipt));
  const parked = new Map<string, Parked>();
  for (const { key, value } of await readAll(installation, topics.parked(target)))
    if (value === null) parked.delete(key);
    else parked.set(key, value as Parked);

  const ended = new Map<string, number>();
  for (const id of [...receipts, ...parked.values()].map(({ event_id }) => event_id ?? 'none'))
    ended.set(id, (ended.get(id) ?? 0) + 1);
  const wrong = [...new Set([...works.keys(), ...ended.keys()])]
    .filter(id => works.get(id) !== ended.get(id))
    .map(id => `${id}: ${works.get(id) ?? 0} works, ${ended.get(id) ?? 0} ends`);
  return {
    works: [...works.values()].reduce((sum, each) => sum + each, 0),
    receipts,
    open: parked.size,
    wrong,
  };
}

/** The router's own word that a target gets no work: nothing was tried. */
const isRouters = ({ outcome, attempts }: Receipt): boolean => outcome === 'filtered' && attempts === 0;

async function readAll({ kafka, codec }: Installation, topic: string): Promise<TaskRecord[]> {
  const records: TaskRecord[] = [];
  for await (const record of readTopic(topic, { kafka, codec })) records.push(record);
  return records;
}
