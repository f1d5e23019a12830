import { readFile, writeFile } from 'node:fs/promises';

/**
 * Where a running system listens, so that any other client can join in; also all that is needed to watch and check it.
 * Holds names of secret files and no secrets, but for `database.url`, where it stands.
 */
export interface Endpoints {
  readonly kafka: { readonly brokers: readonly string[] };
  readonly registry: { readonly url: string };
  /** The database server; left out where only the ledger's owner is known. */
  readonly database?: { readonly url: string };
  readonly ledger: { readonly ownerUrlFile: string };
  readonly ingestor: { readonly url: string };
  readonly odoo: { readonly url: string; readonly database: string; readonly apiKeyFile: string };
  readonly desk: { readonly url: string; readonly apiTokenFile: string };
  /** The stand-in for Stripe's API. */
  readonly stripe: { readonly url: string };
  readonly secrets: { readonly stripe: string; readonly 'standard-webhooks': string; readonly api: string };
  /** Health and metrics, by service. */
  readonly admin: Readonly<Record<string, string>>;
  /** The id map that `keelson schemas apply` wrote. */
  readonly schemaIdsFile: string;
}

export const writeEndpoints = (file: string, endpoints: Endpoints): Promise<void> =>
  writeFile(file, JSON.stringify(endpoints, null, 2) + '\n', { mode: 0o600 });

export const readEndpoints = async (file: string): Promise<Endpoints> =>
  JSON.parse(await readFile(file, 'utf8')) as Endpoints;
