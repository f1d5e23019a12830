import type { FactPayout } from '@keelson/contracts';
import type { MappedFact } from '../mapping.ts';
import { requiredMoney } from './currency.ts';
import type { Fields } from './fields.ts';
import { idOf, isObject, optionalInstant, optionalText, requiredId, requiredInstant } from './fields.ts';
import { documentId, immutableFact } from './telling.ts';
import type { Telling } from './telling.ts';
import { balanceFetches, filtered } from './yielded.ts';
import type { Yielded } from './yielded.ts';

/** A payout leaves the balance when it is made; one that failed left it and came back. */
export function mapPayout(telling: Telling, payout: Fields): Yielded {
  const status = optionalText(payout, 'status');
  const failed = status === 'failed' || telling.eventType === 'payout.failed';
  if (!failed && status !== 'paid' && telling.eventType !== 'payout.paid')
    return filtered('told-by-payout-paid');
  const facts = [fact(telling, payout, 'paid', requiredInstant(payout, 'created'))];
  if (failed) facts.push(fact(telling, payout, 'failed', telling.at));
  return {
    facts,
    fetches: balanceFetches(
      idOf(payout['balance_transaction']),
      failed ? idOf(payout['failure_balance_transaction']) : null,
    ),
  };
}

function fact(telling: Telling, payout: Fields, status: 'paid' | 'failed', occurredAt: number): MappedFact {
  const body: FactPayout = {
    payout_id: documentId(telling, 'payout', requiredId(payout)),
    status,
    amount: requiredMoney(payout, 'amount'),
    arrival_at: optionalInstant(payout, 'arrival_date'),
    automatic: payout['automatic'] !== false,
    trace_id: traceIdOf(payout),
    failure_code: status === 'failed' ? optionalText(payout, 'failure_code') : null,
    balance_transaction_ref: idOf(
      payout[status === 'failed' ? 'failure_balance_transaction' : 'balance_transaction'],
    ),
  };
  return immutableFact(telling, {
    type: `payment.payout_${status}`,
    object: payout,
    occurredAt,
    documentId: body.payout_id,
    content: { payout: body.payout_id, currency: body.amount.currency, amount: body.amount.amount_minor },
    body: { 'keelson.fact.Payout': body },
  });
}

/** Text before, `{status, value}` today. */
function traceIdOf(payout: Fields): string | null {
  const trace = payout['trace_id'];
  return isObject(trace) ? optionalText(trace, 'value') : optionalText(payout, 'trace_id');
}
