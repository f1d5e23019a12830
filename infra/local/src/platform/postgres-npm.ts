import { access, chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { startChild } from './child-process.ts';
import { layoutOf } from './layout.ts';
import { stopLeftover } from './leftover.ts';
import { PlatformError } from './platform-error.ts';
import { pollUntil } from './poll.ts';
import { LOOPBACK, rememberedPort } from './ports.ts';
import { giveTo, postgresAccount } from './postgres-account.ts';
import type { Account } from './postgres-account.ts';
import { postgresPrograms } from './postgres-programs.ts';
import { ROLE, postgresAnswers } from './postgres.ts';
import type { Postgres } from './postgres.ts';
import { runCommand } from './run-command.ts';

const STOP_MS = 15_000;
const SETTINGS = { listen_addresses: LOOPBACK, unix_socket_directories: '', max_connections: '200' };

/** PostgreSQL from npm, run as the user that `postgresAccount` finds. */
export async function startPostgresFromNpm(dataDirectory: string, passwordFile: string): Promise<Postgres> {
  const { data, portFile, pidFile, logFile } = layoutOf(dataDirectory, 'postgres', 'local');
  const programs = await postgresPrograms();
  await stopLeftover(pidFile);
  const account = await postgresAccount([programs.postgres, dirname(data)]);
  const password = await readFile(passwordFile, 'utf8');
  await initialise(programs.initdb, data, password, account);
  const port = await rememberedPort(portFile);
  const flags = Object.entries(SETTINGS).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const [command = '', ...args] = [
    ...account.prefix,
    programs.postgres,
    '-D',
    data,
    '-p',
    String(port),
    ...flags,
  ];
  const { uid, gid } = account;
  const child = await startChild({
    ...{ name: 'PostgreSQL', command, args, cwd: data, logFile, pidFile },
    ...{ uid, gid, stopSignal: 'SIGINT' },
  });
  const urlOf = (database: string): string =>
    `postgresql://${ROLE}:${password}@${LOOPBACK}:${port}/${database}`;
  const failed = (): Error | undefined => (child.exit() ? new Error('it ended') : undefined);
  const ready = pollUntil('PostgreSQL', 120_000, () => postgresAnswers(urlOf('postgres')), failed);
  await ready.catch(async () => {
    await child.stop(STOP_MS);
    throw new PlatformError(
      `PostgreSQL did not start. Its log is ${logFile}; it ends with\n${await child.tail()}`,
    );
  });
  await ensureDatabase(urlOf('postgres'));
  return { url: urlOf(ROLE), source: 'npm', pid: child.pid, stop: () => child.stop(STOP_MS) };
}

/** Makes the data folder, whole or not at all. */
async function initialise(initdb: string, data: string, password: string, account: Account): Promise<void> {
  if (
    await access(data).then(
      () => true,
      () => false,
    )
  )
    return giveTo(account, data);
  const [fresh, passwordFile] = [`${data}.new`, join(dirname(data), 'initdb-password')];
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true, mode: 0o700 });
  await chmod(fresh, 0o700);
  await giveTo(account, fresh);
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (account.uid !== undefined) await chown(passwordFile, account.uid, account.gid ?? account.uid);
  const { prefix, ...identity } = account;
  const options = [
    `--username=${ROLE}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
  ];
  const [command = '', ...args] = [...prefix, initdb, `--pgdata=${fresh}`, ...options];
  const { code, output } = await runCommand(command, args, { ...identity, cwd: fresh });
  await rm(passwordFile, { force: true });
  if (code !== 0)
    throw new PlatformError(
      `PostgreSQL's data folder ${data} could not be made: ${output.trim().slice(-800)}`,
    );
  await rename(fresh, data);
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [ROLE]);
    if (!rowCount) await client.query(`create database ${ROLE}`);
  } finally {
    await client.end();
  }
}
