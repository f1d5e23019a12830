import { aliasOf, documentIdOf, eventIdOfFact, factIdOf } from '@keelson/contracts';
import pg from 'pg';
import { stripeAccount } from '../../infra/local/src/system/environment.ts';
import type { Entry, Unposted } from './books/entry.ts';

/** An entry as the ledger holds it, its lines summed per account. */
export interface LedgerEntry {
  readonly rule: string;
  readonly document: string;
  readonly currency: string;
  readonly amounts: Readonly<Record<string, bigint>>;
}

/** The ledger's own number of its last entry. */
export const lastEntryNo = async (url: string): Promise<string> => {
  const [row] = await query<{ last: string }>(
    url,
    'select coalesce(max(entry_no), 0) as last from ledger.entry',
  );
  return row?.last ?? '0';
};

/** What was posted after the entry of this number. */
export async function entriesSince(url: string, entryNo: string): Promise<readonly LedgerEntry[]> {
  const rows = await query<{
    rule: string;
    document: string;
    currency: string;
    amounts: Record<string, string>;
  }>(
    url,
    `select rule, document_id as document, currency, json_object_agg(account, amount::text) as amounts
       from (select entry_id, rule, document_id, currency, account, sum(amount_minor) as amount
               from ledger.journal where entry_no > $1
              group by entry_id, rule, document_id, currency, account having sum(amount_minor) <> 0) as account
      group by entry_id, rule, document_id, currency`,
    [entryNo],
  );
  return sorted(
    rows.map(({ amounts, ...row }) => ({
      ...row,
      amounts: Object.fromEntries(
        Object.entries(amounts).map(([account, amount]) => [account, BigInt(amount)]),
      ),
    })),
  );
}

/** Expected entries under the names that the ledger has for their documents. */
export const inLedger = (entries: readonly Entry[]): readonly LedgerEntry[] =>
  sorted(
    entries.map(({ rule, kind, id, currency, amounts }) => ({
      rule,
      document: documentIdOf(kind, aliasOf('stripe', stripeAccount, id)),
      currency,
      amounts,
    })),
  );

/** The event of a fact that is told once an object. */
export const eventIdOf = ({ type, id }: Pick<Unposted, 'type' | 'id'>): string =>
  eventIdOfFact(
    factIdOf({ system: 'stripe', account: stripeAccount, objectId: id, factKind: type.split('.')[1] ?? '' }),
  );

const sorted = (entries: readonly LedgerEntry[]): readonly LedgerEntry[] =>
  [...entries].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
const nameOf = ({ rule, document, currency }: LedgerEntry): string => `${rule} ${document} ${currency}`;

async function query<Row extends object>(
  url: string,
  sql: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql, [...values])).rows;
  } finally {
    await client.end();
  }
}
