import { schemas, topics } from '@keelson/contracts';
import { kafkaConnection } from '@keelson/service';
import type { ServiceContext } from '@keelson/service';
import { createCodec, createPublisher, fetchSchema } from '@keelson/stream';
import type { FaultPoint } from '@keelson/stream';
import type { Config } from './config.ts';
import { startPolling } from './poll/start-polling.ts';
import type { PollingRoom } from './poll/start-polling.ts';
import type { ReceivePoint } from './receive/handle.ts';
import { createReceiveMetrics } from './receive/metrics.ts';
import { createRequestLog } from './receive/request-log.ts';
import { startReceiving } from './receive/server.ts';
import { publishChecked, startTopicCheck } from './topic-check.ts';

/** For tests: told of each named point that a request passes. */
export interface StartHooks {
  readonly receivePoint?: (point: ReceivePoint) => void;
  readonly pollPoint?: (point: FaultPoint) => void;
}

/** Within it the broker has acknowledged, or the sender is told to come again; 3 s with the answer. */
const publishDeadlineMs = 2_800;

/**
 * Both rooms: what is sent to us, and what we ask for. Throws `misconfigured` when a topic is not as it must be; when
 * Kafka is away it starts all the same, answers 503, and ends by `fail` should the topics turn out wrong later.
 */
export async function start(
  { logger, onShutdown, setReadiness, setWarnings, fail }: ServiceContext,
  config: Config,
  hooks: StartHooks = {},
): Promise<void> {
  const { settings } = config;
  const kafka = kafkaConnection('ingestor', settings);
  const partitionCount = settings.KEELSON_PARTITIONS;
  const ending = new AbortController();
  const check = startTopicCheck({
    ...{ kafka, partitionCount, logger, signal: ending.signal },
    topics: topicsOf(config),
  });
  setReadiness(() => check.reasons());
  await check.tried;

  const codec = createCodec({
    schemas,
    ids: config.schemaIds,
    fetchSchema: id => fetchSchema(settings.KEELSON_REGISTRY_URL, id),
  });
  const publisher = createPublisher({
    ...{ kafka, codec, partitionCount, logger },
    lingerMs: config.lingerMs,
    deadlineMs: publishDeadlineMs,
  });
  onShutdown(() => publisher.stop());
  const rooms: PollingRoom[] = [];
  onShutdown(() => Promise.all(rooms.map(room => room.stop())).then(() => undefined));
  const requests = createRequestLog((line, message) => logger.info(line, message));
  onShutdown(() => requests.stop());
  const server = await startReceiving({
    host: config.host,
    port: config.port,
    sources: config.receiving,
    publisher: publishChecked(publisher, check),
    metrics: createReceiveMetrics(),
    log: line => requests.add(line),
    onError: error => logger.error({ err: error }, 'a request failed'),
    nowMs: Date.now,
    faultPoint: hooks.receivePoint,
  });
  // Last registered, first released: no new requests, then what is buffered, then the broker.
  onShutdown(() => server.close());
  onShutdown(() => ending.abort());
  logger.info({ url: server.url }, 'receiving');
  setReadiness(() => [
    ...check.reasons(),
    ...(publisher.healthy() ? [] : ['the broker does not acknowledge']),
  ]);
  // Whatever keeps the poller from its work is no reason to send senders away: what it is asked for waits on its topic.
  setWarnings(() => rooms.flatMap(room => room.warnings()));
  check.passed.then(() => {
    if (ending.signal.aborted) return;
    const taskOptions = {
      ...{ kafka, codec, partitionCount, logger, stateDirectory: settings.KEELSON_STATE_DIRECTORY },
      generationOf: config.generationOf,
      ...(hooks.pollPoint === undefined ? {} : { faultPoint: hooks.pollPoint }),
    };
    for (const source of config.polled) {
      const room = startPolling(source, taskOptions);
      rooms.push(room);
      room.ready.catch(fail);
    }
  }, fail);
}

/** Every topic that the service reads or writes. */
const topicsOf = ({ receiving, polled }: Config): string[] => [
  ...receiving.map(({ name }) => topics.ingress(name)),
  ...polled.map(({ name }) => topics.fetch(name)),
  ...(polled.length > 0 ? [topics.rejected] : []),
];
