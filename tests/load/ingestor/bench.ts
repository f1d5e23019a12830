import { readSecretFile } from '../../../infra/local/src/system/secrets.ts';
import { failuresOf, sendLoad } from '../http-load/index.ts';
import type { Load, LoadResult } from '../http-load/index.ts';
import { startCpuMeter } from '../processes.ts';
import type { BenchOptions, Figure, Result } from '../report.ts';
import { openSite, partitionCount } from '../site.ts';
import { signedWebhooks } from './webhooks.ts';

const connections = 64;
const openLoopPerSecond = 4_000;
const ceilingTopic = 'bench.one-send';

interface Measured extends LoadResult {
  /** CPU microseconds a request, by process. */
  readonly cpu: Readonly<Record<string, number>>;
}

/** Signed webhooks of 1 KB, against the ceilings of the same run. */
export async function benchIngestor({ quick, say }: BenchOptions): Promise<Result> {
  const site = await openSite(say);
  try {
    await site.admin.createTopics([
      { name: ceilingTopic, partitions: partitionCount, replicationFactor: 1, config: {} },
    ]);
    await site.startSandbox();
    const secret = await readSecretFile(site.secrets.stripe);
    const times = quick ? { warmUpSeconds: 1, seconds: 2 } : { warmUpSeconds: 5, seconds: 15 };
    const measure = async (
      what: string,
      port: number,
      pid: number,
      perSecond?: number,
    ): Promise<Measured> => {
      say(`${what}${perSecond === undefined ? '' : `, ${perSecond}/s`}`);
      const requests = signedWebhooks(4_000, secret);
      const load: Load = { port, connections, requests, ...times };
      // CPU is counted over warm-up and all: compilation is a small part of it.
      const cpu = startCpuMeter({ server: pid, broker: site.brokerPid });
      const result = await sendLoad(perSecond === undefined ? load : { ...load, perSecond });
      const each = result.sentAtMs.length;
      const spent = Object.entries(cpu()).map(([name, micros]) => [name, micros / each] as const);
      return { ...result, cpu: Object.fromEntries(spent) };
    };
    const program = async (script: string, what: string): Promise<Measured> => {
      const server = await site.startProgram(what, script, { KEELSON_BENCH_TOPIC: ceilingTopic });
      const result = await measure(what, Number(new URL(server.url).port), server.pid);
      await server.stop();
      return result;
    };

    const bare = await program('ingestor/bare-http.ts', 'bare node:http');
    const oneSend = await program('ingestor/one-send.ts', 'one kafkajs send a request');
    const ingestor = await site.start('ingestor');
    const port = site.addresses.ingestorPort;
    const closed = await measure('ingestor, closed loop', port, ingestor.pid);
    const open = await measure('ingestor, open loop', port, ingestor.pid, openLoopPerSecond);
    return {
      name: 'ingestor',
      how: `verified Stripe webhooks of 1 KB, acks=all, ${connections} connections, ${times.seconds} s each`,
      figures: [
        { what: 'closed loop', value: closed.perSecond, unit: '/s', goal: { atLeast: 8_000 } },
        ...details('closed loop', closed),
        { what: 'closed loop / one kafkajs send', value: closed.perSecond / oneSend.perSecond, unit: '' },
        { what: 'closed loop / bare node:http', value: closed.perSecond / bare.perSecond, unit: '' },
        {
          what: `open loop ${openLoopPerSecond}/s, failures`,
          value: failuresOf(open),
          unit: '',
          goal: { under: 1 },
        },
        { what: 'open loop, p50', value: open.p50Ms, unit: 'ms' },
        { what: 'open loop, p99', value: open.p99Ms, unit: 'ms', goal: { under: 25 } },
        { what: 'open loop, max', value: open.maxMs, unit: 'ms' },
        ...cpuFigures('open loop', open),
        { what: 'ceiling: one kafkajs send a request', value: oneSend.perSecond, unit: '/s' },
        ...details('one kafkajs send', oneSend),
        { what: 'ceiling: bare node:http, 204', value: bare.perSecond, unit: '/s' },
        ...details('bare node:http', bare),
      ],
    };
  } finally {
    await site.close();
  }
}

const details = (what: string, result: Measured): Figure[] => [
  { what: `${what}, failures`, value: failuresOf(result), unit: '' },
  { what: `${what}, p50`, value: result.p50Ms, unit: 'ms' },
  { what: `${what}, p99`, value: result.p99Ms, unit: 'ms' },
  ...cpuFigures(what, result),
];

const cpuFigures = (what: string, { cpu }: Measured): Figure[] =>
  Object.entries(cpu).map(([name, value]) => ({ what: `${what}, CPU of ${name}, each`, value, unit: 'µs' }));
