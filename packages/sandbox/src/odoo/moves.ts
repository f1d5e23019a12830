import type { Row } from '../sqlite.ts';
import type { Env } from './env.ts';
import { userError, validationError } from './errors.ts';
import {
  applyLineCommands,
  deleteLinesOf,
  recompute,
  refreshShownPrices,
  refreshTotals,
  setTaxes,
} from './invoice-lines.ts';
import { isZero, sum } from './money.ts';
import { checkNameFree, checkNumberFits, numberFits, setName } from './numbering.ts';
import {
  deleteRecords,
  insertRecord,
  numberOf,
  rowOf,
  rowsThatExist,
  textOf,
  updateRecords,
  type Values,
} from './records.ts';
import { refreshLines, settledLines } from './reconcile.ts';
import { companyCurrencyId, companyId } from './seed.ts';
import { moveLines, wantedTaxes } from './tax-totals.ts';

const saleTypes = ['out_invoice', 'out_refund', 'out_receipt'];
const purchaseTypes = ['in_invoice', 'in_refund', 'in_receipt'];
const asPosted =
  'You cannot create a move already in the posted state. Please create a draft move and post it after.';

export const isInvoice = (row: Row): boolean => row['move_type'] !== 'entry';
export const isSale = (row: Row): boolean => saleTypes.includes(textOf(row, 'move_type'));

const kindOf = (moveType: string): 'sale' | 'purchase' | 'general' =>
  saleTypes.includes(moveType) ? 'sale' : purchaseTypes.includes(moveType) ? 'purchase' : 'general';

function journalFor(env: Env, moveType: string, wanted: unknown): Row {
  const kind = kindOf(moveType);
  if (typeof wanted === 'number') {
    const journal = rowOf(env, 'account.journal', wanted);
    if (journal !== undefined && kind !== 'general' && journal['type'] !== kind) {
      throw validationError(`Cannot create a ${kind} document in a non ${kind} journal`);
    }
    if (journal !== undefined) return journal;
  }
  const first = env.db.get(
    'SELECT * FROM account_journal WHERE type = ? ORDER BY sequence, id LIMIT 1',
    kind,
  );
  return first ?? {};
}

/** Makes a draft with its lines, taxes and totals. */
export function createMove(env: Env, values: Values): number {
  if (values['state'] === 'posted') throw userError(asPosted);
  const { invoice_line_ids: shown, line_ids: all, tax_totals: totals, name, ...own } = values;
  const moveType = typeof own['move_type'] === 'string' ? own['move_type'] : 'entry';
  const journal = journalFor(env, moveType, own['journal_id']);
  const currency = own['currency_id'] || journal['currency_id'] || companyCurrencyId;
  const id = insertRecord(env, 'account.move', {
    invoice_date_due: moveType === 'entry' ? false : env.today,
    payment_state: 'not_paid',
    ...own,
    move_type: moveType,
    state: 'draft',
    journal_id: own['journal_id'] || journal['id'],
    company_id: own['company_id'] || companyId,
    currency_id: currency,
    date: own['date'] || own['invoice_date'] || env.today,
    invoice_currency_rate:
      own['invoice_currency_rate'] || rowOf(env, 'res.currency', Number(currency))?.['rate'],
  });
  if (typeof name === 'string' && name !== '' && name !== '/') setName(env, id, name);
  writeLines(env, id, { invoice_line_ids: shown, line_ids: all }, totals);
  return id;
}

function writeLines(env: Env, id: number, lines: Values, totals: unknown): void {
  const move = rowOf(env, 'account.move', id) ?? {};
  const { invoice_line_ids: shown, line_ids: all } = lines;
  applyLineCommands(env, move, shown, true);
  applyLineCommands(env, move, all, false);
  if (!isInvoice(move)) checkEntry(env, id);
  else if (Array.isArray(shown) || !Array.isArray(all) || touchesProducts(all)) recompute(env, id);
  else refreshTotals(env, id);
  if (totals !== undefined) setTaxes(env, id, wantedTaxes(totals));
}

// Changing the amount of a tax line keeps it; anything else computes the taxes anew.
const touchesProducts = (commands: readonly unknown[]): boolean =>
  commands.some(command => {
    const [kind, , values] = command as [number, unknown, Values | undefined];
    return kind !== 1 || values === undefined || !('amount_currency' in values);
  });

function checkEntry(env: Env, id: number): void {
  if (!isZero(sum(moveLines(env, id).map(line => numberOf(line, 'balance'))), 0.01)) {
    throw userError('The entry is not balanced.');
  }
  refreshLines(
    env,
    settledLines(env, [id]).map(line => numberOf(line, 'id')),
  );
}

const frozen = [
  'invoice_date',
  'date',
  'partner_id',
  'invoice_payment_term_id',
  'currency_id',
  'invoice_line_ids',
  'line_ids',
];

function checkWritable(move: Row, values: Values): void {
  if (
    move['posted_before'] === 1 &&
    'journal_id' in values &&
    values['journal_id'] !== move['journal_id'] &&
    move['name'] !== null
  ) {
    throw userError(
      'You cannot edit the journal of an account move if it has been posted once, unless the name is removed or set to "/". This might create a gap in the sequence.',
    );
  }
  if (move['state'] !== 'posted') return;
  const touched = frozen.filter(name => name in values);
  if (touched.length === 0) return;
  throw userError(`You cannot modify the following readonly fields on a posted move: ${touched.join(', ')}`);
}

const remade = ['currency_id', 'invoice_currency_rate', 'move_type'];
const inTerm = ['partner_id', 'ref', 'payment_reference', 'invoice_date_due'];

/** Changes moves. A posted one keeps its dates, partner, currency and lines; number and references stay free. */
export function writeMoves(env: Env, ids: readonly number[], values: Values): void {
  for (const move of rowsThatExist(env, 'account.move', ids)) {
    checkWritable(move, values);
    const id = numberOf(move, 'id');
    const { invoice_line_ids: shown, line_ids: all, tax_totals: totals, name, state, ...own } = values;
    if (state === 'posted' && move['state'] === 'draft') throw userError(asPosted);
    const currency = own['currency_id'];
    const rate =
      currency === undefined
        ? {}
        : { invoice_currency_rate: rowOf(env, 'res.currency', Number(currency))?.['rate'] };
    const follows = typeof own['invoice_date'] === 'string' && !('date' in own) && isSale(move);
    updateRecords(env, 'account.move', [id], {
      ...rate,
      ...own,
      ...(follows ? { date: own['invoice_date'] } : {}),
    });
    if (name !== undefined) rename(env, move, name);
    else if ('invoice_date' in own || 'date' in own) dropUnfitNumber(env, id);
    if (move['state'] === 'posted') continue;
    if ('partner_id' in own) {
      env.db.run(
        'UPDATE account_move_line SET partner_id = ? WHERE move_id = ?',
        (own['partner_id'] || null) as number | null,
        id,
      );
    }
    if (shown !== undefined || all !== undefined || remade.some(field => field in own)) {
      writeLines(env, id, { invoice_line_ids: shown, line_ids: all }, totals);
    } else if (totals !== undefined) setTaxes(env, id, wantedTaxes(totals));
    else if (isInvoice(move) && inTerm.some(field => field in own)) refreshTotals(env, id);
  }
}

/** A draft that was never posted and is given a date loses a number of another year or month. */
function dropUnfitNumber(env: Env, id: number): void {
  const move = rowOf(env, 'account.move', id) ?? {};
  if (move['name'] === null || move['posted_before'] === 1) return;
  if (!numberFits(env, move, textOf(move, 'name'), textOf(move, 'date'))) setName(env, id, null);
}

function rename(env: Env, move: Row, name: unknown): void {
  const text = typeof name === 'string' && name !== '' && name !== '/' ? name : null;
  if (text !== null && move['state'] === 'posted') {
    checkNumberFits(env, move, text);
    checkNameFree(env, move, text);
  }
  setName(env, numberOf(move, 'id'), text);
}

/**
 * Changes lines. Those of a draft compute their invoice anew. Those of a posted one are changed too, while the
 * invoice's totals stay until it is reset to draft.
 */
export function writeMoveLines(env: Env, ids: readonly number[], values: Values): void {
  for (const line of rowsThatExist(env, 'account.move.line', ids)) {
    const id = numberOf(line, 'id');
    const moveId = numberOf(line, 'move_id');
    const move = rowOf(env, 'account.move', moveId) ?? {};
    const draft = move['state'] === 'draft';
    if (draft) writeMoves(env, [moveId], { line_ids: [[1, id, values]] });
    else updateRecords(env, 'account.move.line', [id], values);
    updateRecords(env, 'account.move', [moveId], {});
    if (draft || !isInvoice(move) || line['display_type'] !== 'product') continue;
    refreshShownPrices(env, id);
    env.db.run('UPDATE account_move SET stale = 1 WHERE id = ?', moveId);
  }
}

export function createMoveLine(env: Env, values: Values): number {
  writeMoves(env, [Number(values['move_id'])], { line_ids: [[0, 0, values]] });
  const newest = env.db.get(
    "SELECT max(id) AS id FROM account_move_line WHERE display_type NOT IN ('tax', 'payment_term')",
  );
  return numberOf(newest ?? {}, 'id');
}

export function deleteMoves(env: Env, ids: readonly number[]): void {
  if (rowsThatExist(env, 'account.move', ids).some(move => move['state'] === 'posted')) {
    throw userError(
      "You can't delete a posted journal item. Don’t play games with your accounting records; reset the journal entry to draft before deleting it.",
    );
  }
  deleteLinesOf(env, ids);
  deleteRecords(env, 'account.move', ids);
}
