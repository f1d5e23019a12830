import type { ContractState, Document, Fact, Money } from '@keelson/contracts';
import { changeContract, contractStub } from './contract-state.ts';
import { changeCustomer } from './customer-state.ts';
import { openAmount } from './documents.ts';
import { heldContract, knownCustomer, setContract, setCustomer } from './unit.ts';
import type { Unit } from './unit.ts';

/** The contract, known from now on by its id at least, and its customer's. */
export function knownContract(unit: Unit, fact: Fact, contractId: string, currency: string): ContractState {
  const customer = knownCustomer(unit, fact);
  if (!customer.contract_ids.includes(contractId)) {
    const contract_ids = [...customer.contract_ids, contractId];
    setCustomer(unit, changeCustomer(customer, fact.occurred_at, { contract_ids }));
  }
  return (
    heldContract(unit, contractId) ?? setContract(unit, contractStub(contractId, fact, customer, currency))
  );
}

/**
 * What an invoice's change means for its contract: open balance and last payment. Only differences are added, so the
 * contract ends the same whatever comes first, also when a payment comes before its invoice says which contract it is of.
 */
export function followInvoice(unit: Unit, fact: Fact, before: Document | undefined, after: Document): void {
  const currency = after.total?.currency ?? after.paid?.currency;
  if (after.contract_id === null || currency === undefined) return;
  const learned = before === undefined || before.contract_id === null;
  const open = openAmount(after);
  const difference = (open?.amount_minor ?? 0n) - (learned ? 0n : (openAmount(before)?.amount_minor ?? 0n));
  const contract = knownContract(unit, fact, after.contract_id, currency);
  const open_balance =
    open === null ? contract.open_balance : addBalance(contract.open_balance, open, difference);
  const paidAt = Math.max(
    fact.type === allocated ? fact.occurred_at : 0,
    // Until now the invoice knew no contract: all that it can hold are payments that came before it.
    learned && before?.facts.some(({ type }) => type === allocated) === true ? before.updated_at : 0,
  );
  const last_payment_at = Math.max(contract.last_payment_at ?? 0, paidAt) || null;
  if (
    open_balance?.amount_minor === contract.open_balance?.amount_minor &&
    last_payment_at === contract.last_payment_at
  )
    return;
  setContract(unit, changeContract(contract, fact.occurred_at, { open_balance, last_payment_at }));
}

const allocated = 'payment.allocated';

/** A contract has one balance; an invoice in another currency than the first is left out of it. */
function addBalance(held: Money | null, { currency, exponent }: Money, difference: bigint): Money | null {
  if (held === null) return { amount_minor: difference, currency, exponent };
  return held.currency === currency ? { ...held, amount_minor: held.amount_minor + difference } : held;
}

/** How many of a customer's payments are disputed now, from the disputes themselves, in any order of their facts. */
export function followDispute(unit: Unit, fact: Fact, before: Document | undefined, after: Document): void {
  const difference = Number(after.status === 'open') - Number(before?.status === 'open');
  if (difference === 0) return;
  const customer = knownCustomer(unit, fact);
  const disputes_open = customer.disputes_open + difference;
  setCustomer(unit, changeCustomer(customer, fact.occurred_at, { disputes_open }));
}
