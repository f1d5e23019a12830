import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { GenericContainer, ImageName, getContainerRuntimeClient } from 'testcontainers';
import type { StartedTestContainer, WaitStrategy } from 'testcontainers';
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

/** A container whose ports are published on the loopback address only. */
class LoopbackContainer extends GenericContainer {
  protected override async beforeContainerCreated(): Promise<void> {
    const published = this.hostConfig.PortBindings as Record<string, { HostIp?: string }[]>;
    for (const binding of Object.values(published).flat()) binding.HostIp = LOOPBACK;
  }
}

export type ContainerOptions = {
  image: string;
  environment: Record<string, string>;
  port: { host: number; container: number };
  /** Kept on the host, under the data folder. */
  data: { host: string; container: string };
  /** Notes the container while it runs, so that the next start can remove one left behind. */
  containerFile: string;
  /** `uid:gid` inside; without it, the image's own. */
  user?: string | undefined;
  wait: WaitStrategy;
};

/** Starts a container and waits until it is ready by `wait`. */
export async function startContainer(options: ContainerOptions): Promise<StartedTestContainer> {
  await removeLeftover(options.containerFile);
  await mkdir(options.data.host, { recursive: true });
  // The image's own user must be able to write here.
  if (options.user === undefined) await chmod(options.data.host, 0o777);
  const container = new LoopbackContainer(options.image)
    .withEnvironment(options.environment)
    .withExposedPorts(options.port)
    .withBindMounts([{ source: options.data.host, target: options.data.container }])
    .withWaitStrategy(options.wait)
    .withStartupTimeout(120_000);
  if (options.user !== undefined) container.withUser(options.user);
  const started = await container.start();
  await writeFile(options.containerFile, started.getId());
  return started;
}

/** Ends a container in good order; safe to call again. */
export function stopOnce(container: StartedTestContainer, containerFile: string): () => Promise<void> {
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await container.stop({ timeout: 15_000 });
    await rm(containerFile, { force: true });
  };
  return () => (stopped ??= stop());
}

async function removeLeftover(containerFile: string): Promise<void> {
  const id = await readFile(containerFile, 'utf8').catch(() => '');
  if (!id) return;
  const client = await getContainerRuntimeClient();
  // It may be gone already: that is what is wanted.
  await client.container.remove(client.container.getById(id), { removeVolumes: true }).catch(() => undefined);
  await rm(containerFile, { force: true });
}
