import { chmod, mkdir } from 'node:fs/promises';
import { GenericContainer, getContainerRuntimeClient } from 'testcontainers';
import type { StartedTestContainer, WaitStrategy } from 'testcontainers';
import { LOOPBACK } from './ports.ts';

const STOP_MS = 15_000;
/** Tells the containers of one data folder from all others. */
const DATA_LABEL = 'keelson.data';

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
  ports: readonly { host: number; container: number }[];
  /** Kept on the host, under the data folder. */
  data: { host: string; container: string };
  /** `uid:gid` inside; without it, the image's own. */
  user?: string | undefined;
  wait: WaitStrategy;
};

/** Starts a container and waits until it is ready by `wait`. */
export async function startContainer(options: ContainerOptions): Promise<StartedTestContainer> {
  const made = await mkdir(options.data.host, { recursive: true });
  // The image's own user must be able to write here; from then on the folder is his.
  if (made !== undefined && options.user === undefined) await chmod(options.data.host, 0o777);
  const container = new LoopbackContainer(options.image)
    .withLabels({ [DATA_LABEL]: options.data.host })
    .withEnvironment(options.environment)
    .withExposedPorts(...options.ports)
    .withBindMounts([{ source: options.data.host, target: options.data.container }])
    .withWaitStrategy(options.wait)
    .withStartupTimeout(120_000);
  if (options.user !== undefined) container.withUser(options.user);
  return container.start();
}

/** Ends a container in good order; safe to call again. */
export function stopOnce(container: StartedTestContainer): () => Promise<void> {
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => void (await container.stop({ timeout: STOP_MS }));
  return () => (stopped ??= stop());
}

/**
 * Stops and removes the containers that an earlier, killed run left on a data folder: two on one folder would
 * destroy it.
 */
export async function removeLeftovers(data: string): Promise<void> {
  const { container: containers } = await getContainerRuntimeClient();
  for (;;) {
    const leftover = await containers.fetchByLabel(DATA_LABEL, data);
    if (!leftover) return;
    await containers.stop(leftover, { timeout: STOP_MS });
    await containers.remove(leftover, { removeVolumes: true });
  }
}
