import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Files that hold one secret each; made at random at the first start, readable by their owner alone. */
export interface SecretFiles {
  readonly stripe: string;
  readonly standardWebhooks: string;
  readonly api: string;
  readonly stripeApiKey: string;
  readonly odooApiKey: string;
  readonly deskApiToken: string;
  readonly ledgerPassword: string;
  readonly ledgerUrl: string;
  readonly ledgerOwnerUrl: string;
}

const random = (bytes: number): string => randomBytes(bytes).toString('base64url');

/** A secret's file, made when it is missing and kept when it is there. */
async function makeSecret(directory: string, name: string, make: () => string): Promise<string> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  const path = join(directory, name);
  await writeFile(path, make() + '\n', { mode: 0o600, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return path;
}

/** The password of a database's owner, made at random at the first start. */
export const makeOwnerPassword = (directory: string): Promise<string> =>
  makeSecret(directory, 'owner-password', () => random(24));

/** Makes what is missing under `directory` and keeps what is there. The URLs are places, filled by the caller. */
export async function makeSecrets(directory: string): Promise<SecretFiles> {
  const file = (name: string, make: () => string): Promise<string> => makeSecret(directory, name, make);
  return {
    stripe: await file('stripe-webhook-secret', () => `whsec_${random(24)}`),
    standardWebhooks: await file(
      'standard-webhooks-secret',
      () => `whsec_${randomBytes(24).toString('base64')}`,
    ),
    api: await file('api-token', () => random(32)),
    stripeApiKey: await file('stripe-api-key', () => `sk_test_${random(24)}`),
    odooApiKey: await file('odoo-api-key', () => randomBytes(20).toString('hex')),
    deskApiToken: await file('desk-api-token', () => random(24)),
    ledgerPassword: await file('ledger-password', () => random(24)),
    ledgerUrl: join(directory, 'ledger-database-url'),
    ledgerOwnerUrl: join(directory, 'ledger-owner-url'),
  };
}

export const writeSecretFile = (path: string, secret: string): Promise<void> =>
  writeFile(path, secret + '\n', { mode: 0o600 });

export const readSecretFile = async (path: string): Promise<string> => (await readFile(path, 'utf8')).trim();
