import { runService } from '@keelson/service';
import { createRateLimiter, runSink } from '@keelson/sink';
import { createJson2Client } from './client/json2.ts';
import { readConfig } from './config.ts';
import { createOdooPort } from './odoo-port.ts';

await runService('odoo-sink', process.env, async context => {
  const { settings, flows, generationOf, targetName, target, apiKey } = readConfig(context.environment);
  const { requests_per_second: requestsPerSecond, concurrency } = target.rate;
  const client = createJson2Client({
    url: target.url,
    database: target.database,
    apiKey,
    rateLimiter: createRateLimiter({ requestsPerSecond, concurrency }),
  });
  await runSink(context, {
    settings,
    flows,
    generationOf,
    target: targetName,
    record: 'keelson.work.OdooWork',
    policy: target,
    port: createOdooPort(client, target),
  });
});
