import type { Flows, SupportTarget } from '@keelson/contracts';
import { collectFaults, ConfigurationError, readConfiguration, readSecret } from '@keelson/service';
import type { Environment } from '@keelson/service';

export interface Config {
  readonly settings: ReturnType<typeof readConfiguration<Record<never, never>>>['settings'];
  readonly flows: Flows;
  readonly generationOf: (topic: string) => number;
  readonly targetName: string;
  readonly target: SupportTarget;
  readonly token: string;
}

/** Everything the service reads. Throws ConfigurationError with every fault. */
export function readConfig(environment: Environment): Config {
  const { settings, policy, generationOf } = readConfiguration(environment, {});
  const targetName = environment['KEELSON_TARGET'] ?? 'support';
  const target = policy.targets[targetName];
  if (target?.kind !== 'support') {
    throw new ConfigurationError([
      `KEELSON_TARGET: ${targetName} is ${target === undefined ? 'no target' : `a target of kind ${target.kind}`}`,
    ]);
  }
  let token = '';
  collectFaults(() => {
    token = readSecret(target.api_token_file);
  });
  return { settings, flows: policy.flows, generationOf, targetName, target, token };
}
