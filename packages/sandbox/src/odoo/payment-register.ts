import type { Row } from '../sqlite.ts';
import type { Env } from './env.ts';
import { userError } from './errors.ts';
import { roundTo, sum } from './money.ts';
import { createPayment, postPayments } from './payments.ts';
import {
  insertRecord,
  linked,
  numberOf,
  rowOf,
  rowsOf,
  rowsThatExist,
  textOf,
  type Values,
} from './records.ts';
import { reconcileLines, settledLines } from './reconcile.ts';

const nothingLeft =
  "There's nothing left to pay for the selected journal items, so no payment registration is necessary. You've got your finances under control like a boss!";

function activeLines(env: Env): Row[] {
  const { active_model: model, active_ids: ids } = env.context;
  const list = Array.isArray(ids) ? ids.map(Number) : [];
  const lines =
    model === 'account.move.line' ? rowsOf(env, 'account.move.line', list) : settledLines(env, list);
  return lines.filter(line => line['reconciled'] !== 1 && numberOf(line, 'amount_residual_currency') !== 0);
}

function communication(env: Env, lines: readonly Row[], grouped: boolean): string | false {
  const moves = rowsOf(env, 'account.move', [...new Set(lines.map(line => numberOf(line, 'move_id')))]);
  if (grouped && moves.length > 1) {
    const count = env.db.get('SELECT count(*) AS n FROM account_payment_register WHERE group_payment = 1');
    return `GROUP/${env.today.slice(0, 4)}/${String(Number(count?.['n'] ?? 0) + 1).padStart(5, '0')}`;
  }
  const first = moves[0] ?? {};
  const text = first['payment_reference'] ?? first['ref'] ?? first['name'] ?? null;
  return text === null ? false : String(text);
}

/** Opens the wizard on what is open of the invoices (or lines) in the context. */
export function createRegister(env: Env, values: Values): number {
  const lines = activeLines(env);
  if (lines.length === 0) throw userError(nothingLeft);
  const open = sum(lines.map(line => numberOf(line, 'amount_residual_currency')));
  const residual = roundTo(Math.abs(open), 0.001);
  const amount = typeof values['amount'] === 'number' ? values['amount'] : residual;
  const bank = env.db.get("SELECT id FROM account_journal WHERE type = 'bank' ORDER BY sequence, id LIMIT 1");
  const first = lines[0] ?? {};
  return insertRecord(env, 'account.payment.register', {
    payment_date: env.today,
    communication: communication(env, lines, values['group_payment'] === true),
    currency_id: first['currency_id'],
    partner_id: first['partner_id'],
    payment_type: open > 0 ? 'inbound' : 'outbound',
    partner_type: 'customer',
    ...values,
    journal_id: values['journal_id'] || bank?.['id'],
    amount,
    payment_difference: roundTo(residual - amount, 0.001),
    line_ids: [[6, 0, lines.map(line => numberOf(line, 'id'))]],
  });
}

/** Makes, posts and reconciles the payments: one for all with `group_payment`, else one for each invoice. */
export function createPayments(env: Env, ids: readonly number[]): Record<string, unknown> {
  const wizard = rowsThatExist(env, 'account.payment.register', ids)[0] ?? {};
  const lines = rowsOf(
    env,
    'account.move.line',
    linked(env, 'account.payment.register', 'line_ids', numberOf(wizard, 'id')),
  );
  const batches =
    wizard['group_payment'] === 1 || lines.length === 1
      ? [lines]
      : [...Map.groupBy(lines, line => line['move_id']).values()];
  const made = batches.map(batch => payBatch(env, wizard, batch, batches.length === 1));
  const action = {
    name: 'Payments',
    type: 'ir.actions.act_window',
    res_model: 'account.payment',
    context: { create: false },
  };
  return made.length === 1
    ? { ...action, view_mode: 'form', res_id: made[0] }
    : { ...action, view_mode: 'list,form', domain: [['id', 'in', made]] };
}

function payBatch(env: Env, wizard: Row, lines: readonly Row[], only: boolean): number {
  const open = Math.abs(sum(lines.map(line => numberOf(line, 'amount_residual_currency'))));
  const invoices = [...new Set(lines.map(line => numberOf(line, 'move_id')))];
  const writeOff =
    wizard['payment_difference_handling'] === 'reconcile' ? numberOf(wizard, 'payment_difference') : 0;
  const payment = createPayment(env, {
    payment_type: wizard['payment_type'],
    partner_type: wizard['partner_type'],
    partner_id: wizard['partner_id'],
    amount: only ? numberOf(wizard, 'amount') : roundTo(open, 0.001),
    currency_id: wizard['currency_id'],
    date: wizard['payment_date'],
    journal_id: wizard['journal_id'],
    memo: only ? wizard['communication'] : communication(env, lines, false),
    invoice_ids: [[6, 0, invoices]],
  });
  const sign = wizard['payment_type'] === 'inbound' ? 1 : -1;
  const extra =
    writeOff === 0
      ? []
      : [
          {
            account_id: wizard['writeoff_account_id'],
            amount_currency: sign * writeOff,
            name: wizard['writeoff_label'] ?? 'Write-Off',
          },
        ];
  postPayments(env, [payment], true, extra);
  const entry = numberOf(rowOf(env, 'account.payment', payment) ?? {}, 'move_id');
  const posted = invoices.filter(id => textOf(rowOf(env, 'account.move', id) ?? {}, 'state') === 'posted');
  const both = settledLines(env, [...posted, entry]).filter(line => line['reconciled'] !== 1);
  if (new Set(both.map(line => line['move_id'])).size > 1) {
    reconcileLines(
      env,
      both.map(line => numberOf(line, 'id')),
    );
  }
  return payment;
}
