import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { dockerHas } from './docker.ts';
import type { Source, StartOptions } from './kafka.ts';
import { startPostgresFromNpm } from './postgres-npm.ts';
import { PlatformError, messageOf } from './platform-error.ts';
import { POSTGRES_IMAGE } from './versions.ts';

export type Postgres = {
  /** With user, password and database. A secret. */
  url: string;
  source: Source;
  pid?: number;
  /** Ends what was started; does nothing for one that was there already. Safe to call again. */
  stop: () => Promise<void>;
};

/** The role and database that are made where we start PostgreSQL ourselves. */
export const ROLE = 'keelson';

/**
 * A PostgreSQL that answers: the one in `DATABASE_URL` if set; else a container, where Docker answers and has
 * or can pull the image; else the one from npm. Its password is made at the first start and kept in a file
 * that only its owner reads.
 *
 * @throws PlatformError that says what to do.
 */
export async function startPostgres({
  dataDirectory,
  log = () => undefined,
  env = process.env,
}: StartOptions): Promise<Postgres> {
  const given = env['DATABASE_URL'];
  if (given) return useGiven(given);
  const passwordFile = await ensurePassword(join(dataDirectory, 'postgres'));
  if (await dockerHas(POSTGRES_IMAGE, log, env)) {
    return (await import('./postgres-docker.ts')).startPostgresInDocker(dataDirectory, passwordFile);
  }
  return startPostgresFromNpm(dataDirectory, passwordFile);
}

/** Whether the server lets us in. */
export async function postgresAnswers(url: string): Promise<true> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function useGiven(url: string): Promise<Postgres> {
  await postgresAnswers(url).catch((error: unknown) => {
    throw new PlatformError(
      `DATABASE_URL is set, but PostgreSQL does not let us in there (${messageOf(error)}). ` +
        'Start it or correct the address, or unset DATABASE_URL to have one started.',
    );
  });
  return { url, source: 'env', stop: async () => undefined };
}

async function ensurePassword(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'password');
  const known = await readFile(file, 'utf8').catch(() => '');
  if (!known) await writeFile(file, randomBytes(24).toString('hex'), { mode: 0o600 });
  await chmod(file, 0o600);
  return file;
}
