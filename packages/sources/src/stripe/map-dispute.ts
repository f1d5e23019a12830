import { sum } from '@keelson/contracts';
import type { FactDispute, Money } from '@keelson/contracts';
import type { MappedFact } from '../mapping.ts';
import { moneyOf, requiredMoney } from './currency.ts';
import type { Fields } from './fields.ts';
import {
  idOf,
  objects,
  optionalInstant,
  optionalInteger,
  optionalObject,
  optionalText,
  requiredId,
  requiredInstant,
  requiredInteger,
  requiredText,
} from './fields.ts';
import { documentId, documentIdOrNull, immutableFact } from './telling.ts';
import type { Telling } from './telling.ts';
import { balanceFetches } from './yielded.ts';
import type { Yielded } from './yielded.ts';

const decided = new Set(['won', 'lost', 'warning_closed', 'charge_refunded', 'prevented']);

/**
 * Any telling of a dispute carries its opening, and what its balance transactions and status say since: funds withdrawn
 * (a movement below zero), funds reinstated (above zero), closed.
 */
export function mapDispute(telling: Telling, dispute: Fields): Yielded {
  const movements = objects(dispute, 'balance_transactions');
  const out = movements.filter(movement => requiredInteger(movement, 'amount') < 0n);
  const back = movements.filter(movement => requiredInteger(movement, 'amount') > 0n);
  const facts = [fact(telling, dispute, 'opened', requiredInstant(dispute, 'created'), [])];
  if (out.length > 0 || telling.eventType === 'charge.dispute.funds_withdrawn') {
    facts.push(fact(telling, dispute, 'funds_withdrawn', momentOf(telling, out), out));
  }
  if (back.length > 0 || telling.eventType === 'charge.dispute.funds_reinstated') {
    facts.push(fact(telling, dispute, 'funds_reinstated', momentOf(telling, back), back));
  }
  if (decided.has(requiredText(dispute, 'status'))) {
    facts.push(fact(telling, dispute, 'closed', telling.at, []));
  }
  return { facts, fetches: balanceFetches(...movements.map(movement => requiredId(movement))) };
}

const momentOf = (telling: Telling, movements: readonly Fields[]): number =>
  (movements[0] === undefined ? null : optionalInstant(movements[0], 'created')) ?? telling.at;

function fact(
  telling: Telling,
  dispute: Fields,
  verb: 'opened' | 'funds_withdrawn' | 'funds_reinstated' | 'closed',
  occurredAt: number,
  movements: readonly Fields[],
): MappedFact {
  const body = bodyOf(telling, dispute, movements);
  const outcome = verb === 'closed' ? body.status : null;
  return immutableFact(telling, {
    type: `payment.dispute_${verb}`,
    object: dispute,
    ...(outcome === null ? {} : { subId: outcome }),
    occurredAt,
    documentId: body.dispute_id,
    content: {
      dispute: body.dispute_id,
      currency: body.amount.currency,
      amount: body.amount.amount_minor,
      outcome,
    },
    body: { 'keelson.fact.Dispute': body },
  });
}

function bodyOf(telling: Telling, dispute: Fields, movements: readonly Fields[]): FactDispute {
  const evidence = optionalObject(dispute, 'evidence_details');
  const status = requiredText(dispute, 'status');
  return {
    dispute_id: documentId(telling, 'dispute', requiredId(dispute)),
    payment_id: documentIdOrNull(telling, 'payment', idOf(dispute['charge'])),
    inquiry: status.startsWith('warning_'),
    status,
    reason: optionalText(dispute, 'reason'),
    amount: requiredMoney(dispute, 'amount'),
    fee: feeOf(movements),
    evidence_due_at: evidence === null ? null : optionalInstant(evidence, 'due_by'),
    balance_transaction_refs: movements.map(movement => requiredId(movement)),
  };
}

/** In the balance's currency; below zero when it is given back. */
function feeOf(movements: readonly Fields[]): Money | null {
  const fees = movements.map(movement => moneyOf(movement, optionalInteger(movement, 'fee') ?? 0n));
  const [first] = fees;
  return first === undefined ? null : sum(first.currency, fees);
}
