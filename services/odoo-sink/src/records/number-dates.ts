/**
 * What Odoo takes for years and months in an invoice number, as its `sequence.mixin` does: a year of two or four digits
 * that no further digit touches, at the last place where the number can end after it.
 */
const year = String.raw`(?<=\D|^)(?:(?:19|20|21)\d{2}|\d{2}(?=\D))`;
const month = '0[1-9]|1[0-2]';
const counter = String.raw`\d*\D*$`;

const businessYears = new RegExp(
  String.raw`^.*?(?<year>${year})\D(?<next>${year})(?:\D(?:${month}))?\D+?${counter}`,
);
const monthly = new RegExp(String.raw`^.*?(?<year>${year})\D*?(?<month>${month})\D+?${counter}`);
const yearly = new RegExp(String.raw`^.*?(?<year>(?<=\D|^)(?:19|20|21)?\d{2})\D+?${counter}`);

/**
 * Whether Odoo reads another year or month in a number than its date's: such a number it does not post, and people's next
 * number in the journal would go on from the draft. Two years in a row may be a business year, which Odoo alone knows.
 * `date` is YYYY-MM-DD.
 */
export function namesOtherDate(number: string, date: string): boolean {
  const { year: first, next } = businessYears.exec(number)?.groups ?? {};
  if (next !== undefined && (Number(first) + 1) % 10 ** next.length === Number(next)) return false;
  const named = (monthly.exec(number) ?? yearly.exec(number))?.groups;
  if (named === undefined) return false;
  const [ofYear = '', ofMonth] = date.split('-');
  // As numbers, as Odoo compares them: 06 is 6, the last digit of 2026, and 00 is no year.
  const namedYear = Number(named['year']);
  const isThatYear = namedYear === 0 || Number(ofYear) % 10 ** String(namedYear).length === namedYear;
  return !isThatYear || (named['month'] ?? ofMonth) !== ofMonth;
}
