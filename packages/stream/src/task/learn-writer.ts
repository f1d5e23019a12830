import { messageOf } from '../client/index.ts';
import type { Codec } from '../codec/index.ts';
import { delay } from './signal.ts';

const firstWaitMs = 100;
const lastWaitMs = 5_000;

/**
 * Learns a writer's schema, and waits for the registry as long as it takes; `onWait` is told why. False when `signal`
 * aborts meanwhile.
 */
export async function learnWriter(
  codec: Pick<Codec, 'learn'>,
  schemaId: number,
  signal: AbortSignal,
  onWait: (problem: string) => void,
): Promise<boolean> {
  for (let attempt = 0; ; attempt++) {
    try {
      await codec.learn(schemaId);
      return true;
    } catch (error) {
      onWait(messageOf(error));
      if (!(await delay(Math.min(lastWaitMs, firstWaitMs * 2 ** attempt), signal))) return false;
    }
  }
}
