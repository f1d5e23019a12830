import type { ExpectedDeskCustomer } from './expected/desk.ts';
import { deskCustomersOf } from './expected/desk.ts';
import type { ExpectedBalance, ExpectedEntry, PostingRule } from './expected/ledger.ts';
import { balancesOf, DEFAULT_RULES, entriesOf } from './expected/ledger.ts';
import type { ExpectedInvoice, ExpectedPartner } from './expected/odoo.ts';
import { invoicesOf, partnersOf } from './expected/odoo.ts';
import type { World } from './world.ts';

export type Expectations = {
  seed: number;
  events: number;
  account: string;
  counts: {
    /** Signed rightly and readable, duplicates included. */
    validDeliveries: number;
    /** Of these, told for the first time. */
    distinctEvents: number;
    duplicates: number;
    /** Answered 2xx: the valid ones and the poisoned ones. */
    accepted: number;
    expected401: number;
    expectedRejected: number;
  };
  ledger: {
    rules: readonly PostingRule[];
    /** Per fact, so that a ledger that holds other runs too can be compared by its objects. */
    entries: readonly ExpectedEntry[];
    balances: readonly ExpectedBalance[];
  };
  odoo: { partners: readonly ExpectedPartner[]; invoices: readonly ExpectedInvoice[] };
  desk: { customers: readonly ExpectedDeskCustomer[] };
};

/**
 * What the books, Odoo and the desk must hold once all of this world's deliveries are digested, in whatever order
 * they came. Told by what the company and its customers did, not by the events that said so.
 * @param rules what the ledger posts at this stage
 */
export function expectationsOf(world: World, rules: readonly PostingRule[] = DEFAULT_RULES): Expectations {
  const { mix } = world;
  const entries = entriesOf(world.company.facts, rules);
  const distinctEvents = mix.provider + mix.support;
  return {
    seed: world.seed,
    events: world.events,
    account: world.account,
    counts: {
      validDeliveries: distinctEvents + mix.duplicates,
      distinctEvents,
      duplicates: mix.duplicates,
      accepted: distinctEvents + mix.duplicates + mix.poison,
      expected401: mix.forged,
      expectedRejected: mix.poison,
    },
    ledger: { rules, entries, balances: balancesOf(entries) },
    odoo: { partners: partnersOf(world), invoices: invoicesOf(world) },
    desk: { customers: deskCustomersOf(world) },
  };
}
