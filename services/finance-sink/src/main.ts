import { schemas } from '@keelson/contracts';
import { faultHook, kafkaConnection, readSchemaIds, runService } from '@keelson/service';
import { createSink } from '@keelson/sink';
import { createCodec, fetchSchema, runTasks } from '@keelson/stream';
import { readConfig } from './config.ts';
import { createLedgerPort } from './ledger-port.ts';
import { openLedger } from './ledger/ledger.ts';

/** Most entries in one statement. */
const maxBatch = 500;

await runService('finance-sink', process.env, async ({ environment, logger, onShutdown, setReadiness }) => {
  const { settings, flows, targetName, target, chart, ledger, originalGraceMs } = readConfig(environment);
  const ending = new AbortController();
  onShutdown(() => ending.abort());
  const fault = faultHook(targetName, environment);
  const codec = createCodec({
    schemas,
    ids: readSchemaIds(settings.KEELSON_SCHEMA_IDS_FILE),
    fetchSchema: id => fetchSchema(settings.KEELSON_REGISTRY_URL, id),
  });
  const sink = createSink({
    target: targetName,
    record: 'keelson.work.FinanceWork',
    policy: target,
    flows,
    port: createLedgerPort(openLedger(ledger), { chart, originalGraceMs, maxBatch }),
    codec,
    logger,
    fault,
    // What waits for an older fact is tried again by itself when its grace is over.
    limits: { stepAside: { initial_ms: Math.max(originalGraceMs, 1_000), max_ms: 3_600_000 } },
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
    faultPoint: fault,
  });
  onShutdown(() => tasks.stop());
  setReadiness(() => [...sink.reasons(), ...tasks.status().tasks.flatMap(notRunning)]);
  await tasks.ready;
});

function notRunning({
  partition,
  phase,
  problem,
}: {
  readonly partition: number;
  readonly phase: string;
  readonly problem: string | undefined;
}): readonly string[] {
  return phase === 'running' ? [] : [`partition ${partition}: ${problem ?? phase}`];
}
