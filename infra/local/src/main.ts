import { resolve } from 'node:path';
import { PlatformError } from './platform/index.ts';
import { help, readOptions } from './system/options.ts';
import type { StartOptions } from './system/options.ts';
import { run } from './system/run.ts';
import { createScreen } from './system/screen.ts';
import { startSystem } from './system/system.ts';
import type { System } from './system/system.ts';

process.exitCode = await main();
process.exit();

async function main(): Promise<number> {
  let options: StartOptions | 'help';
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(
      `${error instanceof Error ? error.message : String(error)}\nSee npm start -- --help\n`,
    );
    return 2;
  }
  if (options === 'help') {
    process.stdout.write(help);
    return 0;
  }
  return start({ ...options, dataDirectory: resolve(options.dataDirectory) });
}

async function start(options: StartOptions): Promise<number> {
  const screen = createScreen(process.stdout);
  const abort = new AbortController();
  let interrupted = false;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (!interrupted) screen.say('\nstopping everything');
      interrupted = true;
      abort.abort(new Error('interrupted'));
    });
  }
  let system: System | undefined;
  try {
    // What is started is tied to this process: when we leave before all is up, it ends with us.
    const aborted = new Promise<never>((_, reject) =>
      abort.signal.addEventListener('abort', () => reject(new Error('interrupted'))),
    );
    aborted.catch(() => undefined);
    system = await Promise.race([startSystem(options.dataDirectory, line => screen.say(line)), aborted]);
    const broken = system.broken.then(what => {
      if (interrupted) return 0;
      throw new Error(what);
    });
    return await Promise.race([run(system, options, screen, abort.signal), broken]);
  } catch (error) {
    if (interrupted) return options.exit ? 130 : 0;
    screen.say(
      error instanceof PlatformError || error instanceof Error ? `\n${error.message}` : String(error),
    );
    return 1;
  } finally {
    await system?.stop();
  }
}
