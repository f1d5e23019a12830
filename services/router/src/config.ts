import type { Policy } from '@keelson/contracts';
import { collectFaults, readCommon } from '@keelson/service';
import type { CommonSettings, Environment } from '@keelson/service';

export interface Config {
  readonly settings: CommonSettings;
  readonly policy: Policy;
  readonly generationOf: (topic: string) => number;
  /** Schema id by `<topic>-<record>`. */
  readonly schemaIds: Record<string, number>;
}

/** Everything the router reads; it has no settings of its own. @throws ConfigurationError with every fault. */
export const readConfig = (environment: Environment): Config =>
  collectFaults(attempt => {
    const { settings, generationOf, policy, schemaIds } = readCommon(environment, attempt);
    return () => ({
      settings: settings(),
      generationOf: generationOf(),
      policy: policy(),
      schemaIds: schemaIds(),
    });
  });
