import { runService } from '@keelson/service';
import { readConfig } from '../config.ts';
import { start } from '../start.ts';

/** The service, killed the first time a request comes to the point that the argument names. */
const [, , killAt] = process.argv;

await runService('ingestor', process.env, context =>
  start(context, readConfig(context.environment), {
    receivePoint: point => {
      if (point === killAt) process.kill(process.pid, 'SIGKILL');
    },
  }),
);
