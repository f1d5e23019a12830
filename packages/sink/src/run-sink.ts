import { schemas } from '@keelson/contracts';
import type { Flows } from '@keelson/contracts';
import { faultHook, kafkaConnection, readSchemaIds, taskReasons } from '@keelson/service';
import type { CommonSettings, ServiceContext } from '@keelson/service';
import { createCodec, fetchSchema, runTasks } from '@keelson/stream';
import type { SinkPort } from './port.ts';
import { createSink } from './sink.ts';
import type { SinkOptions } from './sink.ts';
import type { WorkOf, WorkRecordName } from './unit.ts';

export interface RunSinkOptions<R extends WorkRecordName, P> extends Pick<
  SinkOptions<R, P>,
  'target' | 'record' | 'policy' | 'limits'
> {
  readonly settings: CommonSettings;
  readonly flows: Flows;
  readonly generationOf: (topic: string) => number;
  readonly port: SinkPort<WorkOf<R>, P>;
}

/**
 * A sink's process from its port to its shutdown: the same for every target. Resolves when all its partitions run.
 * Throws `misconfigured` when the target, or a topic, is not as it must be.
 */
export async function runSink<R extends WorkRecordName, P>(
  { environment, logger, onShutdown, setReadiness }: ServiceContext,
  { settings, ...options }: RunSinkOptions<R, P>,
): Promise<void> {
  const service = `${options.target}-sink`;
  const fault = faultHook(service, environment);
  const ending = new AbortController();
  onShutdown(() => ending.abort());
  const codec = createCodec({
    schemas,
    ids: readSchemaIds(settings.KEELSON_SCHEMA_IDS_FILE),
    fetchSchema: id => fetchSchema(settings.KEELSON_REGISTRY_URL, id),
  });
  const sink = createSink({ ...options, codec, logger, fault });
  onShutdown(() => sink.close());
  setReadiness(() => sink.reasons());
  await sink.start(ending.signal);
  const tasks = runTasks(sink.definition, {
    kafka: kafkaConnection(service, settings),
    codec,
    stateDirectory: settings.KEELSON_STATE_DIRECTORY,
    partitionCount: settings.KEELSON_PARTITIONS,
    logger,
    generationOf: options.generationOf,
    faultPoint: fault,
  });
  onShutdown(() => tasks.stop());
  setReadiness(() => [...sink.reasons(), ...taskReasons(tasks.status())]);
  await tasks.ready;
}
