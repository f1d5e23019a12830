import type { Row } from '../sqlite.ts';
import type { Env } from './env.ts';
import { validationError } from './errors.ts';
import { numberOf, rowOf, textOf } from './records.ts';
import { firstNumber, following, parseNumber, restart, spanOf } from './sequence.ts';

// Credit notes count apart from invoices.
const sameKind = (row: Row): string =>
  textOf(row, 'move_type').endsWith('_refund')
    ? "move_type IN ('out_refund', 'in_refund')"
    : "move_type NOT IN ('out_refund', 'in_refund')";

/** The number a move gets when it is posted without one. */
export function nextNumber(env: Env, row: Row): string {
  const id = numberOf(row, 'id');
  const journal = numberOf(row, 'journal_id');
  const date = textOf(row, 'date');
  const named = `journal_id = ? AND name IS NOT NULL AND id <> ? AND ${sameKind(row)}`;
  const newest = env.db.get(
    `SELECT name FROM account_move WHERE ${named} ORDER BY date DESC, id DESC LIMIT 1`,
    journal,
    id,
  );
  if (newest === undefined) {
    const { code, type } = rowOf(env, 'account.journal', journal) ?? {};
    return firstNumber(String(code), textOf(row, 'move_type'), String(type), date);
  }
  const [from, to] = spanOf(parseNumber(textOf(newest, 'name')).numbering, date);
  const last = env.db.get(
    `SELECT name FROM account_move WHERE ${named} AND sequence_prefix = (
       SELECT sequence_prefix FROM account_move WHERE ${named} AND date BETWEEN ? AND ? ORDER BY id DESC LIMIT 1)
     ORDER BY sequence_number DESC LIMIT 1`,
    journal,
    id,
    journal,
    id,
    from,
    to,
  );
  return last === undefined ? restart(textOf(newest, 'name'), date) : following(textOf(last, 'name'));
}

/** Gives a move its name, with the parts the next number is found by. */
export function setName(env: Env, id: number, name: string | null): void {
  const parsed = name === null ? undefined : parseNumber(name);
  env.db.run(
    'UPDATE account_move SET name = ?, sequence_prefix = ?, sequence_number = ? WHERE id = ?',
    name,
    parsed?.prefix ?? null,
    parsed?.number ?? null,
    id,
  );
}

/** A journal has a number once among what is posted. */
export function checkNameFree(env: Env, row: Row, name: string): void {
  const other = env.db.get(
    "SELECT id FROM account_move WHERE name = ? AND journal_id = ? AND state = 'posted' AND id <> ? LIMIT 1",
    name,
    numberOf(row, 'journal_id'),
    numberOf(row, 'id'),
  );
  if (other === undefined) return;
  throw validationError(
    'The operation cannot be completed: Another entry with the same name already exists.',
  );
}
