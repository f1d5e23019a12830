import type { Row } from '../sqlite.ts';
import type { Env } from './env.ts';
import { userError } from './errors.ts';
import { createMove } from './moves.ts';
import { postMoves } from './posting.ts';
import { insertRecord, linked, numberOf, rowsOf, rowsThatExist, textOf, type Values } from './records.ts';
import { moveLines } from './tax-totals.ts';

const opposite: Record<string, string> = {
  out_invoice: 'out_refund',
  out_refund: 'out_invoice',
  in_invoice: 'in_refund',
  in_refund: 'in_invoice',
  entry: 'entry',
};

/** Opens the wizard on posted moves, named by `move_ids` or by the context. */
export function createReversal(env: Env, values: Values): number {
  const { active_ids: active } = env.context;
  const moves = values['move_ids'] ?? [[6, 0, Array.isArray(active) ? active : []]];
  const id = insertRecord(env, 'account.move.reversal', { ...values, move_ids: moves });
  const rows = rowsOf(env, 'account.move', linked(env, 'account.move.reversal', 'move_ids', id));
  if (rows.some(row => row['state'] !== 'posted')) {
    throw userError('To reverse a journal entry, it has to be posted first.');
  }
  return id;
}

function copyLines(env: Env, move: Row): unknown[] {
  return moveLines(env, numberOf(move, 'id'), 'product').map(line => [
    0,
    0,
    {
      name: line['name'],
      quantity: line['quantity'],
      price_unit: line['price_unit'],
      discount: line['discount'],
      account_id: line['account_id'],
      tax_ids: [[6, 0, linked(env, 'account.move.line', 'tax_ids', numberOf(line, 'id'))]],
      ...(move['move_type'] === 'entry' ? { balance: -numberOf(line, 'balance') } : {}),
    },
  ]);
}

function copyMove(env: Env, move: Row, values: Values): number {
  return createMove(env, {
    partner_id: move['partner_id'],
    journal_id: move['journal_id'],
    currency_id: move['currency_id'],
    [move['move_type'] === 'entry' ? 'line_ids' : 'invoice_line_ids']: copyLines(env, move),
    ...values,
  });
}

/** Makes draft credit notes; with `modify` posts them and makes a new draft of each invoice instead. */
export function reverseMoves(env: Env, ids: readonly number[], modify: boolean): Record<string, unknown> {
  const wizard = rowsThatExist(env, 'account.move.reversal', ids)[0] ?? {};
  const moves = rowsOf(
    env,
    'account.move',
    linked(env, 'account.move.reversal', 'move_ids', numberOf(wizard, 'id')),
  );
  const date = wizard['date'] ?? env.today;
  const made = moves.map(move => {
    const reason = wizard['reason'] === null ? '' : `, ${textOf(wizard, 'reason')}`;
    const note = copyMove(env, move, {
      move_type: opposite[textOf(move, 'move_type')] ?? 'entry',
      reversed_entry_id: move['id'],
      ref: `Reversal of: ${textOf(move, 'name')}${reason}`,
      journal_id: wizard['journal_id'],
      date,
      ...(move['move_type'] === 'entry' ? {} : { invoice_date: date }),
    });
    if (!modify) return note;
    postMoves(env, [note]);
    return copyMove(env, move, { move_type: move['move_type'], ref: move['ref'] });
  });
  const type = textOf(moves[0] ?? {}, 'move_type');
  return {
    name: 'Reverse Moves',
    type: 'ir.actions.act_window',
    res_model: 'account.move',
    ...(made.length === 1
      ? { view_mode: 'form', res_id: made[0] }
      : { view_mode: 'list,form', domain: [['id', 'in', made]] }),
    context: { default_move_type: modify ? type : (opposite[type] ?? type) },
  };
}
