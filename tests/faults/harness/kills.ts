import type { TestProcess } from '@keelson/testkit';
import type { Installation } from './installation.ts';
import { startMs } from './installation.ts';
import type { ServiceName } from '../../../infra/local/src/system/environment.ts';

/** A place where a process is to die: `<room>:<point>`, the `times`th time that it comes by. */
export interface Kill {
  readonly at: string;
  readonly times: number;
}

/** Starts the service so that it dies there, waits until it has said so and died. Returns what it said. */
export async function killOnce(
  installation: Installation,
  service: ServiceName,
  { at, times }: Kill,
  options: { member?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  const process = installation.start(service, { ...options, faultPoint: `${at}:${times}` });
  const line = await process.line(/^fault point /, { timeoutMs: startMs });
  const exit = await process.exited;
  if (exit.signal !== 'SIGKILL') throw new Error(`${service} ended with ${JSON.stringify(exit)} at ${at}`);
  return line.slice('fault point '.length);
}

/**
 * One member after the other is killed, each started at once when the one before is dead, until `kills` is empty. Takes
 * from the list, so that several may work it off side by side. Returns what the members said.
 */
export async function killInTurn(
  installation: Installation,
  service: ServiceName,
  kills: Kill[],
  member: string,
): Promise<string[]> {
  const hits: string[] = [];
  try {
    for (let kill = kills.pop(); kill !== undefined; kill = kills.pop())
      hits.push(await killOnce(installation, service, kill, { member }));
    return hits;
  } catch (error) {
    kills.length = 0;
    throw error;
  }
}

/** In an order of their own, the same for the same seed. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = numbers(seed);
  return items
    .map(item => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Stops the process for longer than its session: until `isReplaced` says so. Then lets it go on. */
export async function stopUntil(process: TestProcess, isReplaced: () => Promise<unknown>): Promise<void> {
  process.signal('SIGSTOP');
  try {
    await isReplaced();
  } finally {
    process.signal('SIGCONT');
  }
}

/** How many times each was said. */
export const counted = (lines: readonly string[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(lines, line => line)].map(([line, all]) => [line, all.length]));
