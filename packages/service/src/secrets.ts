import { readFileSync, statSync } from 'node:fs';
import { ConfigurationError } from './faults.ts';

/** One secret a line, newest first. A file that is missing, empty or open to others is a fault; its content is never shown. */
export function readSecrets(file: string): string[] {
  let text: string;
  try {
    if ((statSync(file).mode & 0o007) !== 0)
      throw new ConfigurationError([`${file}: others may read it; set its mode to 0600`]);
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    throw new ConfigurationError([
      `${file}: the secret cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`,
    ]);
  }
  const secrets = text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');
  if (secrets.length === 0) throw new ConfigurationError([`${file}: holds no secret`]);
  return secrets;
}

/** The one secret of a file that holds one. */
export const readSecret = (file: string): string => readSecrets(file)[0] as string;
