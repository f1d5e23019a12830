import type { Row } from '../sqlite.ts';
import type { Env } from './env.ts';
import { registerExternalId } from './external-ids.ts';
import { roundTo, sum } from './money.ts';
import {
  deleteRecords,
  insertRecord,
  json,
  linked,
  numberOf,
  rowOf,
  rowsOf,
  rowsThatExist,
  textOf,
  updateRecords,
  type Values,
} from './records.ts';
import { refreshLines, settledLines, unitOf } from './reconcile.ts';
import { companyCurrencyId, companyId, payableAccountId, receivableAccountId } from './seed.ts';
import { computeTaxes, type Tax } from './tax.ts';
import { groupOf, moveLines } from './tax-totals.ts';

/** The key `load` puts a line's own external id under. */
export const externalIdKey = Symbol('external id');

/** How the lines of a document stand in the books: sales are credits, so their sign is minus. */
const signOf = (move: Row): number =>
  ['out_invoice', 'in_refund', 'out_receipt'].includes(textOf(move, 'move_type')) ? -1 : 1;

const rateOf = (move: Row): number => numberOf(move, 'invoice_currency_rate') || 1;

/** Carries out one2many commands on a move: 0 new, 1 change, 2 and 3 remove, 5 remove all, 6 keep only these. */
export function applyLineCommands(env: Env, move: Row, commands: unknown, shownOnly: boolean): void {
  for (const command of Array.isArray(commands) ? (commands as unknown[]) : []) {
    const [kind, id, values] = Array.isArray(command) ? (command as unknown[]) : [];
    if (kind === 0) addLine(env, move, (values ?? {}) as Values);
    else if (kind === 1) changeLine(env, move, Number(id), (values ?? {}) as Values);
    else if (kind === 2 || kind === 3) deleteRecords(env, 'account.move.line', [Number(id)]);
    else if (kind === 5 || kind === 6) {
      const kept = new Set(Array.isArray(values) ? (values as unknown[]) : []);
      const own = moveLines(env, numberOf(move, 'id')).filter(
        line => !shownOnly || !['tax', 'payment_term'].includes(textOf(line, 'display_type')),
      );
      deleteRecords(
        env,
        'account.move.line',
        own.map(line => numberOf(line, 'id')).filter(line => !kept.has(line)),
      );
    }
  }
}

function addLine(env: Env, move: Row, values: Values & { [externalIdKey]?: string }): void {
  const journal = rowOf(env, 'account.journal', numberOf(move, 'journal_id'));
  const entry = move['move_type'] === 'entry';
  const id = insertRecord(env, 'account.move.line', {
    partner_id: move['partner_id'],
    currency_id: move['currency_id'],
    ...(entry ? {} : { account_id: journal?.['default_account_id'] }),
    ...values,
    ...(values['quantity'] === false || values['quantity'] === null ? { quantity: 1 } : {}),
    move_id: numberOf(move, 'id'),
  });
  if (entry) setEntryAmounts(env, id, values);
  const externalId = values[externalIdKey];
  if (externalId !== undefined) registerExternalId(env, externalId, 'account.move.line', id);
}

function changeLine(env: Env, move: Row, id: number, values: Values): void {
  const line = rowsThatExist(env, 'account.move.line', [id])[0] ?? {};
  updateRecords(env, 'account.move.line', [id], values);
  if (move['move_type'] === 'entry') setEntryAmounts(env, id, values);
  else if (typeof values['amount_currency'] === 'number' && line['display_type'] === 'tax') {
    setAmount(env, id, values['amount_currency'], rateOf(move));
  }
}

/** Debit, credit and balance of a journal entry's line say the same thing three ways. */
function setEntryAmounts(env: Env, id: number, values: Values): void {
  if (!['debit', 'credit', 'balance', 'amount_currency'].some(name => name in values)) return;
  const given = (name: string): number => Number(values[name] ?? 0);
  const balance =
    'debit' in values || 'credit' in values ? given('debit') - given('credit') : given('balance');
  setAmount(env, id, 'amount_currency' in values ? given('amount_currency') : balance, 1, balance);
}

function setAmount(
  env: Env,
  id: number,
  amount: number,
  rate: number,
  balance = roundTo(amount / rate, 0.01),
): void {
  env.db.run(
    `UPDATE account_move_line SET amount_currency = ?, balance = ?, debit = ?, credit = ?, write_date = ? WHERE id = ?`,
    amount,
    balance,
    Math.max(balance, 0),
    Math.max(-balance, 0),
    env.now,
    id,
  );
}

/** Computes the taxes of an invoice, its tax and receivable lines and its totals anew. */
export function recompute(env: Env, moveId: number): void {
  const move = rowOf(env, 'account.move', moveId) ?? {};
  if (move['move_type'] === 'entry') return;
  const products = moveLines(env, moveId, 'product');
  const result = priced(env, move, products);
  const rate = rateOf(move);
  // In the company's currency too, rounding happens over the whole document.
  const inCompany = rate === 1 ? result : priced(env, move, products, rate);
  products.forEach((line, index) => {
    const amounts = result.lines[index];
    if (amounts === undefined) return;
    const id = numberOf(line, 'id');
    const balance = inCompany.lines[index]?.base ?? 0;
    setAmount(env, id, signOf(move) * amounts.base, rate, signOf(move) * balance);
    setShownPrices(env, id, amounts);
  });
  const existing = moveLines(env, moveId, 'tax');
  for (const tax of result.taxes) {
    const known = existing.find(line => line['tax_line_id'] === tax.id);
    const id = known === undefined ? addTaxLine(env, move, tax.id, products) : numberOf(known, 'id');
    setAmount(env, id, signOf(move) * tax.amount, rate);
  }
  const wanted = new Set(result.taxes.map(tax => tax.id));
  const idle = existing.filter(line => !wanted.has(numberOf(line, 'tax_line_id')));
  deleteRecords(
    env,
    'account.move.line',
    idle.map(line => numberOf(line, 'id')),
  );
  env.db.run('UPDATE account_move SET stale = 0 WHERE id = ?', moveId);
  refreshTotals(env, moveId);
}

function priced(env: Env, move: Row, products: readonly Row[], rate = 1) {
  const method = rowOf(env, 'res.company', companyId)?.['tax_calculation_rounding_method'];
  return computeTaxes(
    products.map(line => ({
      quantity: numberOf(line, 'quantity'),
      priceUnit: numberOf(line, 'price_unit') / rate,
      discount: numberOf(line, 'discount'),
      taxes: taxesOf(env, numberOf(line, 'id')),
    })),
    unitOf(env, rate === 1 ? numberOf(move, 'currency_id') : companyCurrencyId),
    method !== 'round_per_line',
  );
}

/** Shows a line's price anew without touching what is posted: what a write to a posted line does. */
export function refreshShownPrices(env: Env, lineId: number): void {
  const line = rowOf(env, 'account.move.line', lineId) ?? {};
  const move = rowOf(env, 'account.move', numberOf(line, 'move_id')) ?? {};
  const amounts = priced(env, move, [line]).lines[0];
  if (amounts !== undefined) setShownPrices(env, lineId, amounts);
}

const setShownPrices = (env: Env, id: number, amounts: { subtotal: number; total: number }) =>
  env.db.run(
    'UPDATE account_move_line SET price_subtotal = ?, price_total = ? WHERE id = ?',
    amounts.subtotal,
    amounts.total,
    id,
  );

const taxesOf = (env: Env, line: number): Tax[] =>
  rowsOf(env, 'account.tax', linked(env, 'account.move.line', 'tax_ids', line)).map(row => ({
    id: numberOf(row, 'id'),
    percent: numberOf(row, 'amount'),
    included: row['price_include'] === 1,
  }));

function addTaxLine(env: Env, move: Row, taxId: number, products: readonly Row[]): number {
  const tax = rowOf(env, 'account.tax', taxId) ?? {};
  const base = products.find(line =>
    linked(env, 'account.move.line', 'tax_ids', numberOf(line, 'id')).includes(taxId),
  );
  return insertRecord(env, 'account.move.line', {
    move_id: numberOf(move, 'id'),
    partner_id: move['partner_id'],
    currency_id: move['currency_id'],
    account_id: tax['posted_on'] ?? base?.['account_id'],
    name: tax['name'],
    quantity: 0,
    tax_line_id: taxId,
    display_type: 'tax',
  });
}

/** Sets the tax of whole tax groups, as a write of `tax_totals` does; the first line of a group takes the difference. */
export function setTaxes(env: Env, moveId: number, wanted: ReadonlyMap<number, number>): void {
  const move = rowOf(env, 'account.move', moveId) ?? {};
  const unit = unitOf(env, numberOf(move, 'currency_id'));
  const byGroup = Map.groupBy(moveLines(env, moveId, 'tax'), line => groupOf(env, line));
  for (const [group, amount] of wanted) {
    const [first, ...others] = byGroup.get(group) ?? [];
    if (first === undefined) continue;
    const rest = sum(others.map(line => numberOf(line, 'amount_currency')));
    setAmount(env, numberOf(first, 'id'), roundTo(signOf(move) * amount - rest, unit), rateOf(move));
  }
  refreshTotals(env, moveId);
}

/** Brings the receivable (or payable) line and the totals in line with the other lines. */
export function refreshTotals(env: Env, moveId: number): void {
  const move = rowOf(env, 'account.move', moveId) ?? {};
  const unit = unitOf(env, numberOf(move, 'currency_id'));
  const companyUnit = unitOf(env, companyCurrencyId);
  const lines = moveLines(env, moveId).filter(line => line['display_type'] !== 'payment_term');
  const amount = (kind: string): number =>
    roundTo(
      signOf(move) *
        sum(
          lines.filter(line => line['display_type'] === kind).map(line => numberOf(line, 'amount_currency')),
        ),
      unit,
    );
  const [untaxed, tax] = [amount('product'), amount('tax')];
  refreshTerm(env, move, {
    amount: roundTo(-sum(lines.map(line => numberOf(line, 'amount_currency'))), unit),
    balance: roundTo(-sum(lines.map(line => numberOf(line, 'balance'))), companyUnit),
    needed: lines.length > 0,
  });
  env.db.run(
    'UPDATE account_move SET amount_untaxed = ?, amount_tax = ?, amount_total = ? WHERE id = ?',
    untaxed,
    tax,
    roundTo(untaxed + tax, unit),
    moveId,
  );
  const terms = settledLines(env, [moveId]).map(line => numberOf(line, 'id'));
  if (terms.length > 0) refreshLines(env, terms);
  else
    env.db.run(
      "UPDATE account_move SET amount_residual = 0, payment_state = 'not_paid' WHERE id = ?",
      moveId,
    );
}

function refreshTerm(env: Env, move: Row, sums: { amount: number; balance: number; needed: boolean }): void {
  const id = numberOf(move, 'id');
  const existing = moveLines(env, id, 'payment_term');
  if (!sums.needed)
    return deleteRecords(
      env,
      'account.move.line',
      existing.map(line => numberOf(line, 'id')),
    );
  const outgoing = textOf(move, 'move_type').startsWith('out_');
  const label = [move['payment_reference'] === null ? null : move['ref'], move['payment_reference']];
  const values = {
    name: label.filter(part => part !== null).join(' - ') || false,
    partner_id: move['partner_id'],
    currency_id: move['currency_id'],
    date_maturity: move['invoice_date_due'],
  };
  const known = existing[0];
  if (known !== undefined) updateRecords(env, 'account.move.line', [numberOf(known, 'id')], values);
  const line =
    known === undefined
      ? insertRecord(env, 'account.move.line', {
          ...values,
          move_id: id,
          account_id: outgoing ? receivableAccountId : payableAccountId,
          quantity: 0,
          display_type: 'payment_term',
        })
      : numberOf(known, 'id');
  setAmount(env, line, sums.amount, 1, sums.balance);
}

/** True when a line of the move carries a tax. */
export const hasTax = (env: Env, moveId: number): boolean =>
  env.db.get(
    `SELECT 1 FROM account_move_line__tax_ids WHERE source IN
       (SELECT id FROM account_move_line WHERE move_id = ?) LIMIT 1`,
    moveId,
  ) !== undefined;

/** Removes lines of moves, for good. */
export function deleteLinesOf(env: Env, moves: readonly number[]): void {
  const rows = env.db.all(
    'SELECT id FROM account_move_line WHERE move_id IN (SELECT value FROM json_each(?))',
    json(moves),
  );
  deleteRecords(
    env,
    'account.move.line',
    rows.map(row => numberOf(row, 'id')),
  );
}
