import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild } from './child-process.ts';
import { dockerHas } from './docker.ts';
import { findJava } from './java.ts';
import type { Source, StartOptions } from './kafka.ts';
import { layoutOf } from './layout.ts';
import { stopLeftover } from './leftover.ts';
import { registryJar } from './maven.ts';
import type { Log } from './maven.ts';
import { PlatformError } from './platform-error.ts';
import { pollUntil } from './poll.ts';
import { LOOPBACK, rememberedPort } from './ports.ts';
import { REGISTRY_IMAGE } from './versions.ts';

export type Registry = {
  /** The root of its Confluent-compatible API. */
  url: string;
  source: Source;
  pid?: number;
  /** Ends what was started; does nothing for one that was there already. Safe to call again. */
  stop: () => Promise<void>;
};

const STOP_MS = 10_000;
/** Where Apicurio speaks as Confluent's registry does. */
export const API = '/apis/ccompat/v7';

/**
 * The registry keeps schemas in a file under the data folder, written at once: a record on a topic names its
 * schema by id, and ids must mean the same after a restart, even after SIGKILL.
 */
export const storage = (directory: string): string =>
  `jdbc:h2:file:${join(directory, 'registry')};WRITE_DELAY=0`;

/**
 * A schema registry that answers: the one in `SCHEMA_REGISTRY_URL` if set; else a container, where Docker
 * answers and has or can pull the image; else Apicurio Registry from Maven on Java 17 or newer.
 *
 * @throws PlatformError that says what to do.
 */
export async function startRegistry({
  dataDirectory,
  log = () => undefined,
  env = process.env,
}: StartOptions): Promise<Registry> {
  const given = env['SCHEMA_REGISTRY_URL'];
  if (given) return useGiven(given.replace(/\/+$/, ''));
  if (await dockerHas(REGISTRY_IMAGE, log, env)) {
    return (await import('./registry-docker.ts')).startRegistryInDocker(dataDirectory);
  }
  return startFromMaven(dataDirectory, log, env);
}

async function answers(url: string): Promise<true | undefined> {
  const response = await fetch(`${url}/subjects`, { signal: AbortSignal.timeout(5_000) });
  await response.arrayBuffer();
  return response.ok || undefined;
}

async function useGiven(url: string): Promise<Registry> {
  const ok = await answers(url).catch(() => undefined);
  if (ok) return { url, source: 'env', stop: async () => undefined };
  throw new PlatformError(
    `SCHEMA_REGISTRY_URL is ${url}, but ${url}/subjects does not answer with success. ` +
      'Start it (for Apicurio the address ends in /apis/ccompat/v7), or unset SCHEMA_REGISTRY_URL to have one started.',
  );
}

async function startFromMaven(dataDirectory: string, log: Log, env: NodeJS.ProcessEnv): Promise<Registry> {
  const [java, jar] = await Promise.all([findJava(env), registryJar(log, env)]);
  const { data, portFile, pidFile, logFile } = layoutOf(dataDirectory, 'registry', 'local');
  await stopLeftover(pidFile);
  await mkdir(data, { recursive: true });
  const port = await rememberedPort(portFile);
  const url = `http://${LOOPBACK}:${port}${API}`;
  const child = await startChild({
    name: 'schema registry',
    command: java,
    args: ['-Xms64m', '-Xmx256m', '-XX:TieredStopAtLevel=1', '-jar', jar],
    env: {
      ...env,
      QUARKUS_HTTP_HOST: LOOPBACK,
      QUARKUS_HTTP_PORT: String(port),
      REGISTRY_DATASOURCE_URL: storage(data),
    },
    logFile,
    pidFile,
  });
  const failed = (): Error | undefined => (child.exit() ? new Error('it ended') : undefined);
  await pollUntil('schema registry', 120_000, () => answers(url), failed).catch(async () => {
    await child.stop(STOP_MS);
    throw new PlatformError(
      `The schema registry did not start. Its log is ${logFile}; it ends with\n${await child.tail()}`,
    );
  });
  return { url, source: 'maven', pid: child.pid, stop: () => child.stop(STOP_MS) };
}
