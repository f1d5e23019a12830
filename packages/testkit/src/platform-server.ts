import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identify, messageOf, startPlatform } from '@keelson/local';
import type { Platform } from '@keelson/local';

/** What a test needs to know of the platform. */
export type TestPlatform = {
  /** `host:port`, several separated by commas. */
  brokers: string;
  registryUrl: string;
  /** Of the server's own database, with user and password; tests take their own by `freshDatabase`. */
  databaseUrl: string;
  kafkaContainerId?: string;
};

/** What goes over the socket: the platform, or why there is none. */
export type PlatformAnswer = { platform: TestPlatform } | { error: string };

export type PlatformServer = {
  /** The socket that answers; belongs in the environment variable `KEELSON_TEST_PLATFORM`. */
  socketPath: string;
  /** Ends what was started. */
  close: () => Promise<void>;
};

/** The variable that leads tests, in whatever process, to the one platform of the run. */
export const PLATFORM_SOCKET = 'KEELSON_TEST_PLATFORM';

/**
 * One platform for a whole test run, started when the first test asks, so that unit tests alone start nothing.
 * Its data lies under `.keelson/tests`, is deleted at the end, and what a killed run left is deleted first.
 */
export async function servePlatform(log: (line: string) => void): Promise<PlatformServer> {
  const folder = await mkdtemp(join(tmpdir(), 'keelson-test-'));
  const socketPath = join(folder, 'platform.sock');
  const dataDirectory = await makeDataFolder(join(process.cwd(), '.keelson', 'tests'));
  let starting: Promise<Platform> | undefined;
  const answer = async (): Promise<PlatformAnswer> => {
    try {
      starting ??= startPlatform({ dataDirectory, log });
      return { platform: describe(await starting) };
    } catch (error) {
      return { error: messageOf(error) };
    }
  };
  const server = createServer(socket => {
    socket.on('error', () => undefined);
    void answer().then(value => socket.end(JSON.stringify(value)));
  });
  await new Promise<void>(resolve => server.listen(socketPath, resolve));
  server.unref();
  const close = async (): Promise<void> => {
    server.close();
    await starting?.then(platform => platform.stop()).catch(() => undefined);
    await rm(dataDirectory, { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
  };
  return { socketPath, close };
}

function describe({ kafka, registry, postgres }: Platform): TestPlatform {
  return {
    brokers: kafka.brokers,
    registryUrl: registry.url,
    databaseUrl: postgres.url,
    ...(kafka.containerId === undefined ? {} : { kafkaContainerId: kafka.containerId }),
  };
}

/** A folder of this process' own; those of processes that have ended are deleted. */
async function makeDataFolder(parent: string): Promise<string> {
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    const [pid = ''] = name.split('-');
    if (!(await identify(Number(pid)))) await rm(join(parent, name), { recursive: true, force: true });
  }
  return mkdtemp(join(parent, `${process.pid}-`));
}
