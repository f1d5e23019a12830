import { schemas } from '@keelson/contracts';
import { kafkaConnection, readSchemaIds } from '@keelson/service';
import type { Logger, ServiceContext } from '@keelson/service';
import { stripePoller } from '@keelson/sources';
import { createCodec, createPublisher, fetchSchema, runTasks } from '@keelson/stream';
import type { RunningTasks, TaskOptions } from '@keelson/stream';
import { readConfig } from './config.ts';
import type { PolledSource } from './config.ts';
import { createClient } from './poll/client.ts';
import { fetchTask } from './poll/fetch-task.ts';
import { createGate } from './poll/gate.ts';
import type { ReceivePoint } from './receive/handle.ts';
import { createReceiveMetrics } from './receive/metrics.ts';
import { createRequestLog } from './receive/request-log.ts';
import { startReceiving } from './receive/server.ts';

/** For tests: told of each named point that a request passes. */
export interface StartHooks {
  readonly receivePoint?: (point: ReceivePoint) => void;
}

/** Within it the broker has acknowledged, or the sender is told to come again; 3 s with the answer. */
const publishDeadlineMs = 2_800;

/** Both rooms: what is sent to us, and what we ask for. */
export async function start(
  { environment, logger, onShutdown, setReadiness }: ServiceContext,
  hooks: StartHooks = {},
): Promise<void> {
  const config = readConfig(environment);
  const { settings } = config;
  const kafka = kafkaConnection('ingestor', settings);
  const codec = createCodec({
    schemas,
    ids: readSchemaIds(settings.KEELSON_SCHEMA_IDS_FILE),
    fetchSchema: id => fetchSchema(settings.KEELSON_REGISTRY_URL, id),
  });
  const partitionCount = settings.KEELSON_PARTITIONS;
  const publisher = createPublisher({
    kafka,
    codec,
    partitionCount,
    logger,
    lingerMs: config.lingerMs,
    deadlineMs: publishDeadlineMs,
  });
  onShutdown(() => publisher.stop());
  const rooms = config.polled.map(source =>
    startPolling(source, logger, {
      kafka,
      codec,
      partitionCount,
      logger,
      stateDirectory: settings.KEELSON_STATE_DIRECTORY,
      generationOf: config.generationOf,
    }),
  );
  for (const room of rooms) onShutdown(() => room.stop());
  const requests = createRequestLog((line, message) => logger.info(line, message));
  onShutdown(() => requests.stop());
  const server = await startReceiving({
    host: config.host,
    port: config.port,
    sources: config.receiving,
    publisher,
    metrics: createReceiveMetrics(),
    log: line => requests.add(line),
    onError: error => logger.error({ err: error }, 'a request failed'),
    nowMs: Date.now,
    faultPoint: hooks.receivePoint,
  });
  // Last registered, first released: no new requests, then what is buffered, then the broker.
  onShutdown(() => server.close());
  logger.info({ url: server.url }, 'receiving');
  setReadiness(() => [
    ...(publisher.healthy() ? [] : ['the broker does not acknowledge']),
    ...rooms.flatMap(room => room.reasons()),
  ]);
}

interface PollingRoom {
  readonly reasons: () => readonly string[];
  readonly stop: () => Promise<void>;
}

function startPolling(source: PolledSource, logger: Logger, options: TaskOptions): PollingRoom {
  const { requests_per_second: requestsPerSecond, concurrency } = source.api.rate;
  const gate = createGate({ requestsPerSecond, concurrency, nowMs: Date.now });
  const client = createClient({ baseUrl: source.api.url, gate, nowMs: Date.now });
  let refusal: string | undefined;
  let missing: string | undefined = 'starting';
  const tasks: RunningTasks = runTasks(
    fetchTask({
      source: source.name,
      poller: stripePoller({ apiKey: source.apiKey, account: source.account }),
      client,
      gate,
      concurrency,
      logger,
      onProblem: problem => (refusal = problem),
    }),
    options,
  );
  tasks.ready.then(
    () => (missing = undefined),
    (error: unknown) => {
      missing = error instanceof Error ? error.message : 'failed';
      logger.error({ err: error, source: source.name }, 'polling cannot start');
    },
  );
  return {
    // Away is no reason not to receive; a room that does not run is.
    reasons: () => (missing === undefined ? [] : [`polling ${source.name}: ${refusal ?? missing}`]),
    stop: async () => {
      gate.stop();
      await tasks.stop();
      await client.close();
    },
  };
}
