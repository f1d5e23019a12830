import type { Ledger, PostResult } from '../ledger-port.ts';
import type { Entry } from '../posting/entry.ts';

/** A ledger that remembers: for properties of the rules and the port, where a database would only be slow. */
export function createMemoryLedger(): Ledger & { readonly entries: ReadonlyMap<string, Entry> } {
  const entries = new Map<string, Entry>();
  const isReversed = (entryId: string): boolean =>
    [...entries.values()].some(({ reverses }) => reverses === entryId);
  return {
    entries,
    check: async () => undefined,
    hashesOf: async ids =>
      new Map(
        ids.flatMap(entryId => {
          const entry = entries.get(entryId);
          return entry === undefined ? [] : [[entryId, entry.contentHash] as const];
        }),
      ),
    originalsOf: async keys =>
      [...entries.values()]
        .filter(entry => keys.some(key => key.rule === entry.rule && key.documentId === entry.documentId))
        .map(entry => ({ ...entry, reversed: isReversed(entry.entryId) })),
    post: async given => {
      const results = new Map<string, PostResult>();
      for (const entry of given) {
        results.set(entry.entryId, { result: entries.has(entry.entryId) ? 'present' : 'posted' });
        if (!entries.has(entry.entryId)) entries.set(entry.entryId, entry);
      }
      return results;
    },
    close: async () => undefined,
  };
}
