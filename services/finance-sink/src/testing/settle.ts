import type { FinanceWork } from '@keelson/contracts';
import type { EffectAnswer, Planned, SinkPort } from '@keelson/sink';
import type { Entry } from '../posting/entry.ts';
import { item } from './works.ts';

type Port = SinkPort<FinanceWork, Entry>;

/** One batch through a port, as the runner does it: one answer a work. */
export async function settle(
  port: Port,
  works: readonly FinanceWork[],
  now: () => number = Date.now,
): Promise<readonly EffectAnswer[]> {
  const context = { signal: new AbortController().signal, now };
  const decided = await port.plan(works.map(item), context);
  const planned = decided.filter((one): one is Planned<FinanceWork, Entry> => !('answer' in one));
  const applied = await port.apply(planned, context);
  return decided.map(one => ('answer' in one ? one : (applied[planned.indexOf(one)] as EffectAnswer)));
}

/** All works in batches; what is not yet possible is tried again after the others, as long as that helps. */
export async function settleAll(
  port: Port,
  works: readonly FinanceWork[],
  batchSize: number,
): Promise<readonly EffectAnswer[]> {
  const ends: EffectAnswer[] = [];
  let left = works;
  while (left.length > 0) {
    const aside: FinanceWork[] = [];
    for (let start = 0; start < left.length; start += batchSize) {
      const batch = left.slice(start, start + batchSize);
      const answers = await settle(port, batch, () => 0);
      for (const [index, answer] of answers.entries()) {
        if (answer.answer === 'not_yet') aside.push(batch[index] as FinanceWork);
        else ends.push(answer);
      }
    }
    if (aside.length === left.length) throw new Error(`${aside.length} works wait for what never comes`);
    left = aside;
  }
  return ends;
}
