import { taskReasons } from '@keelson/service';
import { stripePoller } from '@keelson/sources';
import { runTasks } from '@keelson/stream';
import type { TaskOptions } from '@keelson/stream';
import type { PolledSource } from '../config.ts';
import { createClient } from './client.ts';
import { fetchTask } from './fetch-task.ts';
import { createGate } from './gate.ts';
import { createPollMetrics } from './metrics.ts';

export interface PollingRoom {
  /** Rejects when the room cannot run at all. */
  readonly ready: Promise<void>;
  /** What keeps objects of the source from being fetched, if anything. */
  warnings(): readonly string[];
  stop(): Promise<void>;
}

/** The ingestor's second room, for one source. */
export function startPolling(source: PolledSource, options: TaskOptions): PollingRoom {
  const { requests_per_second: requestsPerSecond, concurrency } = source.api.rate;
  const gate = createGate({ requestsPerSecond, concurrency, nowMs: Date.now });
  const client = createClient({ baseUrl: source.api.url, gate, nowMs: Date.now });
  let problem: string | undefined;
  const tasks = runTasks(
    fetchTask({
      source: source.name,
      poller: stripePoller({ apiKey: source.apiKey, account: source.account }),
      client,
      gate,
      concurrency,
      logger: options.logger,
      metrics: createPollMetrics(source.name),
      onProblem: next => (problem = next),
    }),
    options,
  );
  return {
    ready: tasks.ready,
    warnings: () => [
      ...(problem === undefined ? [] : [`polling ${source.name}: ${problem}`]),
      ...taskReasons(tasks.status()),
    ],
    async stop() {
      gate.stop();
      await tasks.stop();
      await client.close();
    },
  };
}
