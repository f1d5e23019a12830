import { faultHook, runService } from '@keelson/service';
import { readConfig } from './config.ts';
import { start } from './start.ts';

await runService('ingestor', process.env, context =>
  start(context, readConfig(context.environment), {
    receivePoint: faultHook('ingestor', context.environment),
    pollPoint: faultHook('ingestor.poll', context.environment),
  }),
);
