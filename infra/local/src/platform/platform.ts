import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { lockDataFolder } from './data-folder.ts';
import { startKafka } from './kafka.ts';
import type { Kafka, StartOptions } from './kafka.ts';
import { startPostgres } from './postgres.ts';
import type { Postgres } from './postgres.ts';
import { startRegistry } from './registry.ts';
import type { Registry } from './registry.ts';

/** What Keelson stands on. */
export type Platform = {
  kafka: Kafka;
  registry: Registry;
  postgres: Postgres;
  /** Ends what was started, and nothing else. Safe to call again. */
  stop: () => Promise<void>;
};

/**
 * Brings up what is missing of Kafka, registry and PostgreSQL, side by side, all data under one folder that
 * survives and may be deleted between runs. When one does not start, the others are ended again. Whatever
 * happens to this process, what it started ends with it.
 *
 * @throws PlatformError that says what to do.
 */
export async function startPlatform(options: Partial<StartOptions> = {}): Promise<Platform> {
  const dataDirectory = resolve(options.dataDirectory ?? '.keelson');
  const start: StartOptions = { log: () => undefined, env: process.env, ...options, dataDirectory };
  await mkdir(dataDirectory, { recursive: true });
  const unlock = await lockDataFolder(dataDirectory);
  const starting = [startKafka(start), startRegistry(start), startPostgres(start)] as const;
  const settled = await Promise.allSettled(starting);
  const started = settled.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(started.map(part => part.stop()));
    await unlock();
  };
  const failure = settled.find(result => result.status === 'rejected');
  if (failure) {
    await stop();
    throw failure.reason;
  }
  const [kafka, registry, postgres] = await Promise.all(starting);
  return { kafka, registry, postgres, stop };
}
