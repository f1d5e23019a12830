import { runService } from '@keelson/service';
import { start } from '../start.ts';

/** The service, killed the first time a request comes to the point that the argument names. */
const [, , killAt] = process.argv;

await runService('ingestor', process.env, context =>
  start(context, {
    receivePoint: point => {
      if (point === killAt) process.kill(process.pid, 'SIGKILL');
    },
  }),
);
