import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PlatformError } from './platform-error.ts';
import { identify, isAlive } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';

/**
 * Notes this process as the only user of a data folder, until the function it gives is called. A note of a
 * process that has ended counts for nothing.
 *
 * @throws PlatformError when a running process uses the folder.
 */
export async function lockDataFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'in-use.json');
  const holder = await readHolder(file);
  if (holder && (await isAlive(holder))) {
    throw new PlatformError(
      `${folder} is in use by process ${holder.pid}. Stop that one first, or choose another data folder.`,
    );
  }
  await rm(file, { force: true });
  await writeFile(file, JSON.stringify(await identify(process.pid)), { flag: 'wx' });
  return () => rm(file, { force: true });
}

async function readHolder(file: string): Promise<ProcessIdentity | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (!text) return undefined;
  try {
    return JSON.parse(text) as ProcessIdentity;
  } catch {
    // Half written by a process that was killed: nobody holds it.
    return undefined;
  }
}
