import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from './maven.ts';
import { messageOf } from './platform-error.ts';
import { LOOPBACK } from './ports.ts';

const PULL_MS = 300_000;

/** Whether there is anything that could be an engine, before asking it. */
function engineMayExist(env: NodeJS.ProcessEnv): boolean {
  if (env['DOCKER_HOST']) return true;
  const places = [
    '/var/run/docker.sock',
    join(homedir(), '.docker/run/docker.sock'),
    join(homedir(), '.testcontainers.properties'),
  ];
  if (env['XDG_RUNTIME_DIR']) places.push(join(env['XDG_RUNTIME_DIR'], 'docker.sock'));
  return places.some(place => existsSync(place));
}

/**
 * Whether an engine on this machine answers and has the image or can pull it. Why not goes to `log`; nothing
 * is thrown, because another way is always left.
 */
export async function dockerHas(
  image: string,
  log: Log,
  env: NodeJS.ProcessEnv = process.env,
): Promise<boolean> {
  if (!engineMayExist(env)) return false;
  try {
    // Loaded only here and by what runs after it: it is big, and most machines of a test run have no engine.
    const { ImageName, getContainerRuntimeClient } = await import('testcontainers');
    const client = await getContainerRuntimeClient();
    const { host } = client.info.containerRuntime;
    if (host !== 'localhost' && host !== LOOPBACK)
      throw new Error(`the engine is on another machine (${host})`);
    const name = ImageName.fromString(image);
    if (await client.image.exists(name)) return true;
    log(`pulling ${image}`);
    const pulled = client.image.pull(name).then(() => true);
    return await Promise.race([pulled, delay(PULL_MS, false, { ref: false })]);
  } catch (error) {
    log(`Docker is not used for ${image}: ${messageOf(error)}`);
    return false;
  }
}
