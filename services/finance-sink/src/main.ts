import { runService } from '@keelson/service';
import { runSink } from '@keelson/sink';
import { readConfig } from './config.ts';
import { triesAfterGrace } from './grace.ts';
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
    limits: { stepAside: triesAfterGrace(originalGraceMs) },
  });
});
