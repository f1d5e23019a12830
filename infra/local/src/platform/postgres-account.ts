import { existsSync } from 'node:fs';
import { chown, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { PlatformError } from './platform-error.ts';
import { runCommand } from './run-command.ts';

/** How to run PostgreSQL's programs: with what in front, and as whom. */
export type Account = { prefix: readonly string[]; uid?: number; gid?: number };

const NAMESPACE = ['unshare', '--user', '--map-user=65534', '--map-group=65534'];

/**
 * PostgreSQL refuses to run as root. An ordinary user runs it as himself. For root it is the system user
 * `postgres` (made when missing) where that user can reach all `paths`; else, below a private folder such as
 * /root, a user namespace in which root's files belong to an ordinary user.
 *
 * @throws PlatformError when neither works.
 */
export async function postgresAccount(paths: readonly string[]): Promise<Account> {
  if (process.getuid?.() !== 0) return { prefix: [] };
  if ((await Promise.all(paths.map(openToAll))).every(Boolean)) {
    const account = (await systemUser()) ?? (await makeSystemUser());
    if (account) return { prefix: [], ...account };
  }
  const namespace = await runCommand('unshare', [...NAMESPACE.slice(1), 'true']);
  if (namespace.code === 0) return { prefix: NAMESPACE };
  throw new PlatformError(
    `PostgreSQL does not run as root, and no other user can reach ${paths.join(' and ')}. Move the project out ` +
      'of the private folder, or run it as an ordinary user, or point DATABASE_URL to a running PostgreSQL.',
  );
}

/** Gives a folder to the account, so that PostgreSQL finds itself its owner. */
export async function giveTo({ uid, gid }: Account, folder: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const owner = await stat(folder);
  if (owner.uid === (uid ?? 0)) return;
  if (!existsSync(`${folder}/PG_VERSION`)) return chown(folder, uid ?? 0, gid ?? 0);
  await runCommand('chown', ['-R', `${uid ?? 0}:${gid ?? 0}`, folder]);
}

/** Whether everybody may pass through all folders down to this path. */
async function openToAll(path: string): Promise<boolean> {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const mode = await stat(folder).then(
      found => found.mode,
      () => 0o001,
    );
    if ((mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

async function systemUser(): Promise<{ uid: number; gid: number } | undefined> {
  const [uid, gid] = await Promise.all([
    runCommand('id', ['-u', 'postgres']),
    runCommand('id', ['-g', 'postgres']),
  ]);
  return uid.code === 0 && gid.code === 0 ? { uid: Number(uid.output), gid: Number(gid.output) } : undefined;
}

async function makeSystemUser(): Promise<{ uid: number; gid: number } | undefined> {
  await runCommand('useradd', [
    '--system',
    '--user-group',
    '--no-create-home',
    '--shell',
    '/usr/sbin/nologin',
    'postgres',
  ]);
  return systemUser();
}
