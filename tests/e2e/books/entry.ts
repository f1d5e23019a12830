import type { Json } from './json.ts';

/** The accounts of the chart that these samples touch. */
export const accounts = {
  clearing: '1010',
  bank: '1020',
  inTransit: '1030',
  receivable: '1200',
  unapplied: '2100',
  refunds: '2150',
  tax: '2200',
  customerCredit: '2250',
  deferred: '2300',
  revenue: '4000',
  contra: '4900',
} as const;

export type Account = keyof typeof accounts;

/** An entry that must stand in the ledger: what a fact posts, summed per account. */
export interface Entry {
  readonly rule: string;
  /** The document that it is about: its kind, and Stripe's id of it. */
  readonly kind: string;
  readonly id: string;
  readonly currency: string;
  /** Minor units by account, debit above zero; nothing where they cancel out. */
  readonly amounts: Readonly<Record<string, bigint>>;
}

/** A fact that must have no entry, and the rule by which the finance receipt says so. */
export interface Unposted {
  readonly type: string;
  readonly id: string;
  readonly rule: 'unsupported' | 'zero-amount';
}

/** What one object, as one event shows it, must have left behind. */
export interface Books {
  readonly entries: readonly Entry[];
  readonly unposted: readonly Unposted[];
}

export const nothing: Books = { entries: [], unposted: [] };

export const merged = (books: readonly Books[]): Books => ({
  entries: books.flatMap(({ entries }) => entries),
  unposted: books.flatMap(({ unposted }) => unposted),
});

/** Those of Stripe's currencies whose minor unit is everybody's; others have not been needed. */
const currencies = new Set(['usd', 'eur']);

export function currencyOf({ currency }: Json): string {
  if (typeof currency !== 'string' || !currencies.has(currency))
    throw new Error(`the minor unit of ${String(currency)} is not known here`);
  return currency.toUpperCase();
}

export function entry(
  rule: string,
  kind: string,
  id: string,
  of: Json,
  amounts: Partial<Record<Account, bigint>>,
): Entry {
  const moved = Object.entries(amounts).filter(([, amount]) => amount !== 0n);
  const byAccount = Object.fromEntries(
    moved.map(([account, amount]) => [accounts[account as Account], amount]),
  );
  return { rule, kind, id, currency: currencyOf(of), amounts: byAccount };
}

export const reversed = (rule: string, of: Entry): Entry => ({
  ...of,
  rule,
  amounts: Object.fromEntries(Object.entries(of.amounts).map(([account, amount]) => [account, -amount])),
});
