import { join } from 'node:path';
import type { Json } from '../world/company.ts';
import type { ApiEra } from '../world/model.ts';
import type { World } from '../world/world.ts';
import { objectsOf } from '../world/world.ts';
import { openDatabase } from '../sqlite.ts';

/** Every object of every world that was ever played here; survives a restart. */
export type ObjectStore = {
  add(world: World): void;
  find(id: string, era: ApiEra): Json | null;
  /** Movements that went into a payout, latest first. */
  transactionsOf(payoutId: string, era: ApiEra): Json[];
  /** How invoices were paid. */
  invoicePaymentsOf(filter: { invoice?: string; paymentIntent?: string }): Json[];
  /** Objects of one kind that belong to another: a customer's tax ids, a charge's refunds. */
  childrenOf(ownerId: string, kind: string, era: ApiEra): Json[];
  close(): void;
};

/** Kept in one file under `directory`. */
export function openObjectStore(directory: string): ObjectStore {
  const database = openDatabase(join(directory, 'stripe.sqlite'));
  database.exec(
    'CREATE TABLE IF NOT EXISTS object (id TEXT PRIMARY KEY, old TEXT NOT NULL, current TEXT NOT NULL, kind TEXT NOT NULL, ' +
      'payout TEXT, invoice TEXT, payment_intent TEXT, owner TEXT) WITHOUT ROWID; ' +
      'CREATE INDEX IF NOT EXISTS object_owner ON object (owner) WHERE owner IS NOT NULL; ' +
      'CREATE INDEX IF NOT EXISTS object_payout ON object (payout) WHERE payout IS NOT NULL; ' +
      'CREATE INDEX IF NOT EXISTS object_invoice ON object (invoice) WHERE invoice IS NOT NULL; ' +
      'CREATE INDEX IF NOT EXISTS object_intent ON object (payment_intent) WHERE payment_intent IS NOT NULL',
  );
  const parse = (text: unknown): Json => JSON.parse(String(text)) as Json;
  return {
    add: world => {
      const old = objectsOf(world, 'old');
      const payouts = new Map(world.company.transactions.map(one => [one.id, one.payoutId]));
      database.transaction(() => {
        for (const [id, current] of objectsOf(world, 'current')) {
          const kind = String(current.object);
          const link =
            kind === 'invoice_payment'
              ? (current as { invoice: string; payment: { payment_intent?: string } })
              : null;
          database.run(
            'INSERT OR REPLACE INTO object VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
            id,
            JSON.stringify(old.get(id)),
            JSON.stringify(current),
            kind,
            payouts.get(id) ?? null,
            link?.invoice ?? null,
            link?.payment.payment_intent ?? null,
            ownerOf(kind, current),
          );
        }
      });
    },
    find: (id, era) => {
      const row = database.get('SELECT old, current FROM object WHERE id = ?', id);
      return row === undefined ? null : parse(row[era]);
    },
    transactionsOf: (payoutId, era) =>
      database
        .all("SELECT old, current FROM object WHERE payout = ? AND kind = 'balance_transaction'", payoutId)
        .map(row => parse(row[era]))
        .sort((a, b) => Number(b.created) - Number(a.created) || (String(a.id) < String(b.id) ? 1 : -1)),
    invoicePaymentsOf: ({ invoice, paymentIntent }) =>
      database
        .all(
          'SELECT current FROM object WHERE (?1 IS NOT NULL AND invoice = ?1) OR (?2 IS NOT NULL AND payment_intent = ?2) ORDER BY id',
          invoice ?? null,
          paymentIntent ?? null,
        )
        .map(row => parse(row.current)),
    childrenOf: (ownerId, kind, era) =>
      database
        .all('SELECT old, current FROM object WHERE owner = ? AND kind = ? ORDER BY id', ownerId, kind)
        .map(row => parse(row[era])),
    close: () => database.close(),
  };
}

function ownerOf(kind: string, object: Json): string | null {
  const owner = kind === 'tax_id' ? object.customer : kind === 'refund' ? object.charge : null;
  return typeof owner === 'string' ? owner : null;
}
