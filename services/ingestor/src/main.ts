import { faultHook, runService } from '@keelson/service';
import { start } from './start.ts';

await runService('ingestor', process.env, context =>
  start(context, { receivePoint: faultHook('ingestor', context.environment) }),
);
