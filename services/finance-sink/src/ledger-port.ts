import type { FinanceWork } from '@keelson/contracts';
import type { SinkPort } from '@keelson/sink';
import { applyEntries } from './apply.ts';
import { createGrace } from './grace.ts';
import { presentAnswer } from './answers.ts';
import { planWorks } from './plan.ts';
import type { Chart } from './posting/chart.ts';
import type { Entry, OriginalKey, PostedEntry } from './posting/entry.ts';

export type PostResult =
  | { readonly result: 'posted' | 'present' }
  | { readonly result: 'refused'; readonly code: string; readonly reason: string };

/**
 * What the port needs of a ledger. Errors: `unavailable` when nothing was written, `unknown_outcome` when a write was
 * sent and no answer came, `misconfigured` when only an operator can mend it.
 */
export interface Ledger {
  check(): Promise<void>;
  /** Content hashes, by entry id, of the entries that are there. */
  hashesOf(entryIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The entries of the given rules about the given documents, as far as there are. */
  originalsOf(keys: readonly OriginalKey[]): Promise<readonly PostedEntry[]>;
  /**
   * Posts entries, no two with one id, together; what the ledger refuses is refused alone. Results by entry id. `onSent`
   * is awaited once they are on their way.
   */
  post(
    entries: readonly Entry[],
    onSent?: () => void | Promise<void>,
  ): Promise<ReadonlyMap<string, PostResult>>;
  close(): Promise<void>;
}

export interface LedgerPortOptions {
  readonly chart: Chart;
  /** How long a fact waits for the one that it builds on. */
  readonly originalGraceMs: number;
  readonly maxBatch: number;
}

/**
 * The finance ledger as a target. Each fact stands alone, whatever its customer; an entry's id derives from legal
 * entity, fact and rule, and the ledger refuses a second one.
 */
export function createLedgerPort(ledger: Ledger, options: LedgerPortOptions): SinkPort<FinanceWork, Entry> {
  const grace = createGrace(options.originalGraceMs);
  return {
    needs: ['invoice', 'credit_note', 'refund', 'payout'],
    laneOf: () => null,
    stateKeyOf: () => null,
    maxBatch: options.maxBatch,
    check: () => ledger.check(),
    plan: (items, { now }) =>
      planWorks(items, { ledger, chart: options.chart, mayWait: entryId => !grace.isOver(entryId, now()) }),
    apply: (planned, context) => applyEntries(ledger, planned, context),
    lookUp: async planned => {
      const hashes = await ledger.hashesOf(planned.map(({ effectId }) => effectId));
      return planned.map(({ plan }) => presentAnswer(plan, hashes.get(plan.entryId), 'applied'));
    },
    close: () => ledger.close(),
  };
}
