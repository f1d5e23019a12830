import type { FinanceWork } from '@keelson/contracts';
import type { EffectAnswer, Planned, WorkItem } from '@keelson/sink';
import { presentAnswer } from './answers.ts';
import type { Ledger } from './ledger-port.ts';
import type { Chart } from './posting/chart.ts';
import type { Entry, OriginalKey, PostedEntry } from './posting/entry.ts';
import { post, read } from './posting/post.ts';
import type { Fact, Unposted } from './posting/post.ts';

interface Planning {
  readonly ledger: Ledger;
  readonly chart: Chart;
  /** Whether a fact whose original is missing still has time. */
  readonly mayWait: (entryId: string) => boolean;
}

type Decided = Planned<FinanceWork, Entry> | EffectAnswer;

/** Reads what the ledger has of these facts, and of those they build on, and makes their entries. */
export async function planWorks(
  items: readonly WorkItem<FinanceWork>[],
  { ledger, chart, mayWait }: Planning,
): Promise<readonly Decided[]> {
  const readings = items.map(item => ({ item, reading: read(item.work) }));
  const facts = readings.map(({ reading }) => reading).filter(reading => reading.kind === 'fact');
  const hashes =
    facts.length === 0 ? new Map<string, string>() : await ledger.hashesOf(facts.map(fact => fact.entryId));
  const fresh = facts.filter(fact => !hashes.has(fact.entryId));
  const originals = await originalsFor(ledger, fresh, chart);
  return readings.map(({ item, reading }): Decided => {
    if (reading.kind !== 'fact') return unpostedAnswer(reading);
    const present = presentAnswer(reading, hashes.get(reading.entryId), 'already');
    if (present !== null) return present;
    const original = reading.original === null ? null : (originals.get(keyOf(reading.original)) ?? null);
    if (reading.original !== null && original === null && mayWait(reading.entryId)) {
      const { need, rule, documentId } = reading.original;
      return { answer: 'not_yet', needs: [need], reason: `no entry of ${rule} about ${documentId} yet` };
    }
    const posting = post(reading, original, chart);
    if (posting.kind !== 'entry') return unpostedAnswer(posting);
    const effect = posting.entry.reverses === null ? 'create' : 'reverse';
    return { item, effect, effectId: reading.entryId, plan: posting.entry };
  });
}

/** Entries that these facts build on: the ledger's, or those that this very batch is about to post. */
async function originalsFor(
  ledger: Ledger,
  facts: readonly Fact[],
  chart: Chart,
): Promise<ReadonlyMap<string, PostedEntry>> {
  const keys = facts.map(fact => fact.original).filter(key => key !== null);
  if (keys.length === 0) return new Map();
  const found = new Map<string, PostedEntry>();
  for (const fact of facts) {
    const posting = fact.original === null ? post(fact, null, chart) : null;
    if (posting?.kind === 'entry') found.set(keyOf(posting.entry), { ...posting.entry, reversed: false });
  }
  for (const entry of await ledger.originalsOf(keys)) found.set(keyOf(entry), entry);
  return found;
}

const keyOf = ({ rule, documentId }: OriginalKey): string => `${rule} ${documentId}`;

const unpostedAnswer = (unposted: Unposted): EffectAnswer =>
  unposted.kind === 'nothing'
    ? { answer: 'filtered', rule: unposted.rule }
    : { answer: 'refused', code: unposted.code, reason: unposted.reason };
