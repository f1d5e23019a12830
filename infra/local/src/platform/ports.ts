import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';

/** Everything the platform starts listens here and nowhere else. */
export const LOOPBACK = '127.0.0.1';

/** Takes `port` (0: any) for an instant and gives its number; undefined when somebody else has it. */
function tryPort(port: number): Promise<number | undefined> {
  return new Promise(resolve => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, LOOPBACK, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined));
    });
  });
}

/** A port of the loopback address that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const port = await tryPort(0);
  if (port === undefined) throw new Error(`no free port on ${LOOPBACK}`);
  return port;
}

/** The port noted in `file` by an earlier start, if it is still free, else a new one, noted for the next. */
export async function rememberedPort(file: string): Promise<number> {
  const noted = Number(await readFile(file, 'utf8').catch(() => ''));
  if (noted > 0 && (await tryPort(noted)) === noted) return noted;
  const port = await freePort();
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${port}\n`);
  return port;
}
