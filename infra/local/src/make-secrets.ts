/**
 * Makes what is missing of an installation's secrets, at random: the services' own under KEELSON_SECRETS_DIRECTORY, the
 * database owner's under KEELSON_OWNER_DIRECTORY, where no service looks. KEELSON_LEDGER_ADDRESS is host:port/database.
 * KEELSON_OWNER_PASSWORD_COPY is a place that the database's container alone sees, and reads as a user of its own.
 */
import { copyFile, chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { writeServiceUrl } from './system/ledger.ts';
import { makeOwnerPassword, makeSecrets, readSecretFile, writeSecretFile } from './system/secrets.ts';

const owner = 'keelson';

function setting(name: string): string {
  const value = process.env[name];
  if (value !== undefined && value !== '') return value;
  process.stderr.write(`make-secrets: ${name} is not set\n`);
  process.exit(78);
}

const ownerDirectory = setting('KEELSON_OWNER_DIRECTORY');
const secrets = await makeSecrets(setting('KEELSON_SECRETS_DIRECTORY'));
const passwordFile = await makeOwnerPassword(ownerDirectory);
const passwordCopy = setting('KEELSON_OWNER_PASSWORD_COPY');
await copyFile(passwordFile, passwordCopy);
await chmod(passwordCopy, 0o644);
const ownerPassword = await readSecretFile(passwordFile);
const ownerUrl = `postgresql://${owner}:${ownerPassword}@${setting('KEELSON_LEDGER_ADDRESS')}`;
await writeSecretFile(join(ownerDirectory, 'ledger-owner-url'), ownerUrl);
await writeServiceUrl(ownerUrl, await readSecretFile(secrets.ledgerPassword), secrets.ledgerUrl);
process.stdout.write('secrets are there\n');
