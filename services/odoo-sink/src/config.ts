import type { Flows, OdooTarget } from '@keelson/contracts';
import { ConfigurationError, collectFaults, readConfiguration, readSecret } from '@keelson/service';
import type { Environment } from '@keelson/service';

export interface Config {
  readonly settings: ReturnType<typeof readConfiguration<Record<never, never>>>['settings'];
  readonly flows: Flows;
  readonly generationOf: (topic: string) => number;
  readonly targetName: string;
  readonly target: OdooTarget;
  readonly apiKey: string;
}

/** Everything the service reads. Throws ConfigurationError with every fault. */
export function readConfig(environment: Environment): Config {
  const { settings, policy, generationOf } = readConfiguration(environment, {});
  const targetName = environment['KEELSON_TARGET'] ?? 'odoo';
  const target = policy.targets[targetName];
  if (target?.kind !== 'odoo') {
    throw new ConfigurationError([
      `KEELSON_TARGET: ${targetName} is ${target === undefined ? 'no target' : `a target of kind ${target.kind}`}`,
    ]);
  }
  let apiKey = '';
  collectFaults(
    ...target.api_key_files.map((file, index) => () => {
      const key = readSecret(file);
      if (index === 0) apiKey = key;
    }),
  );
  return { settings, flows: policy.flows, generationOf, targetName, target, apiKey };
}
