import type { LocalTable } from './local-store.ts';

interface Merged<P> {
  readonly key: string;
  readonly own: P | undefined;
  readonly stored: Uint8Array | undefined;
}

const pageSize = 256;

/** Stored entries and a batch's own ones in key order (UTF-8 bytes), each key once. The table is read a page at a time. */
export function* mergeEntries<P extends { readonly key: string }>(
  table: LocalTable,
  own: readonly P[],
  prefix: string,
): Generator<Merged<P>> {
  const sorted = own.toSorted((a, b) => compareKeys(a.key, b.key));
  let index = 0;
  for (const { key, value } of storedEntries(table, prefix)) {
    for (
      let next = sorted[index];
      next !== undefined && compareKeys(next.key, key) < 0;
      next = sorted[++index]
    )
      yield { key: next.key, own: next, stored: undefined };
    const same = sorted[index]?.key === key ? sorted[index++] : undefined;
    yield { key, own: same, stored: value };
  }
  for (const next of sorted.slice(index)) yield { key: next.key, own: next, stored: undefined };
}

function* storedEntries(table: LocalTable, prefix: string): Generator<{ key: string; value: Uint8Array }> {
  let last = prefix;
  for (let inclusive = true; ; inclusive = false) {
    const page = table.page(last, inclusive, pageSize);
    for (const entry of page) {
      if (!entry.key.startsWith(prefix)) return;
      yield entry;
      last = entry.key;
    }
    if (page.length < pageSize) return;
  }
}

/** As SQLite and Kafka see them: byte by byte. */
export function compareKeys(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}
