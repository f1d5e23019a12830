/** The sender, in a thread of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { quantile } from '../report.ts';
import { openConnection } from './connection.ts';
import type { Connection } from './connection.ts';
import type { Load, LoadResult } from './load.ts';

const load = workerData as Load;
const { port, requests, warmUpSeconds, seconds, perSecond } = load;
const connections = await Promise.all(Array.from({ length: load.connections }, () => openConnection(port)));
const startMs = performance.now();
const measureFromMs = startMs + warmUpSeconds * 1000;
const endMs = measureFromMs + seconds * 1000;
const latencies: number[] = [];
const byStatus: Record<string, number> = {};
const sentAtMs: number[] = [];
let next = 0;
let cpuBefore = process.threadCpuUsage();
setTimeout(() => (cpuBefore = process.threadCpuUsage()), warmUpSeconds * 1000);

/** Sends the next request and notes its answer; false when the connection broke. */
async function sendOne(connection: Connection, dueMs: number): Promise<boolean> {
  const request = requests[next++ % requests.length] as Uint8Array;
  sentAtMs.push(performance.timeOrigin + dueMs);
  const status = await connection.send(request);
  const nowMs = performance.now();
  if (dueMs >= measureFromMs && (perSecond !== undefined || nowMs < endMs)) {
    latencies.push(nowMs - dueMs);
    byStatus[status] = (byStatus[status] ?? 0) + 1;
  }
  return status !== 0;
}

async function closedLoop(connection: Connection): Promise<void> {
  while (performance.now() < endMs) if (!(await sendOne(connection, performance.now()))) return;
}

async function openLoop(rate: number): Promise<void> {
  const idle = [...connections];
  const due: number[] = [];
  const total = Math.round((warmUpSeconds + seconds) * rate);
  const underWay = new Set<Promise<void>>();
  const use = async (connection: Connection): Promise<void> => {
    for (let dueMs = due.shift(); dueMs !== undefined; dueMs = due.shift()) {
      if (!(await sendOne(connection, dueMs))) return;
    }
    idle.push(connection);
  };
  for (let planned = 0; planned < total;) {
    for (; planned < total; planned++) {
      const dueMs = startMs + (planned * 1000) / rate;
      if (dueMs > performance.now()) break;
      due.push(dueMs);
    }
    while (due.length > 0 && idle.length > 0) {
      const using = use(idle.pop() as Connection).finally(() => underWay.delete(using));
      underWay.add(using);
    }
    await new Promise(resolve => setTimeout(resolve, 1));
  }
  while (underWay.size > 0) await Promise.all(underWay);
}

if (perSecond === undefined) await Promise.all(connections.map(closedLoop));
else await openLoop(perSecond);
const { user, system } = process.threadCpuUsage(cpuBefore);
for (const connection of connections) connection.close();
const sorted = Float64Array.from(latencies).sort();
parentPort?.postMessage({
  byStatus,
  perSecond: sorted.length / seconds,
  p50Ms: quantile(sorted, 0.5),
  p99Ms: quantile(sorted, 0.99),
  maxMs: sorted.at(-1) ?? Number.NaN,
  cpuMicros: user + system,
  sentAtMs,
} satisfies LoadResult);
