/** One room of the router as a process of its own; `KEELSON_BENCH_ROOM` says which. */
import { schemas } from '@keelson/contracts';
import { createLogger, kafkaConnection, readConfiguration, readSchemaIds } from '@keelson/service';
import { createCodec, runTasks } from '@keelson/stream';
import { routerRooms } from '../../../services/router/src/rooms.ts';
import { answerReady } from './answer-ready.ts';

const { settings, policy, generationOf } = readConfiguration(process.env);
const codec = createCodec({ schemas, ids: readSchemaIds(settings.KEELSON_SCHEMA_IDS_FILE) });
const logger = createLogger('router', settings.KEELSON_LOG_LEVEL);
const definition = routerRooms(policy, { codec, log: logger, generationOf }).find(
  ({ room }) => room === process.env['KEELSON_BENCH_ROOM'],
);
if (definition === undefined) throw new Error('KEELSON_BENCH_ROOM names no room of the router');
const tasks = runTasks(definition, {
  kafka: kafkaConnection(`router-${definition.room}`, settings),
  ...{ codec, logger, generationOf },
  stateDirectory: settings.KEELSON_STATE_DIRECTORY,
  partitionCount: settings.KEELSON_PARTITIONS,
});
process.on('SIGTERM', () => void tasks.stop().then(() => process.exit()));
await tasks.ready;
answerReady();
