import { aliasOf, customerIdOf, documentIdOf, houseCustomerIdOf } from '@keelson/contracts';
import type { Expectations } from '@keelson/sandbox';
import type { LedgerBalance } from './ledger.ts';

/** One thing that is not as the company knows it. */
export interface Difference {
  readonly where: 'ledger' | 'odoo' | 'desk';
  readonly subject: string;
  readonly what: string;
  readonly expected: string;
  readonly found: string;
}

/** A record of a stand-in, as its public interface gives it. */
export type ForeignRecord = Readonly<Record<string, unknown>>;

export interface Found {
  readonly balances: readonly LedgerBalance[];
  readonly partners: readonly ForeignRecord[];
  /** Odoo's countries by their database id. */
  readonly countryCodes: ReadonlyMap<number, string>;
  readonly moves: readonly ForeignRecord[];
  readonly deskUsers: readonly ForeignRecord[];
}

const source = 'stripe';

/**
 * Everything that this run's company must find, against what is there. Other runs in the same stores are left out: a
 * record is looked for by the ids that this company's objects get. Pure.
 */
export function differencesOf(expected: Expectations, found: Found): Difference[] {
  return [
    ...ledgerDifferences(expected, found),
    ...odooDifferences(expected, found),
    ...deskDifferences(expected, found),
  ];
}

const customerId = (expected: Expectations, id: string): string =>
  customerIdOf(aliasOf(source, expected.account, id));
const documentId = (expected: Expectations, kind: string, id: string): string =>
  documentIdOf(kind, aliasOf(source, expected.account, id));

/** Per customer, account and currency; payouts, which belong to no customer, per payout. */
function ledgerDifferences(expected: Expectations, { balances }: Found): Difference[] {
  const house = houseCustomerIdOf(source, expected.account);
  const payouts = new Map<string, string>();
  const wanted = new Map<string, bigint>();
  const names = new Map<string, string>();
  const add = (sums: Map<string, bigint>, key: string, amount: bigint): void =>
    void sums.set(key, (sums.get(key) ?? 0n) + amount);
  for (const { id } of expected.odoo.partners.map(partner => ({ id: partner.customerId })))
    names.set(customerId(expected, id), id);
  for (const entry of expected.ledger.entries) {
    const owner =
      entry.customerId === null
        ? documentId(expected, 'payout', entry.objectId)
        : customerId(expected, entry.customerId);
    names.set(owner, entry.customerId ?? entry.objectId);
    if (entry.customerId === null) payouts.set(owner, entry.objectId);
    for (const { account, amountMinor } of entry.lines)
      add(wanted, `${owner} ${account} ${entry.currency}`, BigInt(amountMinor));
  }
  const there = new Map<string, bigint>();
  for (const row of balances) {
    const owner = row.customerId === house ? row.documentId : row.customerId;
    if (names.has(owner)) add(there, `${owner} ${row.account} ${row.currency}`, row.balanceMinor);
  }
  return [...new Set([...wanted.keys(), ...there.keys()])].flatMap(key => {
    const [owner = '', account = '', currency = ''] = key.split(' ');
    const [want, is] = [wanted.get(key) ?? 0n, there.get(key) ?? 0n];
    if (want === is) return [];
    const subject = names.get(owner) ?? owner;
    return [
      {
        where: 'ledger' as const,
        subject,
        what: `balance of ${account} in ${currency}`,
        expected: String(want),
        found: String(is),
      },
    ];
  });
}

function odooDifferences(expected: Expectations, { partners, countryCodes, moves }: Found): Difference[] {
  const differences: Difference[] = [];
  // `ref` is the customer's id and the version of its state.
  const partnerByRef = new Map(partners.map(partner => [text(partner['ref']).split('/')[0], partner]));
  const partnerIds = new Map<string, unknown>();
  for (const want of expected.odoo.partners) {
    const is = partnerByRef.get(customerId(expected, want.customerId));
    if (is === undefined) {
      differences.push({
        where: 'odoo',
        subject: want.customerId,
        what: 'partner',
        expected: want.name,
        found: 'none',
      });
      continue;
    }
    partnerIds.set(want.customerId, is['id']);
    compare(
      differences,
      'odoo',
      want.customerId,
      is,
      {
        name: want.name,
        email: want.email,
        vat: want.vat ?? '',
        country: want.countryCode,
        active: String(want.active),
      },
      { country: countryCodes.get(idOf(is['country_id']) as number) ?? '', active: String(is['active']) },
    );
  }
  const moveByName = Map.groupBy(
    moves.filter(({ state }) => state === 'posted'),
    move => text(move['name']),
  );
  for (const want of expected.odoo.invoices) {
    const named = moveByName.get(want.number) ?? [];
    const [is] = named;
    if (is === undefined || named.length > 1) {
      differences.push({
        where: 'odoo',
        subject: want.invoiceId,
        what: `posted moves named ${want.number}`,
        expected: '1',
        found: String(named.length),
      });
      continue;
    }
    const major = (minor: number): string => String(minor / 10 ** want.exponent);
    compare(
      differences,
      'odoo',
      want.invoiceId,
      is,
      {
        move_type: want.moveType,
        amount_untaxed: major(want.netMinor),
        amount_tax: major(want.taxMinor),
        amount_total: major(want.totalMinor),
        currency_id: want.currency,
        invoice_date: want.invoiceDate,
        partner_id: String(partnerIds.get(want.customerId)),
      },
      { partner_id: String(idOf(is['partner_id'])) },
    );
  }
  return differences;
}

function deskDifferences(expected: Expectations, { deskUsers }: Found): Difference[] {
  const differences: Difference[] = [];
  const byId = new Map(deskUsers.map(user => [text(user['external_id']), user]));
  for (const want of expected.desk.customers) {
    const user = byId.get(customerId(expected, want.customerId));
    if (user === undefined) {
      differences.push({
        where: 'desk',
        subject: want.customerId,
        what: 'user',
        expected: want.name,
        found: 'none',
      });
      continue;
    }
    const fields = user['user_fields'] as ForeignRecord;
    compare(
      differences,
      'desk',
      want.customerId,
      fields,
      {
        name: want.name,
        email: want.email,
        keelson_plan: want.planName ?? '',
        keelson_status: want.status ?? '',
        keelson_past_due: String(want.pastDue),
        keelson_renews_on: want.renewsOn ?? '',
        keelson_cancels_on: want.cancelsOn ?? '',
        keelson_mrr_band: want.mrrBand,
        keelson_dispute_open: String(want.disputeOpen),
        keelson_country: want.country,
        keelson_language: want.language,
      },
      {
        name: text(user['name']),
        email: text(user['email']),
        keelson_past_due: String(fields['keelson_past_due']),
        keelson_dispute_open: String(fields['keelson_dispute_open']),
        // The desk gives a day as the midnight at which it begins.
        keelson_renews_on: text(fields['keelson_renews_on']).slice(0, 10),
        keelson_cancels_on: text(fields['keelson_cancels_on']).slice(0, 10),
      },
    );
  }
  return differences;
}

/** Field by field, as text; `read` gives fields that need more than their own value. */
function compare(
  into: Difference[],
  where: Difference['where'],
  subject: string,
  is: ForeignRecord,
  want: Readonly<Record<string, string>>,
  read: Readonly<Record<string, string>> = {},
): void {
  for (const [what, expected] of Object.entries(want)) {
    const found = read[what] ?? text(is[what]);
    if (found !== expected) into.push({ where, subject, what, expected, found });
  }
}

/** Plain values, [id, name] pairs by their name, and Odoo's false for "none", as text. */
function text(value: unknown): string {
  if (Array.isArray(value)) return text(value[1]);
  if (typeof value === 'number' || value === true) return String(value);
  return typeof value === 'string' ? value : '';
}

const idOf = (pair: unknown): unknown => (Array.isArray(pair) ? (pair as unknown[])[0] : pair);
