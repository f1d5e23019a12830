import { runService } from '@keelson/service';
import { runSink } from '@keelson/sink';
import { readConfig } from './config.ts';
import { createLedgerPort } from './ledger-port.ts';
import { openLedger } from './ledger/ledger.ts';

/** Most entries in one statement. */
const maxBatch = 500;

await runService('finance-sink', process.env, async context => {
  const { settings, flows, generationOf, targetName, target, chart, ledger, originalGraceMs } = readConfig(
    context.environment,
  );
  await runSink(context, {
    settings,
    flows,
    generationOf,
    target: targetName,
    record: 'keelson.work.FinanceWork',
    policy: target,
    port: createLedgerPort(openLedger(ledger), { chart, originalGraceMs, maxBatch }),
    // What waits for an older fact is tried again by itself when its grace is over.
    limits: { stepAside: { initial_ms: Math.max(originalGraceMs, 1_000), max_ms: 3_600_000 } },
  });
});
