import type { Row } from '../sqlite.ts';
import type { Env } from './env.ts';
import { userError } from './errors.ts';
import { isZero, roundTo, sum } from './money.ts';
import { json, linked, numberOf, rowOf, rowsOf, textOf } from './records.ts';

export const settledTypes = "('asset_receivable', 'liability_payable')";

/** The rounding of a currency. */
export const unitOf = (env: Env, currency: number): number =>
  Number(rowOf(env, 'res.currency', currency)?.['rounding'] ?? 0.01);

/** The receivable and payable lines of moves. */
export const settledLines = (env: Env, moves: readonly number[]): Row[] =>
  env.db.all(
    `SELECT l.* FROM account_move_line l JOIN account_account a ON a.id = l.account_id
     WHERE l.move_id IN (SELECT value FROM json_each(?)) AND a.account_type IN ${settledTypes} ORDER BY l.id`,
    json(moves),
  );

/** Sets debits off against credits, oldest first, as far as they go, and brings all they touch up to date. */
export function reconcileLines(env: Env, ids: readonly number[]): void {
  const rows = rowsOf(env, 'account.move.line', ids);
  if (rows.length > 0 && rows.every(row => row['reconciled'] === 1)) {
    throw userError('You are trying to reconcile some entries that are already reconciled.');
  }
  match(env, rows);
  refreshLines(env, ids);
}

function match(env: Env, rows: readonly Row[]): void {
  const open = rows.map(row => ({ row, left: numberOf(row, 'amount_residual_currency') }));
  const debits = open.filter(line => line.left > 0);
  const credits = open.filter(line => line.left < 0);
  for (const debit of debits) {
    for (const credit of credits) {
      if (debit.row['account_id'] !== credit.row['account_id'] || debit.left <= 0 || credit.left >= 0)
        continue;
      const rate = (line: Row) => numberOf(line, 'amount_currency') / (numberOf(line, 'balance') || 1);
      const same = debit.row['currency_id'] === credit.row['currency_id'];
      // Debits and credits of two currencies meet in that of the company.
      const [up, down] = same ? [1, 1] : [rate(debit.row), rate(credit.row)];
      const amount = Math.min(debit.left / up, -credit.left / down);
      const taken = roundTo(amount * up, unitOf(env, numberOf(debit.row, 'currency_id')));
      const given = roundTo(amount * down, unitOf(env, numberOf(credit.row, 'currency_id')));
      env.db.run(
        `INSERT INTO account_partial_reconcile (debit_move_id, credit_move_id, amount, debit_amount_currency,
           credit_amount_currency, create_date, write_date) VALUES (?, ?, ?, ?, ?, ?, ?)`,
        numberOf(debit.row, 'id'),
        numberOf(credit.row, 'id'),
        roundTo(same ? taken / rate(debit.row) : amount, 0.01),
        taken,
        given,
        env.now,
        env.now,
      );
      debit.left -= taken;
      credit.left += given;
    }
  }
}

/** Takes back every setting-off of these lines. */
export function unreconcileLines(env: Env, ids: readonly number[]): void {
  const found = env.db.all(
    `SELECT id, debit_move_id AS a, credit_move_id AS b FROM account_partial_reconcile
     WHERE debit_move_id IN (SELECT value FROM json_each(?1)) OR credit_move_id IN (SELECT value FROM json_each(?1))`,
    json(ids),
  );
  env.db.run(
    'DELETE FROM account_partial_reconcile WHERE id IN (SELECT value FROM json_each(?))',
    json(found.map(row => numberOf(row, 'id'))),
  );
  refreshLines(env, [...ids, ...found.flatMap(row => [numberOf(row, 'a'), numberOf(row, 'b')])]);
}

/** Computes what is left of lines anew, then the payment state of their moves. */
export function refreshLines(env: Env, ids: readonly number[]): void {
  const rows = rowsOf(env, 'account.move.line', [...new Set(ids)]);
  for (const row of rows) {
    const id = numberOf(row, 'id');
    const matched = env.db.get(
      `SELECT (SELECT coalesce(sum(debit_amount_currency), 0) FROM account_partial_reconcile WHERE debit_move_id = ?1)
            - (SELECT coalesce(sum(credit_amount_currency), 0) FROM account_partial_reconcile WHERE credit_move_id = ?1)
           AS n,
         EXISTS (SELECT 1 FROM account_partial_reconcile WHERE debit_move_id = ?1 OR credit_move_id = ?1) AS any`,
      id,
    );
    const unit = unitOf(env, numberOf(row, 'currency_id'));
    const whole = numberOf(row, 'amount_currency');
    const left = roundTo(whole - Number(matched?.['n'] ?? 0), unit);
    const share = whole === 0 ? 0 : roundTo((numberOf(row, 'balance') * left) / whole, 0.01);
    const done = isZero(left, unit) && (matched?.['any'] === 1 || whole === 0);
    env.db.run(
      'UPDATE account_move_line SET amount_residual_currency = ?, amount_residual = ?, reconciled = ? WHERE id = ?',
      left,
      share,
      Number(done),
      id,
    );
  }
  for (const move of new Set(rows.map(row => numberOf(row, 'move_id')))) refreshPaymentState(env, move);
}

/** Brings a move's open amount and payment state up to date, and that of the payment it belongs to. */
export function refreshPaymentState(env: Env, id: number): void {
  const move = rowOf(env, 'account.move', id);
  if (move === undefined) return;
  const payment = numberOf(move, 'origin_payment_id');
  if (payment > 0) refreshPayment(env, payment);
  if (move['move_type'] === 'entry') return;
  const lines = settledLines(env, [id]);
  const unit = unitOf(env, numberOf(move, 'currency_id'));
  const residual = roundTo(
    Math.abs(sum(lines.map(line => numberOf(line, 'amount_residual_currency')))),
    unit,
  );
  env.db.run(
    'UPDATE account_move SET amount_residual = ?, payment_state = ?, write_date = ? WHERE id = ?',
    residual,
    paymentState(env, move, lines, isZero(residual, unit)),
    env.now,
    id,
  );
}

function paymentState(env: Env, move: Row, lines: readonly Row[], settled: boolean): string {
  const others = counterparts(
    env,
    lines.map(line => numberOf(line, 'id')),
  );
  if (settled && (others.length > 0 || move['state'] === 'posted')) {
    const reversal = textOf(move, 'move_type').replace('_invoice', '_refund');
    const undone = textOf(move, 'move_type').endsWith('_invoice') && others.length > 0;
    return undone && others.every(type => type === reversal) ? 'reversed' : 'paid';
  }
  if (others.length > 0) return 'partial';
  return paidWithoutEntry(env, numberOf(move, 'id')) ? 'paid' : 'not_paid';
}

function counterparts(env: Env, lines: readonly number[]): string[] {
  const list = json(lines);
  return env.db
    .all(
      `SELECT m.move_type AS type FROM account_partial_reconcile p
         JOIN account_move_line l ON l.id = p.credit_move_id JOIN account_move m ON m.id = l.move_id
         WHERE p.debit_move_id IN (SELECT value FROM json_each(?1))
       UNION ALL SELECT m.move_type FROM account_partial_reconcile p
         JOIN account_move_line l ON l.id = p.debit_move_id JOIN account_move m ON m.id = l.move_id
         WHERE p.credit_move_id IN (SELECT value FROM json_each(?1))`,
      list,
    )
    .map(row => textOf(row, 'type'));
}

// A payment without a journal entry marks its invoices paid, while their open amount stays full.
const paidWithoutEntry = (env: Env, move: number): boolean =>
  env.db.get(
    `SELECT p.id FROM account_payment__invoice_ids i JOIN account_payment p ON p.id = i.source
     WHERE i.target = ? AND p.move_id IS NULL AND p.state IN ('in_process', 'paid') LIMIT 1`,
    move,
  ) !== undefined;

/** True when nothing is left of what a payment's entry owes or claims. */
export function isReconciled(env: Env, payment: Row): boolean {
  const lines = settledLines(env, [numberOf(payment, 'move_id')]);
  return lines.length > 0 && lines.every(line => line['reconciled'] === 1);
}

function refreshPayment(env: Env, id: number): void {
  const payment = rowOf(env, 'account.payment', id);
  if (payment === undefined || !['in_process', 'paid'].includes(textOf(payment, 'state'))) return;
  const state = isReconciled(env, payment) ? 'paid' : 'in_process';
  env.db.run('UPDATE account_payment SET state = ?, write_date = ? WHERE id = ?', state, env.now, id);
}

/** The invoices a payment is set off against or linked with. */
export function reconciledInvoices(env: Env, id: number): number[] {
  const payment = rowOf(env, 'account.payment', id);
  const lines = json(
    settledLines(env, [numberOf(payment ?? {}, 'move_id')]).map(line => numberOf(line, 'id')),
  );
  const met = env.db.all(
    `SELECT l.move_id AS id FROM account_partial_reconcile p JOIN account_move_line l ON l.id = p.debit_move_id
       WHERE p.credit_move_id IN (SELECT value FROM json_each(?1))
     UNION SELECT l.move_id FROM account_partial_reconcile p JOIN account_move_line l ON l.id = p.credit_move_id
       WHERE p.debit_move_id IN (SELECT value FROM json_each(?1))`,
    lines,
  );
  const all = [...linked(env, 'account.payment', 'invoice_ids', id), ...met.map(row => numberOf(row, 'id'))];
  return [...new Set(all)].toSorted((a, b) => a - b);
}
