import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { GenericContainer, getContainerRuntimeClient } from 'testcontainers';
import type { StartedTestContainer, WaitStrategy } from 'testcontainers';
import { LOOPBACK } from './ports.ts';

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

/** Removes the container that an earlier, killed run left behind: it holds the port and the data. */
export async function removeLeftover(containerFile: string): Promise<void> {
  const id = await readFile(containerFile, 'utf8').catch(() => '');
  if (!id) return;
  const client = await getContainerRuntimeClient();
  // It may be gone already: that is what is wanted.
  await client.container.remove(client.container.getById(id), { removeVolumes: true }).catch(() => undefined);
  await rm(containerFile, { force: true });
}
