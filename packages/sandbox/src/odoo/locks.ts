import type { Row } from '../sqlite.ts';
import { americanDate, endOfMonth, nextDay } from './dates.ts';
import type { Env } from './env.ts';
import { userError } from './errors.ts';
import { rowOf, type Values } from './records.ts';
import { companyId } from './seed.ts';
import type { Numbering } from './sequence.ts';

type Kind = { journalType: string; hasTax: boolean };

const labels = {
  fiscalyear_lock_date: 'Global Lock Date',
  tax_lock_date: 'Tax Return Lock Date',
  sale_lock_date: 'Sales Lock Date',
  purchase_lock_date: 'Purchase Lock date',
  hard_lock_date: 'Hard Lock Date',
} as const;

/** The locks that a date of such an entry falls under, the latest first. */
function violated(company: Row, date: string, kind: Kind): { field: keyof typeof labels; date: string }[] {
  const applies = (field: keyof typeof labels): boolean => {
    if (field === 'tax_lock_date') return kind.hasTax;
    if (field === 'sale_lock_date') return kind.journalType === 'sale';
    if (field === 'purchase_lock_date') return kind.journalType === 'purchase';
    return true;
  };
  return (Object.keys(labels) as (keyof typeof labels)[])
    .map(field => ({ field, date: String(company[field] ?? '') }))
    .filter(lock => lock.date >= date && applies(lock.field))
    .toSorted((a, b) => b.date.localeCompare(a.date));
}

const companyRow = (env: Env): Row => rowOf(env, 'res.company', companyId) ?? {};

/**
 * The accounting date an entry is posted with. A lock does not stop posting, it moves the date: to the end of the month
 * after the lock and, of a sales document, of the time in which its numbers do not start anew (undefined: it is the
 * first), or to today where that is earlier. Throws where that is locked as well.
 */
export function accountingDate(
  env: Env,
  date: string,
  kind: Kind,
  numberingBefore: () => Numbering | undefined,
): string {
  const lock = violated(companyRow(env), date, kind)[0];
  if (lock === undefined) return date;
  const open = nextDay(lock.date);
  const earlier = (a: string, b: string): string => (a < b ? a : b);
  if (kind.journalType !== 'sale') {
    const end = endOfMonth(open);
    return end <= env.today ? end : env.today >= open ? env.today : open;
  }
  const numbering = numberingBefore();
  if (numbering === 'never') return open;
  const moved = earlier(env.today, numbering === 'year' ? `${open.slice(0, 4)}-12-31` : endOfMonth(open));
  checkUnlocked(env, moved, kind);
  return moved;
}

/** Throws when an entry of that date may no longer be changed. */
export function checkUnlocked(env: Env, date: string, kind: Kind): void {
  const locks = violated(companyRow(env), date, kind);
  if (locks.length === 0) return;
  const shown = locks.map(lock => `${labels[lock.field]} (${americanDate(lock.date)})`).join(', ');
  throw userError(`You cannot add/modify entries prior to and inclusive of: ${shown}.`);
}

/** The hard lock goes forward only. */
export function checkLockChange(env: Env, values: Values): void {
  const held = companyRow(env)['hard_lock_date'];
  if (!('hard_lock_date' in values) || held === null || held === undefined) return;
  const wanted = values['hard_lock_date'];
  if (typeof wanted !== 'string') throw userError('The Hard Lock Date cannot be removed.');
  if (wanted < String(held)) {
    throw userError('A new Hard Lock Date must be posterior (or equal) to the previous one.');
  }
}
