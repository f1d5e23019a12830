import { invalidEvent, negate } from '@keelson/contracts';
import type { FactBalanceMovement, Money } from '@keelson/contracts';
import { optionalMoney, requiredMoney } from './currency.ts';
import type { Fields } from './fields.ts';
import {
  idOf,
  isObject,
  optionalInstant,
  optionalText,
  requiredId,
  requiredInstant,
  requiredText,
} from './fields.ts';
import { documentId, immutableFact } from './telling.ts';
import type { Telling } from './telling.ts';
import type { Yielded } from './yielded.ts';

/** A movement on the provider's balance with its fee and net; known by fetch alone. */
export function mapBalanceTransaction(telling: Telling, movement: Fields): Yielded {
  const id = requiredId(movement);
  const body = bodyOf(movement, id);
  if (body.net.amount_minor !== body.amount.amount_minor - body.fee.amount_minor) {
    throw invalidEvent('schema', `balance_transaction ${id}: net is not amount less fee`);
  }
  const fact = immutableFact(telling, {
    type: 'payment.balance_moved',
    object: movement,
    occurredAt: requiredInstant(movement, 'created'),
    documentId: documentId(telling, 'balance_movement', id),
    content: {
      movement: id,
      currency: body.amount.currency,
      amount: body.amount.amount_minor,
      fee: body.fee.amount_minor,
    },
    body: { 'keelson.fact.BalanceMovement': body },
  });
  return { facts: [fact] };
}

function bodyOf(movement: Fields, id: string): FactBalanceMovement {
  const amount = requiredMoney(movement, 'amount');
  return {
    balance_transaction_ref: id,
    category: optionalText(movement, 'reporting_category') ?? requiredText(movement, 'type'),
    source_ref: idOf(movement['source']),
    amount,
    fee: requiredMoney(movement, 'fee'),
    net: requiredMoney(movement, 'net'),
    exchange_rate: rateOf(movement),
    original_amount: originalOf(movement, amount),
    available_at: optionalInstant(movement, 'available_on'),
  };
}

function rateOf(movement: Fields): string | null {
  const rate = movement['exchange_rate'];
  if (typeof rate !== 'number' || !Number.isFinite(rate)) return null;
  const text = String(rate);
  return text.includes('e') ? rate.toFixed(12).replace(/0+$/, '') : text;
}

/** What the expanded source says in its own currency, with the movement's sign; null where it is the balance's. */
function originalOf(movement: Fields, amount: Money): Money | null {
  const source = movement['source'];
  if (!isObject(source) || typeof source['currency'] !== 'string') return null;
  const original = optionalMoney(source, 'amount');
  if (original === null || original.currency === amount.currency) return null;
  return original.amount_minor < 0n === amount.amount_minor < 0n ? original : negate(original);
}
