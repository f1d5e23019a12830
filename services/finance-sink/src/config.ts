import type { FinanceTarget, Flows } from '@keelson/contracts';
import {
  collectFaults,
  ConfigurationError,
  known,
  readCommon,
  readSecret,
  targetOf,
  wholeNumber,
} from '@keelson/service';
import type { CommonSettings, Environment } from '@keelson/service';
import type { LedgerOptions } from './ledger/ledger.ts';
import { chartOf } from './posting/chart.ts';
import type { Chart } from './posting/chart.ts';

export interface Config {
  readonly settings: CommonSettings;
  readonly flows: Flows;
  readonly generationOf: (topic: string) => number;
  readonly targetName: string;
  readonly target: FinanceTarget;
  readonly chart: Chart;
  readonly ledger: LedgerOptions;
  readonly originalGraceMs: number;
}

/** Everything the service reads. @throws ConfigurationError with every fault. */
export const readConfig = (environment: Environment): Config =>
  collectFaults(attempt => {
    const { settings, generationOf, part, sound } = readCommon(environment, attempt);
    const targetName = environment['KEELSON_TARGET'] ?? 'finance';
    const number = (name: string, fallback: number, least: number) =>
      attempt(() => wholeNumber(environment, name, { fallback, least }));
    const originalGraceMs = number('KEELSON_FINANCE_ORIGINAL_GRACE_MS', 60_000, 0);
    const maxConnections = number('KEELSON_LEDGER_MAX_CONNECTIONS', 4, 1);
    const connectTimeoutMs = number('KEELSON_LEDGER_CONNECT_TIMEOUT_MS', 5_000, 1);
    const statementTimeoutMs = number('KEELSON_LEDGER_STATEMENT_TIMEOUT_MS', 10_000, 1);
    const target = attempt(() => targetOf(part('targets'), targetName, 'finance'));
    const url = attempt(() => readSecret(known(sound('targets')[targetName]?.database_url_file)));
    const chart = attempt(() => chartOf(part('accounts')));
    const allowPrivilegedRole = attempt(() =>
      trueOrFalse(environment, 'KEELSON_LEDGER_ALLOW_PRIVILEGED_ROLE'),
    );
    return () => ({
      settings: settings(),
      generationOf: generationOf(),
      flows: part('flows'),
      targetName,
      target: target(),
      chart: chart(),
      originalGraceMs: originalGraceMs(),
      ledger: {
        url: url(),
        maxConnections: maxConnections(),
        connectTimeoutMs: connectTimeoutMs(),
        statementTimeoutMs: statementTimeoutMs(),
        allowPrivilegedRole: allowPrivilegedRole(),
      },
    });
  });

/** False when not set. */
function trueOrFalse(environment: Environment, name: string): boolean {
  const text = environment[name] ?? 'false';
  if (text === 'true' || text === 'false') return text === 'true';
  throw new ConfigurationError([`${name}: true or false`]);
}
