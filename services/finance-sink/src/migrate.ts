/**
 * Brings the ledger's schema up to date: `node migrate.js`, by hand or before the service starts. Reads the owner's URL
 * from KEELSON_LEDGER_OWNER_URL_FILE; gives KEELSON_LEDGER_ROLE the password in KEELSON_LEDGER_PASSWORD_FILE.
 */
import { ConfigurationError, exitCodes, readSecret } from '@keelson/service';
import { migrateLedger } from './ledger/migrate.ts';

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new ConfigurationError([`${name} is not set`]);
  return value;
}

try {
  const { applied } = await migrateLedger(readSecret(setting('KEELSON_LEDGER_OWNER_URL_FILE')), {
    serviceRole: setting('KEELSON_LEDGER_ROLE'),
    passwordFile: setting('KEELSON_LEDGER_PASSWORD_FILE'),
  });
  const what = applied.length === 0 ? 'nothing to apply' : `applied ${applied.join(', ')}`;
  process.stdout.write(`ledger: ${what}\n`);
} catch (error) {
  process.stderr.write(`ledger: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof ConfigurationError ? exitCodes.configuration : exitCodes.failure;
}
