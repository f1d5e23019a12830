import { schemas } from '@keelson/contracts';
import { faultHook, kafkaConnection, runService, taskReasons } from '@keelson/service';
import { createCodec, fetchSchema, runTasks } from '@keelson/stream';
import { readConfig } from './config.ts';
import { routerRooms } from './rooms.ts';

await runService('router', process.env, async ({ environment, logger, onShutdown, setReadiness }) => {
  const { settings, policy, schemaIds, generationOf, rooms: names } = readConfig(environment);
  const codec = createCodec({
    schemas,
    ids: schemaIds,
    fetchSchema: id => fetchSchema(settings.KEELSON_REGISTRY_URL, id),
  });
  const definitions = routerRooms(policy, { codec, log: logger, generationOf });
  const rooms = definitions
    .filter(({ room }) => names.includes(room))
    .map(definition =>
      runTasks(definition, {
        kafka: kafkaConnection(`router-${definition.room}`, settings),
        codec,
        stateDirectory: settings.KEELSON_STATE_DIRECTORY,
        partitionCount: settings.KEELSON_PARTITIONS,
        logger,
        generationOf,
        faultPoint: faultHook(`router.${definition.room}`, environment),
      }),
    );
  onShutdown(async () => {
    await Promise.all(rooms.map(room => room.stop()));
  });
  setReadiness(() => rooms.flatMap(room => taskReasons(room.status())));
  await Promise.all(rooms.map(({ ready }) => ready));
});
