import { KeelsonError } from '@keelson/contracts';
import type { FinanceTarget, Flows } from '@keelson/contracts';
import { ConfigurationError, collectFaults, readConfiguration, readSecret } from '@keelson/service';
import type { Environment } from '@keelson/service';
import type { LedgerOptions } from './ledger/ledger.ts';
import { chartOf } from './posting/chart.ts';
import type { Chart } from './posting/chart.ts';

export interface Config {
  readonly settings: ReturnType<typeof readConfiguration<Record<never, never>>>['settings'];
  readonly flows: Flows;
  readonly generationOf: (topic: string) => number;
  readonly targetName: string;
  readonly target: FinanceTarget;
  readonly chart: Chart;
  readonly ledger: LedgerOptions;
  readonly originalGraceMs: number;
}

/** Everything the service reads. @throws ConfigurationError with every fault. */
export function readConfig(environment: Environment): Config {
  const { settings, policy, generationOf } = readConfiguration(environment, {});
  const targetName = environment['KEELSON_TARGET'] ?? 'finance';
  const found: { target?: FinanceTarget; chart?: Chart; url?: string } = {};
  const numbers: Record<string, number> = {};
  const readNumber = (name: string, fallback: number, least: number) => (): void => {
    const text = environment[name] ?? String(fallback);
    if (!/^\d+$/.test(text) || Number(text) < least) {
      throw new ConfigurationError([`${name}: a whole number from ${least}, not ${text}`]);
    }
    numbers[name] = Number(text);
  };
  collectFaults(
    readNumber('KEELSON_FINANCE_ORIGINAL_GRACE_MS', 60_000, 0),
    readNumber('KEELSON_LEDGER_MAX_CONNECTIONS', 4, 1),
    readNumber('KEELSON_LEDGER_CONNECT_TIMEOUT_MS', 5_000, 1),
    readNumber('KEELSON_LEDGER_STATEMENT_TIMEOUT_MS', 10_000, 1),
    () => {
      found.target = financeTarget(policy.targets[targetName], targetName);
      found.url = readSecret(found.target.database_url_file);
    },
    () => {
      found.chart = asConfiguration(() => chartOf(policy.accounts));
    },
    () => {
      if (!['true', 'false'].includes(environment['KEELSON_LEDGER_ALLOW_PRIVILEGED_ROLE'] ?? 'false')) {
        throw new ConfigurationError(['KEELSON_LEDGER_ALLOW_PRIVILEGED_ROLE: true or false']);
      }
    },
  );
  return {
    settings,
    flows: policy.flows,
    generationOf,
    targetName,
    target: found.target as FinanceTarget,
    chart: found.chart as Chart,
    originalGraceMs: numbers['KEELSON_FINANCE_ORIGINAL_GRACE_MS'] as number,
    ledger: {
      url: found.url as string,
      maxConnections: numbers['KEELSON_LEDGER_MAX_CONNECTIONS'] as number,
      connectTimeoutMs: numbers['KEELSON_LEDGER_CONNECT_TIMEOUT_MS'] as number,
      statementTimeoutMs: numbers['KEELSON_LEDGER_STATEMENT_TIMEOUT_MS'] as number,
      allowPrivilegedRole: environment['KEELSON_LEDGER_ALLOW_PRIVILEGED_ROLE'] === 'true',
    },
  };
}

function financeTarget(target: { readonly kind: string } | undefined, name: string): FinanceTarget {
  if (target?.kind === 'finance') return target as FinanceTarget;
  throw new ConfigurationError([
    `KEELSON_TARGET: ${name} is ${target === undefined ? 'no target' : `a target of kind ${target.kind}`}`,
  ]);
}

function asConfiguration<R>(read: () => R): R {
  try {
    return read();
  } catch (error) {
    if (error instanceof KeelsonError) throw new ConfigurationError([error.message]);
    throw error;
  }
}
