import type { Row } from '../sqlite.ts';
import type { Env } from './env.ts';
import { userError } from './errors.ts';
import { hasTax, recompute, refreshTotals } from './invoice-lines.ts';
import { accountingDate, checkUnlocked } from './locks.ts';
import { isInvoice, isSale } from './moves.ts';
import {
  checkNameFree,
  checkNumberFits,
  nextNumber,
  numberFits,
  numberingBefore,
  setName,
} from './numbering.ts';
import { numberOf, rowOf, rowsThatExist, textOf, updateRecords } from './records.ts';
import { reconcileLines, refreshPaymentState, settledLines, unreconcileLines } from './reconcile.ts';
import { moveLines } from './tax-totals.ts';

function checkPostable(env: Env, move: Row): void {
  const id = numberOf(move, 'id');
  if (move['state'] !== 'draft')
    throw userError(`The entry ${textOf(move, 'name')} (id ${String(id)}) must be in draft.`);
  const currency = rowOf(env, 'res.currency', numberOf(move, 'currency_id'));
  if (currency?.['active'] !== 1) {
    throw userError(
      `You cannot validate a document with an inactive currency: ${String(currency?.['name'])}`,
    );
  }
  if (!moveLines(env, id).some(line => !textOf(line, 'display_type').startsWith('line_'))) {
    throw userError("Even magicians can't post nothing!");
  }
  if (!isInvoice(move)) return;
  if (move['partner_id'] === null) {
    throw userError(
      isSale(move)
        ? "The 'Customer' field is required to validate the invoice.\nYou probably don't want to explain to your auditor that you invoiced an invisible man :)"
        : "The field 'Vendor' is required, please complete it to validate the Vendor Bill.",
    );
  }
  if (numberOf(move, 'amount_total') < 0) {
    throw userError(
      'You cannot validate an invoice with a negative total amount. You should create a credit note instead. Use the action menu to transform it into a credit note or refund.',
    );
  }
}

const kindOf = (env: Env, move: Row) => ({
  journalType: textOf(rowOf(env, 'account.journal', numberOf(move, 'journal_id')) ?? {}, 'type'),
  hasTax: hasTax(env, numberOf(move, 'id')),
});

/** Posts drafts: all of them or, on an error, none. */
export function postMoves(env: Env, ids: readonly number[]): void {
  const moves = rowsThatExist(env, 'account.move', ids);
  moves.forEach(move => checkPostable(env, move));
  const key = (move: Row): string => `${textOf(move, 'date')} ${textOf(move, 'ref')}`;
  const ordered = moves.toSorted(
    (a, b) => key(a).localeCompare(key(b)) || numberOf(a, 'id') - numberOf(b, 'id'),
  );
  for (const move of ordered) postMove(env, move);
}

function postMove(env: Env, move: Row): void {
  const id = numberOf(move, 'id');
  const invoiceDate = move['invoice_date'] ?? (isSale(move) ? env.today : null);
  const date = accountingDate(env, textOf(move, 'date'), kindOf(env, move), () => numberingBefore(env, move));
  updateRecords(env, 'account.move', [id], { invoice_date: invoiceDate, date });
  const dated = { ...move, date };
  const isDated = move['invoice_date'] !== invoiceDate || move['date'] !== date;
  const name = keptNumber(env, dated, isDated) ?? nextNumber(env, dated);
  checkNumberFits(env, dated, name);
  checkNameFree(env, dated, name);
  setName(env, id, name);
  const referenced = move['payment_reference'] ?? (move['move_type'] === 'out_invoice' ? name : null);
  updateRecords(env, 'account.move', [id], { payment_reference: referenced, posted_before: true });
  env.db.run("UPDATE account_move SET state = 'posted' WHERE id = ?", id);
  if (!isInvoice(move)) return refreshPaymentState(env, id);
  refreshTotals(env, id);
  if (isSale(move)) {
    env.db.run(
      'UPDATE res_partner SET customer_rank = customer_rank + 1, write_date = ? WHERE id = ?',
      env.now,
      numberOf(move, 'partner_id'),
    );
  }
  reconcileWithReversed(env, move);
}

/** The number a move brings along. Posting that sets a date on a new one takes away a number of another year or month. */
function keptNumber(env: Env, move: Row, isDated: boolean): string | null {
  if (move['name'] === null) return null;
  const name = textOf(move, 'name');
  const isLost = isDated && move['posted_before'] !== 1 && !numberFits(env, move, name, textOf(move, 'date'));
  return isLost ? null : name;
}

function reconcileWithReversed(env: Env, move: Row): void {
  const original = numberOf(move, 'reversed_entry_id');
  if (original === 0 || rowOf(env, 'account.move', original)?.['state'] !== 'posted') return;
  const open = settledLines(env, [original, numberOf(move, 'id')]).filter(line => line['reconciled'] !== 1);
  if (new Set(open.map(line => line['move_id'])).size === 2) {
    reconcileLines(
      env,
      open.map(line => numberOf(line, 'id')),
    );
  }
}

/** Takes posted or cancelled moves back to draft. What they are reconciled with stays so. */
export function resetToDraft(env: Env, ids: readonly number[]): void {
  for (const move of rowsThatExist(env, 'account.move', ids)) {
    if (move['state'] === 'draft')
      throw userError('Only posted/cancelled journal entries can be reset to draft.');
    checkUnlocked(env, textOf(move, 'date'), kindOf(env, move));
    const id = numberOf(move, 'id');
    updateRecords(env, 'account.move', [id], { state: 'draft' });
    if (move['stale'] === 1) recompute(env, id);
  }
}

/** Cancels moves, posted ones too. */
export function cancelMoves(env: Env, ids: readonly number[]): void {
  for (const move of rowsThatExist(env, 'account.move', ids)) {
    const id = numberOf(move, 'id');
    if (move['state'] === 'posted') resetToDraft(env, [id]);
    unreconcileLines(
      env,
      settledLines(env, [id]).map(line => numberOf(line, 'id')),
    );
    updateRecords(env, 'account.move', [id], { state: 'cancel' });
  }
}

/** Sets a line of a credit note or payment off against what is open of an invoice. */
export function assignOutstanding(env: Env, ids: readonly number[], line: number): void {
  rowsThatExist(env, 'account.move.line', [line]);
  const open = settledLines(env, ids).filter(row => row['reconciled'] !== 1);
  reconcileLines(env, [...open.map(row => numberOf(row, 'id')), line]);
}
