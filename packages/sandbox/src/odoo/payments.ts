import type { Row } from '../sqlite.ts';
import type { Env } from './env.ts';
import { validationError } from './errors.ts';
import { roundTo } from './money.ts';
import { cancelMoves, postMoves, resetToDraft } from './posting.ts';
import { createMove, deleteMoves } from './moves.ts';
import {
  deleteRecords,
  insertRecord,
  linked,
  numberOf,
  rowOf,
  rowsThatExist,
  textOf,
  updateRecords,
  type Values,
} from './records.ts';
import { refreshPaymentState } from './reconcile.ts';
import { companyCurrencyId, companyId, receivableAccountId } from './seed.ts';

const outstanding = { inbound: 48, outbound: 49 } as const;

/** The method line of a journal for money in or out. */
export const methodLine = (env: Env, journal: number, direction: string): Row | undefined =>
  env.db.get(
    'SELECT * FROM account_payment_method_line WHERE journal_id = ? AND payment_type = ? ORDER BY id LIMIT 1',
    journal,
    direction,
  );

function checkAmount(values: Values): void {
  if (Number(values['amount'] ?? 0) < 0) {
    throw validationError('The operation cannot be completed: The payment amount cannot be negative.');
  }
}

/** Makes a draft payment, without a journal entry as yet. */
export function createPayment(env: Env, values: Values): number {
  checkAmount(values);
  const bank = env.db.get("SELECT id FROM account_journal WHERE type = 'bank' ORDER BY sequence, id LIMIT 1");
  const journal = Number(values['journal_id'] || bank?.['id']);
  const line = methodLine(env, journal, values['payment_type'] === 'outbound' ? 'outbound' : 'inbound');
  if (line === undefined) throw validationError('Please define a payment method line on your payment.');
  return insertRecord(env, 'account.payment', {
    date: env.today,
    ...values,
    state: 'draft',
    journal_id: journal,
    company_id: companyId,
    currency_id: values['currency_id'] || companyCurrencyId,
    payment_method_line_id: values['payment_method_line_id'] || line['id'],
  });
}

export function writePayments(env: Env, ids: readonly number[], values: Values): void {
  checkAmount(values);
  rowsThatExist(env, 'account.payment', ids);
  updateRecords(env, 'account.payment', ids, values);
  for (const id of ids) refreshInvoices(env, id);
}

const refreshInvoices = (env: Env, id: number): void =>
  linked(env, 'account.payment', 'invoice_ids', id).forEach(move => refreshPaymentState(env, move));

/**
 * Posts draft payments; others are left as they are. A payment gets a journal entry where its method has an
 * outstanding account or it names invoices, else it has none.
 */
export function postPayments(
  env: Env,
  ids: readonly number[],
  alwaysEntry = false,
  extra: readonly Values[] = [],
): void {
  for (const payment of rowsThatExist(env, 'account.payment', ids)) {
    if (payment['state'] !== 'draft') continue;
    const id = numberOf(payment, 'id');
    const line = rowOf(env, 'account.payment.method.line', numberOf(payment, 'payment_method_line_id'));
    const account = line?.['payment_account_id'] ?? null;
    const named = linked(env, 'account.payment', 'invoice_ids', id).length > 0;
    const known = numberOf(payment, 'move_id');
    let name = payment['name'];
    if (known > 0) postMoves(env, [known]);
    else if (alwaysEntry || named || account !== null) name = postEntry(env, payment, account, extra);
    else name ??= `PAY${String(nextCount(env, 'PAY')).padStart(5, '0')}`;
    updateRecords(env, 'account.payment', [id], { state: 'in_process', name });
    refreshInvoices(env, id);
  }
}

function nextCount(env: Env, name: string): number {
  env.db.run('INSERT INTO counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1', name);
  return Number(env.db.get('SELECT value FROM counters WHERE name = ?', name)?.['value']);
}

/** Books a payment: the outstanding (or given) account against the receivable. */
function postEntry(env: Env, payment: Row, account: Row[string], extra: readonly Values[]): string {
  const id = numberOf(payment, 'id');
  const inbound = payment['payment_type'] === 'inbound';
  const currency = numberOf(payment, 'currency_id');
  const rate = Number(rowOf(env, 'res.currency', currency)?.['rate'] ?? 1);
  const signed = inbound ? numberOf(payment, 'amount') : -numberOf(payment, 'amount');
  const written = extra.reduce((total, line) => total + Number(line['amount_currency']), 0);
  const line = (accountId: unknown, amount: number, values: Values = {}): unknown => [
    0,
    0,
    {
      name: payment['memo'] === null ? 'Manual Payment' : `Manual Payment: ${textOf(payment, 'memo')}`,
      partner_id: payment['partner_id'],
      currency_id: currency,
      account_id: accountId,
      amount_currency: amount,
      balance: roundTo(amount / rate, 0.01),
      ...values,
    },
  ];
  const move = createMove(env, {
    move_type: 'entry',
    journal_id: payment['journal_id'],
    date: payment['date'],
    ref: payment['memo'],
    partner_id: payment['partner_id'],
    currency_id: currency,
    origin_payment_id: id,
    line_ids: [
      line(account ?? (inbound ? outstanding.inbound : outstanding.outbound), signed),
      line(receivableAccountId, roundTo(-signed - written, 0.001), { display_type: 'payment_term' }),
      ...extra.map(values =>
        line(values['account_id'], Number(values['amount_currency']), { name: values['name'] }),
      ),
    ],
  });
  updateRecords(env, 'account.payment', [id], { move_id: move });
  postMoves(env, [move]);
  return textOf(rowOf(env, 'account.move', move) ?? {}, 'name');
}

/** Back to draft; the entry goes to draft too and what it is reconciled with stays. */
export function draftPayments(env: Env, ids: readonly number[]): void {
  for (const payment of rowsThatExist(env, 'account.payment', ids)) {
    const move = numberOf(payment, 'move_id');
    if (move > 0 && rowOf(env, 'account.move', move)?.['state'] !== 'draft') resetToDraft(env, [move]);
    updateRecords(env, 'account.payment', [numberOf(payment, 'id')], { state: 'draft' });
    refreshInvoices(env, numberOf(payment, 'id'));
  }
}

/** Cancels payments: their entry goes, and with it what it paid. */
export function cancelPayments(env: Env, ids: readonly number[]): void {
  for (const payment of rowsThatExist(env, 'account.payment', ids)) {
    const move = numberOf(payment, 'move_id');
    updateRecords(env, 'account.payment', [numberOf(payment, 'id')], { state: 'canceled', move_id: false });
    if (move > 0) {
      cancelMoves(env, [move]);
      deleteMoves(env, [move]);
    }
    refreshInvoices(env, numberOf(payment, 'id'));
  }
}

/** Marks payments as found on a bank statement. */
export function validatePayments(env: Env, ids: readonly number[]): void {
  rowsThatExist(env, 'account.payment', ids);
  updateRecords(env, 'account.payment', ids, { state: 'paid', is_matched: true });
  for (const id of ids) refreshInvoices(env, id);
}

export function deletePayments(env: Env, ids: readonly number[]): void {
  rowsThatExist(env, 'account.payment', ids);
  deleteRecords(env, 'account.payment', ids);
}
