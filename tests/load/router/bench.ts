import { events, topics } from '@keelson/contracts';
import { cpuMicrosOf, startCpuMeter } from '../processes.ts';
import type { BenchOptions, Figure, Result } from '../report.ts';
import type { Child } from '../../../infra/local/src/system/child.ts';
import { openSite, partitionCount } from '../site.ts';
import type { Site } from '../site.ts';
import { writeDeliveries } from './deliveries.ts';
import { followCourse } from './progress.ts';
import type { Course, Reading } from './progress.ts';

const sources = ['stripe', 'standard-webhooks', 'api'];
const targets = ['odoo', 'finance', 'support'];
const ingress = sources.map(topics.ingress);
const rooms: readonly Reading[] = [
  { groupId: 'router-resolve', topics: [...ingress, topics.claims] },
  { groupId: 'router-route', topics: [topics.resolved] },
];
/** Everything that the router writes. */
const outputs = [
  ...new Set(Object.values(events).map(({ topic }) => topic)),
  ...targets.flatMap(target => [topics.sink(target), topics.sinkBulk(target)]),
  ...sources.map(topics.fetch),
  ...[topics.claims, topics.links, topics.waiting, topics.seen, topics.resolved, topics.documents],
  ...[topics.customerState, topics.contractState, topics.parked('router'), topics.receipts, topics.rejected],
];
const copyTopic = 'bench.copy';
const rawCopyTopic = 'bench.raw-copy';

interface Run {
  readonly deliveries: number;
  readonly course: Course;
  readonly cpu: Readonly<Record<string, number>>;
}

/** Deliveries through both rooms with full fan-out, against a bare transactional copy of the very records it wrote. */
export async function benchRouter({ quick, say }: BenchOptions): Promise<Result> {
  const count = quick ? 3_000 : 50_000;
  const site = await openSite(say);
  try {
    await site.admin.createTopics(
      [copyTopic, rawCopyTopic].map(name => ({
        ...{ name, partitions: partitionCount, replicationFactor: 1, config: {} },
      })),
    );
    const oneProcess = async (): Promise<readonly Child[]> => [await site.start('router')];
    const warmUpCount = quick ? 1_000 : 15_000;
    say(`${warmUpCount} deliveries to warm the broker up`);
    const warmUp = await runRouter(site, warmUpCount, 500, oneProcess);
    say(`${count} deliveries, both rooms in one process`);
    const one = await runRouter(site, count, 1_000, oneProcess);
    say('copies of what it wrote: bare kafkajs, and a task of ours');
    const rawCopy = await runCopy(site, 'raw-copy', rawCopyTopic);
    const copy = await runCopy(site, 'copy', copyTopic);
    say(`${count} deliveries, a process a room`);
    const two = await runRouter(site, count, 2_000, () =>
      Promise.all(
        ['resolve', 'route'].map(room =>
          site.startProgram(room, 'router/one-room.ts', { KEELSON_BENCH_ROOM: room }),
        ),
      ),
    );
    const copiedDeliveries = warmUp.deliveries + one.deliveries;
    const perDelivery = copy.records / copiedDeliveries;
    const asDeliveries = ({ course, cpu }: Omit<Run, 'deliveries'>): Run => ({
      ...{ deliveries: copiedDeliveries, course, cpu },
    });
    const [raw, copied] = [asDeliveries(rawCopy), asDeliveries(copy)];
    return {
      name: 'router',
      how: `${one.deliveries} deliveries of the sandbox's companies, written beforehand; ${perDelivery.toFixed(1)} records a delivery of ${Math.round(copy.bytes / copy.records)} bytes are written`,
      figures: [
        { what: 'one process', value: rate(one), unit: '/s', goal: { atLeast: 3_000 } },
        { what: 'one process, warm', value: warmRate(one), unit: '/s' },
        { what: 'one process / raw copy', value: rate(one) / rate(raw), unit: '', goal: { atLeast: 0.6 } },
        { what: 'one process / raw copy, warm', value: warmRate(one) / warmRate(raw), unit: '' },
        { what: 'one process / copy by a task', value: rate(one) / rate(copied), unit: '' },
        ...cpuFigures('one process', one),
        { what: 'a process a room', value: rate(two), unit: '/s', goal: { atLeast: 3_000 } },
        { what: 'a process a room, warm', value: warmRate(two), unit: '/s' },
        {
          what: 'a process a room / raw copy',
          value: rate(two) / rate(raw),
          unit: '',
          goal: { atLeast: 0.6 },
        },
        ...cpuFigures('a process a room', two),
        {
          what: 'ceiling: raw kafkajs copies as many records',
          value: copy.records / rawCopy.course.seconds,
          unit: 'rec/s',
        },
        { what: 'raw copy in deliveries', value: rate(raw), unit: '/s' },
        ...cpuFigures('raw copy', raw),
        { what: 'copy by a task of ours, in deliveries', value: rate(copied), unit: '/s' },
        ...cpuFigures('copy by a task', copied),
      ],
    };
  } finally {
    await site.close();
  }
}

const rate = ({ deliveries, course }: Run): number => deliveries / course.seconds;
const warmRate = ({ deliveries, course }: Run): number => deliveries / course.warmSeconds;

const cpuFigures = (what: string, { cpu, deliveries }: Run): Figure[] =>
  Object.entries(cpu).map(([name, micros]) => ({
    what: `${what}, CPU of ${name}, each`,
    value: micros / deliveries,
    unit: 'µs',
  }));

async function runRouter(
  site: Site,
  count: number,
  seed: number,
  start: () => Promise<readonly Child[]>,
): Promise<Run> {
  const deliveries = await writeDeliveries(site, count, seed);
  const broker = startCpuMeter({ broker: site.brokerPid });
  const following = followCourse(site.admin, rooms, ingress);
  following.catch(() => undefined);
  const children = await start();
  const course = await following;
  // Of the processes since they started: compilation and takeover are in it.
  const own = children.map(({ name, pid }) => [name, cpuMicrosOf(pid)] as const);
  const cpu = { ...Object.fromEntries(own), ...broker() };
  await Promise.all(children.map(child => child.stop()));
  return { deliveries, course, cpu };
}

async function runCopy(
  site: Site,
  program: 'copy' | 'raw-copy',
  topic: string,
): Promise<Omit<Run, 'deliveries'> & { records: number; bytes: number }> {
  const broker = startCpuMeter({ broker: site.brokerPid });
  const following = followCourse(site.admin, [{ groupId: `bench-${program}`, topics: outputs }], []);
  following.catch(() => undefined);
  const child = await site.startProgram(program, `router/${program}.ts`, {
    KEELSON_BENCH_INPUTS: outputs.join(','),
    KEELSON_BENCH_TOPIC: topic,
    KEELSON_PARTITIONS: String(partitionCount),
  });
  const course = await following;
  const cpu = { copy: cpuMicrosOf(child.pid), ...broker() };
  const counts = (await (await fetch(child.url)).json()) as { records: number; bytes: number };
  await child.stop();
  return { course, cpu, ...counts };
}
