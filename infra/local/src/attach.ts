/**
 * Traffic, table and check for a system that runs already, described by the endpoints file in KEELSON_ENDPOINTS_FILE.
 * Kafka is reached as the services reach it: by their settings KEELSON_KAFKA_*, the brokers of the file where none are set.
 * Takes the options of `npm start`, and shows the table at KEELSON_PAGE_HOST:KEELSON_PAGE_PORT too, when a port is given.
 */
import { mkdir } from 'node:fs/promises';
import { readKafkaConnection } from '@keelson/service/kafka';
import { pollUntil } from './platform/index.ts';
import { readEndpoints } from './system/endpoints.ts';
import type { Endpoints } from './system/endpoints.ts';
import { readOptions } from './system/options.ts';
import { servePage } from './system/page.ts';
import type { Page } from './system/page.ts';
import { run } from './system/run.ts';
import { createScreen } from './system/screen.ts';
import type { Screen } from './system/screen.ts';
import { readSecretFile } from './system/secrets.ts';

const readyWithinMs = 180_000;

process.exitCode = await main();
process.exit();

async function main(): Promise<number> {
  const abort = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => abort.abort());
  let page: Page | undefined;
  try {
    const options = readOptions(process.argv.slice(2));
    const file = process.env['KEELSON_ENDPOINTS_FILE'];
    if (options === 'help' || file === undefined)
      throw new Error('KEELSON_ENDPOINTS_FILE names the file; the options are those of npm start -- --help');
    const endpoints = await readEndpoints(file);
    const kafka = readKafkaConnection('keelson-local', {
      KEELSON_KAFKA_BROKERS: endpoints.kafka.brokers.join(','),
      ...process.env,
    });
    await mkdir(options.dataDirectory, { recursive: true });
    const port = process.env['KEELSON_PAGE_PORT'];
    if (port !== undefined)
      page = await servePage(process.env['KEELSON_PAGE_HOST'] ?? '127.0.0.1', Number(port));
    const screen = together([createScreen(process.stdout), ...(page === undefined ? [] : [page])]);
    await untilAllReady(endpoints, screen);
    const ledgerOwnerUrl = await readSecretFile(endpoints.ledger.ownerUrlFile);
    return await run({ endpoints, kafka, ledgerOwnerUrl }, options, screen, abort.signal);
  } catch (error) {
    if (abort.signal.aborted) return 0;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await page?.close();
  }
}

async function untilAllReady({ admin }: Endpoints, screen: Screen): Promise<void> {
  screen.say(`waiting for ${Object.keys(admin).join(', ')}`);
  const ready = async (url: string): Promise<true | undefined> =>
    (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2000) })).ok || undefined;
  await Promise.all(
    Object.entries(admin).map(([name, url]) => pollUntil(name, readyWithinMs, () => ready(url))),
  );
  screen.say('all services are ready');
}

function together(screens: readonly Screen[]): Screen {
  return {
    draw: numbers => screens.forEach(screen => screen.draw(numbers)),
    say: line => screens.forEach(screen => screen.say(line)),
  };
}
