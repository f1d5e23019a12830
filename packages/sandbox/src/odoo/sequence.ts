/** Numbers of journal entries: the next one continues the shape of the last one. */

export type Numbering = 'year' | 'month' | 'never';
export type ParsedNumber = {
  prefix: string;
  number: number;
  digits: number;
  suffix: string;
  numbering: Numbering;
};

const monthly =
  /^(?<head>.*?)(?<year>(?<=\D|^)(?:(?:19|20|21)\d{2}|\d{2}(?=\D)))(?<between>\D*?)(?<month>0[1-9]|1[0-2])(?<tail>\D+?)(?<number>\d*)(?<suffix>\D*?)$/;
const yearly = /^(?<head>.*?)(?<year>(?<=\D|^)(?:19|20|21)?\d{2})(?<tail>\D+?)(?<number>\d*)(?<suffix>\D*?)$/;
const fixed = /^(?<head>.*?)(?<number>\d{0,9})(?<suffix>\D*?)$/;

const twoYears = String.raw`(?<year>(?<=\D|^)(?:(?:19|20|21)\d{2}|\d{2}(?=\D)))\D(?<end>(?:19|20|21)\d{2}|\d{2}(?=\D))`;
const monthlyRange = new RegExp(String.raw`^.*?${twoYears}\D(?:0[1-9]|1[0-2])\D+?\d*\D*?$`);
const yearlyRange = new RegExp(String.raw`^.*?${twoYears}\D+?\d*\D*?$`);

/**
 * Whether what Odoo reads in a number as a year or month is that of the date. Two years one after the other are those
 * of a business year, which is the calendar year here, so they are never.
 */
export function matchesDate(name: string, date: string): boolean {
  if (spansTwoYears(monthlyRange.exec(name))) return false;
  const inMonth = monthly.exec(name);
  if (inMonth === null && spansTwoYears(yearlyRange.exec(name))) return false;
  const { year = '0', month } = (inMonth ?? yearly.exec(name))?.groups ?? {};
  const [dateYear = '', dateMonth] = date.split('-');
  // As Odoo compares them: as numbers, so that 06 is 6 and the last digit of 2026.
  const last = dateYear.slice(-String(Number(year)).length);
  return (Number(year) === 0 || Number(year) === Number(last)) && (month ?? dateMonth) === dateMonth;
}

function spansTwoYears(match: RegExpExecArray | null): boolean {
  const { year = '', end = '' } = match?.groups ?? {};
  return end !== '' && year.length >= end.length && (Number(year) + 1) % 10 ** end.length === Number(end);
}

/** Reads what comes before the number, the number, and whether it starts anew each month or year. */
export function parseNumber(name: string): ParsedNumber {
  const match = monthly.exec(name) ?? yearly.exec(name) ?? fixed.exec(name);
  const groups = match?.groups ?? {};
  const { head = name, year, between = '', month, tail = '', number = '', suffix = '' } = groups;
  return {
    prefix: `${head}${year ?? ''}${between}${month ?? ''}${tail}`,
    number: Number(number),
    digits: number.length,
    suffix,
    numbering: month !== undefined ? 'month' : year !== undefined ? 'year' : 'never',
  };
}

/** The number after `last` that belongs to `date`, where `last` may be of an earlier year or month. */
export function restart(last: string, date: string): string {
  const [year = '', month = ''] = date.split('-');
  const groups = (monthly.exec(last) ?? yearly.exec(last))?.groups;
  if (groups === undefined) return following(last);
  const {
    head = '',
    year: lastYear = '',
    between = '',
    month: lastMonth,
    tail = '',
    number = '',
    suffix = '',
  } = groups;
  const shownMonth = lastMonth === undefined ? '' : month;
  const count = '1'.padStart(number.length, '0');
  return `${head}${year.slice(-lastYear.length)}${between}${shownMonth}${tail}${count}${suffix}`;
}

/** The number after `last`. */
export function following(last: string): string {
  const parsed = parseNumber(last);
  return `${parsed.prefix}${String(parsed.number + 1).padStart(parsed.digits, '0')}${parsed.suffix}`;
}

/** The first number of a journal that has none yet. */
export function firstNumber(code: string, moveType: string, journalType: string, date: string): string {
  const [year = '', month = ''] = date.split('-');
  if (journalType === 'sale') return `${moveType === 'out_refund' ? 'R' : ''}${code}/${year}/00001`;
  if (journalType === 'bank') return `P${code}/${year}/00001`;
  const refund = moveType === 'in_refund' ? 'R' : '';
  return `${refund}${code}/${year}/${month}/0001`;
}

/** How finely numbers name dates. A number does not go on from one that names them more finely. */
export const numberingLevel = (numbering: Numbering): number => ['never', 'year', 'month'].indexOf(numbering);

/** The first and last day of the span in which numbers do not start anew. */
export function spanOf(numbering: Numbering, date: string): [string, string] {
  const [year = '', month = ''] = date.split('-');
  if (numbering === 'year') return [`${year}-01-01`, `${year}-12-31`];
  if (numbering === 'month') return [`${year}-${month}-01`, `${year}-${month}-31`];
  return ['0000-01-01', '9999-12-31'];
}
