import type { Policy } from '@keelson/contracts';
import { readConfiguration, readSchemaIds } from '@keelson/service';
import type { Environment } from '@keelson/service';

export interface Config {
  readonly settings: ReturnType<typeof readConfiguration<Record<never, never>>>['settings'];
  readonly policy: Policy;
  /** Schema id by `<topic>-<record>`. */
  readonly schemaIds: Record<string, number>;
}

/** Everything the router reads; it has no settings of its own. Throws ConfigurationError with every fault. */
export function readConfig(environment: Environment): Config {
  const { settings, policy } = readConfiguration(environment, {});
  return { settings, policy, schemaIds: readSchemaIds(settings.KEELSON_SCHEMA_IDS_FILE) };
}
