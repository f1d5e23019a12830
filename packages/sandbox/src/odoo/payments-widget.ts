import type { Row } from '../sqlite.ts';
import type { Env } from './env.ts';
import { displayName } from './names.ts';
import { json, numberOf, rowOf, textOf } from './records.ts';
import { settledLines } from './reconcile.ts';
import { companyCurrencyId } from './seed.ts';

/** What a posted invoice is set off against, as its form lists it; false where nothing is. */
export function paymentsWidget(env: Env, move: Row): unknown {
  const own = json(settledLines(env, [numberOf(move, 'id')]).map(line => numberOf(line, 'id')));
  const partials = env.db.all(
    `SELECT p.id AS partial, p.amount AS amount, l.id AS line, p.debit_amount_currency AS foreign_amount
       FROM account_partial_reconcile p JOIN account_move_line l ON l.id = p.credit_move_id
       WHERE p.debit_move_id IN (SELECT value FROM json_each(?1))
     UNION ALL SELECT p.id, p.amount, l.id, p.credit_amount_currency
       FROM account_partial_reconcile p JOIN account_move_line l ON l.id = p.debit_move_id
       WHERE p.credit_move_id IN (SELECT value FROM json_each(?1)) ORDER BY 1`,
    own,
  );
  if (move['state'] !== 'posted' || partials.length === 0) return false;
  const content = partials.map(partial => entry(env, numberOf(move, 'currency_id'), partial));
  return { title: 'Less Payment', outstanding: false, content };
}

function entry(env: Env, currency: number, partial: Row): unknown {
  const line = rowOf(env, 'account.move.line', numberOf(partial, 'line')) ?? {};
  const other = rowOf(env, 'account.move', numberOf(line, 'move_id')) ?? {};
  const payment = numberOf(other, 'origin_payment_id');
  const symbol = textOf(rowOf(env, 'res.currency', companyCurrencyId) ?? {}, 'symbol');
  return {
    name: line['name'] ?? false,
    journal_name: textOf(rowOf(env, 'account.journal', numberOf(other, 'journal_id')) ?? {}, 'name'),
    company_name: false,
    amount: numberOf(partial, 'foreign_amount'),
    currency_id: currency,
    date: other['date'],
    partial_id: numberOf(partial, 'partial'),
    account_payment_id: payment === 0 ? false : payment,
    payment_method_name: payment === 0 ? false : 'Manual Payment',
    move_id: numberOf(other, 'id'),
    is_refund: textOf(other, 'move_type').endsWith('_refund'),
    ref: displayName(env, 'account.move', other),
    is_exchange: false,
    amount_company_currency: `${symbol}\u00a0${numberOf(partial, 'amount').toFixed(2)}`,
    amount_foreign_currency: false,
  };
}
