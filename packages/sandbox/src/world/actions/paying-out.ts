import type { Company } from '../company.ts';
import { emitFor, keep } from '../company.ts';
import type { ApiEra, BalanceTransaction, Payout } from '../model.ts';
import type { Currency } from '../money.ts';
import { CURRENCIES } from '../money.ts';
import type { Random } from '../prng.ts';
import { balanceTransactionShape, payoutShape } from '../shapes/payment.ts';
import { DAY_S } from '../time.ts';

/** How many events a payout makes. */
export const EVENTS_PER_PAYOUT = 3;

/**
 * The provider pays the company what it holds, a currency at a time, at most `most` times in all.
 * Each payout names the movements that it is made of.
 */
export function payOut(company: Company, random: Random, most: number): void {
  const turns = CURRENCIES.map(currency => ({ currency, batches: batchesOf(company, currency) }));
  let made = 0;
  for (let turn = 0; made < most && turns.some(({ batches }) => turn < batches.length); turn += 1) {
    for (const { currency, batches } of turns) {
      const batch = batches[turn];
      if (batch !== undefined && made < most) {
        onePayout(company, random, currency, batch);
        made += 1;
      }
    }
  }
}

/** Movements in order of time, cut into runs that each leave something to pay. */
function batchesOf(company: Company, currency: Currency): BalanceTransaction[][] {
  const movements = company.transactions
    .filter(transaction => transaction.currency === currency)
    .sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));
  const batches: BalanceTransaction[][] = [];
  let open: BalanceTransaction[] = [];
  for (const movement of movements) {
    open.push(movement);
    if (open.length >= 12 && netOf(open) > 0) {
      batches.push(open);
      open = [];
    }
  }
  if (open.length > 0 && netOf(open) > 0) batches.push(open);
  return batches;
}

const netOf = (movements: readonly BalanceTransaction[]): number =>
  movements.reduce((sum, movement) => sum + movement.amountMinor - movement.feeMinor, 0);

function onePayout(
  company: Company,
  random: Random,
  currency: Currency,
  members: BalanceTransaction[],
): void {
  const created = Math.max(...members.map(member => member.created)) + 2 * DAY_S;
  const era: ApiEra = random.chance(0.5) ? 'old' : 'current';
  const id = `po_1${random.token(23)}`;
  const amountMinor = netOf(members);
  const balanceTransaction: BalanceTransaction = {
    id: `txn_1${random.token(23)}`,
    created,
    type: 'payout',
    category: 'payout',
    currency,
    amountMinor: -amountMinor,
    feeMinor: 0,
    sourceId: id,
    description: 'STRIPE PAYOUT',
    payoutId: id,
  };
  const payout: Payout = {
    id,
    created,
    arrival: created + 2 * DAY_S,
    currency,
    amountMinor,
    status: 'in_transit',
    balanceTransaction,
    members,
  };
  for (const member of members) member.payoutId = id;
  company.transactions.push(balanceTransaction);
  keep(company, balanceTransaction.id, balanceTransactionShape(balanceTransaction));
  company.actions.set('paid_out', (company.actions.get('paid_out') ?? 0) + 1);
  const tell = (at: number, type: string): void =>
    emitFor(company, random, era, at, 'paid_out', type, payoutShape(payout, company.livemode));
  tell(created, 'payout.created');
  payout.status = 'paid';
  company.facts.push({
    kind: 'payout_paid',
    at: payout.arrival,
    customerId: null,
    currency,
    payoutId: id,
    amountMinor,
  });
  tell(payout.arrival, 'payout.paid');
  tell(payout.arrival + 60, 'payout.reconciliation_completed');
}
