import { setTimeout } from 'node:timers/promises';
import { runService } from '@keelson/service';
import { createRateLimiter, runSink } from '@keelson/sink';
import { readConfig } from './config.ts';
import { createDeskPort } from './desk-port.ts';
import { createDeskHttp } from './desks/http.ts';
import { createZendesk } from './desks/zendesk.ts';

await runService('support-sink', process.env, async context => {
  const { settings, flows, generationOf, targetName, target, token } = readConfig(context.environment);
  const { requests_per_second: requestsPerSecond, concurrency } = target.rate;
  const http = createDeskHttp({
    url: target.url,
    token,
    limiter: createRateLimiter({ requestsPerSecond, concurrency }),
  });
  const sleep = (ms: number, signal: AbortSignal): Promise<void> => setTimeout(ms, undefined, { signal });
  await runSink(context, {
    settings,
    flows,
    generationOf,
    target: targetName,
    record: 'keelson.work.SupportWork',
    policy: target,
    port: createDeskPort(createZendesk({ http, sleep })),
  });
});
