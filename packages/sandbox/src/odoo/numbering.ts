import type { Row } from '../sqlite.ts';
import { americanDate } from './dates.ts';
import type { Env } from './env.ts';
import { validationError } from './errors.ts';
import { numberOf, rowOf, textOf } from './records.ts';
import {
  firstNumber,
  following,
  matchesDate,
  numberingLevel,
  parseNumber,
  restart,
  spanOf,
  type Numbering,
} from './sequence.ts';

// Credit notes count apart from invoices.
const sameKind = (row: Row): string =>
  textOf(row, 'move_type').endsWith('_refund')
    ? "move_type IN ('out_refund', 'in_refund')"
    : "move_type NOT IN ('out_refund', 'in_refund')";

/** The number that the next one goes on from: the last of its span or, where that has none, of another. */
function lastNumber(env: Env, row: Row): { name: string; isOfSpan: boolean } | undefined {
  const id = numberOf(row, 'id');
  const journal = numberOf(row, 'journal_id');
  const named = `journal_id = ? AND name IS NOT NULL AND id <> ? AND ${sameKind(row)}`;
  const newest = env.db.get(
    `SELECT name FROM account_move WHERE ${named} ORDER BY date DESC, id DESC LIMIT 1`,
    journal,
    id,
  );
  if (newest === undefined) return undefined;
  const isFree = hasFreeNumbers(env, journal);
  const numbering = isFree ? 'never' : parseNumber(textOf(newest, 'name')).numbering;
  const [from, to] = spanOf(numbering, textOf(row, 'date'));
  const last = env.db.get(
    `SELECT name FROM account_move WHERE ${named} AND sequence_prefix = (
       SELECT sequence_prefix FROM account_move WHERE ${named} AND date BETWEEN ? AND ?
         AND numbering_level(name) <= ? ORDER BY id DESC LIMIT 1)
     ORDER BY sequence_number DESC LIMIT 1`,
    journal,
    id,
    journal,
    id,
    from,
    to,
    numberingLevel(isFree ? 'month' : numbering),
  );
  return { name: textOf(last ?? newest, 'name'), isOfSpan: last !== undefined };
}

/** The number a move gets when it is posted without one. */
export function nextNumber(env: Env, row: Row): string {
  const date = textOf(row, 'date');
  const last = lastNumber(env, row);
  if (last !== undefined) return last.isOfSpan ? following(last.name) : restart(last.name, date);
  const { code, type } = rowOf(env, 'account.journal', numberOf(row, 'journal_id')) ?? {};
  return firstNumber(String(code), textOf(row, 'move_type'), String(type), date);
}

/** When the numbers that a move's would go on from start anew, or undefined where there are none yet. */
export function numberingBefore(env: Env, row: Row): Numbering | undefined {
  const last = lastNumber(env, row);
  if (last === undefined) return undefined;
  return hasFreeNumbers(env, numberOf(row, 'journal_id')) ? 'never' : parseNumber(last.name).numbering;
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

/** A journal with a `sequence_override_regex` finds no dates in its numbers; which regex it is makes no difference here. */
const hasFreeNumbers = (env: Env, journal: number): boolean =>
  Boolean(rowOf(env, 'account.journal', journal)?.['sequence_override_regex']);

/** Whether a move may keep a number on a date. */
export const numberFits = (env: Env, move: Row, name: string, date: string): boolean =>
  matchesDate(name, date) || hasFreeNumbers(env, numberOf(move, 'journal_id'));

/** What is posted has no number of another year or month. */
export function checkNumberFits(env: Env, move: Row, name: string): void {
  const date = textOf(move, 'date');
  if (numberFits(env, move, name, date)) return;
  throw validationError(
    `The Date (${americanDate(date)}) you've entered isn't aligned with the existing sequence number (${name}). Clear the sequence number to proceed.\n` +
      'To maintain date-based sequences, select entries and use the resequence option from the actions menu, available in developer mode.',
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
