import type { FactRefund, FactRefundStatus } from '@keelson/contracts';
import type { MappedFact, MappedFetch } from '../mapping.ts';
import { requiredMoney } from './currency.ts';
import type { Fields } from './fields.ts';
import { idOf, optionalText, requiredId, requiredInstant } from './fields.ts';
import { documentId, documentIdOrNull, immutableFact } from './telling.ts';
import type { Telling } from './telling.ts';
import { balanceFetches, filtered } from './yielded.ts';
import type { Yielded } from './yielded.ts';

/** refund.created, refund.updated, refund.failed, charge.refund.updated: by the refund's state, not the event's name. */
export function mapRefund(telling: Telling, refund: Fields): Yielded {
  const told = refundFacts(telling, refund);
  return told.facts.length === 0 ? filtered('refund-not-made') : told;
}

/** Also for the refunds that a charge carries. */
export function refundFacts(
  telling: Telling,
  refund: Fields,
): { readonly facts: readonly MappedFact[]; readonly fetches: readonly MappedFetch[] } {
  const body = bodyOf(telling, refund);
  if (!hasLeftBalance(body)) return { facts: [], fetches: [] };
  const fact = (type: 'created' | 'settled' | 'failed', occurredAt: number): MappedFact =>
    immutableFact(telling, {
      type: `payment.refund_${type}`,
      object: refund,
      occurredAt,
      documentId: body.refund_id,
      content: { refund: body.refund_id, currency: body.amount.currency, amount: body.amount.amount_minor },
      body: {
        'keelson.fact.Refund':
          type === 'created' ? { ...body, status: 'pending', failure_reason: null } : body,
      },
    });
  const facts = [fact('created', requiredInstant(refund, 'created'))];
  if (body.status === 'succeeded') facts.push(fact('settled', telling.at));
  if (body.status === 'failed' || body.status === 'canceled') facts.push(fact('failed', telling.at));
  return {
    facts,
    fetches: balanceFetches(body.balance_transaction_ref, idOf(refund['failure_balance_transaction'])),
  };
}

/**
 * Only a balance transaction says that money has left. A refund that waits for the customer or for funds has none yet; one
 * that was given up before it began, or that let go what was authorised and never captured (it too succeeds), never will.
 */
const hasLeftBalance = (refund: FactRefund): boolean => refund.balance_transaction_ref !== null;

const statuses = new Set<string>(['pending', 'succeeded', 'failed', 'canceled'] satisfies FactRefundStatus[]);

function bodyOf(telling: Telling, refund: Fields): FactRefund {
  const status = optionalText(refund, 'status') ?? 'unknown';
  return {
    refund_id: documentId(telling, 'refund', requiredId(refund)),
    payment_id: documentIdOrNull(telling, 'payment', idOf(refund['charge'])),
    payment_intent_ref: idOf(refund['payment_intent']),
    status: statuses.has(status) ? (status as FactRefundStatus) : 'unknown',
    amount: requiredMoney(refund, 'amount'),
    reason: optionalText(refund, 'reason'),
    failure_reason: optionalText(refund, 'failure_reason'),
    balance_transaction_ref: idOf(refund['balance_transaction']),
  };
}
