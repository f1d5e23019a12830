import type { Policy } from '@keelson/contracts';
import { readConfiguration, readSchemaIds } from '@keelson/service';
import type { Environment } from '@keelson/service';

export interface Config {
  readonly settings: ReturnType<typeof readConfiguration<Record<never, never>>>['settings'];
  readonly policy: Policy;
  readonly generationOf: (topic: string) => number;
  /** Schema id by `<topic>-<record>`. */
  readonly schemaIds: Record<string, number>;
}

/** Everything the router reads; it has no settings of its own. Throws ConfigurationError with every fault. */
export function readConfig(environment: Environment): Config {
  const configuration = readConfiguration(environment, {});
  return { ...configuration, schemaIds: readSchemaIds(configuration.settings.KEELSON_SCHEMA_IDS_FILE) };
}
