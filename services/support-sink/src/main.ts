import { setTimeout } from 'node:timers/promises';
import { schemas } from '@keelson/contracts';
import { faultHook, kafkaConnection, readSchemaIds, runService } from '@keelson/service';
import { createRateLimiter, createSink } from '@keelson/sink';
import { createCodec, fetchSchema, runTasks } from '@keelson/stream';
import { readConfig } from './config.ts';
import { createDeskPort } from './desk-port.ts';
import { createDeskHttp } from './desks/http.ts';
import { createZendesk } from './desks/zendesk.ts';

await runService(
  'support-sink',
  process.env,
  async ({ environment, logger, onShutdown, setReadiness, fail }) => {
    const { settings, flows, targetName, target, token } = readConfig(environment);
    const ending = new AbortController();
    onShutdown(() => ending.abort());
    const codec = createCodec({
      schemas,
      ids: readSchemaIds(settings.KEELSON_SCHEMA_IDS_FILE),
      fetchSchema: id => fetchSchema(settings.KEELSON_REGISTRY_URL, id),
    });
    const { requests_per_second: requestsPerSecond, concurrency } = target.rate;
    const fault = faultHook(targetName, environment);
    const limiter = createRateLimiter({ requestsPerSecond, concurrency });
    const http = createDeskHttp({ url: target.url, token, limiter });
    const sleep = (ms: number, signal: AbortSignal): Promise<void> => setTimeout(ms, undefined, { signal });
    const sink = createSink({
      target: targetName,
      record: 'keelson.work.SupportWork',
      policy: target,
      flows,
      port: createDeskPort(createZendesk({ http, sleep })),
      codec,
      logger,
      fault,
    });
    onShutdown(() => sink.close());
    setReadiness(() => sink.reasons());
    await sink.start(ending.signal);
    const tasks = runTasks(sink.definition, {
      kafka: kafkaConnection(`${targetName}-sink`, settings),
      codec,
      stateDirectory: settings.KEELSON_STATE_DIRECTORY,
      partitionCount: settings.KEELSON_PARTITIONS,
      logger,
      faultPoint: fault,
    });
    onShutdown(() => tasks.stop());
    setReadiness(() => [
      ...sink.reasons(),
      ...tasks
        .status()
        .tasks.flatMap(({ partition, phase, problem }) =>
          phase === 'running' ? [] : [`partition ${partition}: ${problem ?? phase}`],
        ),
    ]);
    tasks.ready.catch(fail);
    await tasks.ready;
  },
);
