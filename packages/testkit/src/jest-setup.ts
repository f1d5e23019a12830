import { PLATFORM_SOCKET, servePlatform } from './platform-server.ts';
import type { PlatformServer } from './platform-server.ts';

declare global {
  var keelsonTestPlatform: PlatformServer | undefined;
}

/** Before all tests: offers a platform, unless the run that started Jest offers one. */
export default async function setup(): Promise<void> {
  if (process.env[PLATFORM_SOCKET]) return;
  const server = await servePlatform(line => process.stderr.write(`${line}\n`));
  process.env[PLATFORM_SOCKET] = server.socketPath;
  globalThis.keelsonTestPlatform = server;
}
