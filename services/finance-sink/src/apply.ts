import { KeelsonError, unavailable } from '@keelson/contracts';
import type { FinanceWork } from '@keelson/contracts';
import type { EffectAnswer, Planned, PortContext } from '@keelson/sink';
import { appliedAnswer, presentAnswer, unknownAnswer } from './answers.ts';
import type { Ledger, PostResult } from './ledger-port.ts';
import type { Entry } from './posting/entry.ts';

type Works = readonly Planned<FinanceWork, Entry>[];

/** Posts all entries together. After a lost connection every answer is `unknown`. */
export async function applyEntries(
  ledger: Ledger,
  works: Works,
  { signal, fault }: PortContext,
): Promise<readonly EffectAnswer[]> {
  if (signal.aborted) throw unavailable('stopping', 'nothing is posted any more');
  // One fact may come twice: its first telling is posted, the others are answered by what the ledger has then.
  const first = new Map<string, Entry>();
  for (const { plan } of works) if (!first.has(plan.entryId)) first.set(plan.entryId, plan);
  let results: ReadonlyMap<string, PostResult>;
  try {
    results = await ledger.post([...first.values()], () => fault?.('call_sent'));
    await fault?.('response_unseen');
  } catch (error) {
    if (!(error instanceof KeelsonError) || error.kind !== 'unknown_outcome') throw error;
    return works.map(({ plan }) => unknownAnswer(plan, error.message));
  }
  const isNew = (plan: Entry): boolean =>
    first.get(plan.entryId) === plan && results.get(plan.entryId)?.result === 'posted';
  const there = works.filter(({ plan }) => !isNew(plan)).map(({ plan }) => plan.entryId);
  const hashes = there.length === 0 ? new Map<string, string>() : await ledger.hashesOf(there);
  return works.map(({ plan }) => {
    if (isNew(plan)) return appliedAnswer(plan);
    const result = results.get(plan.entryId);
    if (result?.result === 'refused') return { answer: 'refused', code: result.code, reason: result.reason };
    return (
      presentAnswer(plan, hashes.get(plan.entryId), 'already') ??
      unknownAnswer(plan, 'the ledger said that it has the entry, and has it not')
    );
  });
}
