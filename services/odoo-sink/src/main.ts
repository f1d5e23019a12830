import { schemas } from '@keelson/contracts';
import { kafkaConnection, readSchemaIds, runService } from '@keelson/service';
import { createRateLimiter, createSink } from '@keelson/sink';
import { createCodec, fetchSchema, runTasks } from '@keelson/stream';
import { createJson2Client } from './client/json2.ts';
import { readConfig } from './config.ts';
import { createOdooPort } from './odoo-port.ts';

await runService(
  'odoo-sink',
  process.env,
  async ({ environment, logger, onShutdown, setReadiness, fail }) => {
    const { settings, flows, targetName, target, apiKey } = readConfig(environment);
    const ending = new AbortController();
    onShutdown(() => ending.abort());
    const codec = createCodec({
      schemas,
      ids: readSchemaIds(settings.KEELSON_SCHEMA_IDS_FILE),
      fetchSchema: id => fetchSchema(settings.KEELSON_REGISTRY_URL, id),
    });
    const { requests_per_second: requestsPerSecond, concurrency } = target.rate;
    const rateLimiter = createRateLimiter({ requestsPerSecond, concurrency });
    const client = createJson2Client({
      url: target.url,
      database: target.database,
      apiKey,
      rateLimiter,
      connections: concurrency,
    });
    const sink = createSink({
      target: targetName,
      record: 'keelson.work.OdooWork',
      policy: target,
      flows,
      port: createOdooPort(client, target),
      codec,
      logger,
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
