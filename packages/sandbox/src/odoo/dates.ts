import { valueError } from './errors.ts';

const datePattern = /^\d{4}-\d{2}-\d{2}$/;

/** True for a day that exists, written `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  if (!datePattern.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** The moment a domain compares a datetime with. Only naive UTC is taken; a bare date means its first or last second. */
export function datetimeBound(value: unknown, operator: string): string {
  const text = String(value);
  if (isDate(text)) return `${text} ${operator === '>' || operator === '<=' ? '23:59:59' : '00:00:00'}`;
  const match = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(?:\.\d+)?(Z|[+-]\d{2}:?\d{2})?$/.exec(text);
  const [, day, time, zone] = match ?? [];
  if (day === undefined || time === undefined) {
    throw valueError(`Invalid term '${text}' in expression date: '${text}'`);
  }
  if (zone !== undefined) throw valueError(`expecting only datetimes with no timezone: '${text}'`);
  return `${day} ${time}`;
}

/** The day after. */
export function nextDay(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

/** The last day of the day's month. */
export function endOfMonth(day: string): string {
  const [year = 0, month = 1] = day.split('-').map(Number);
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
}

/** As an American reads it: 12/31/2025. */
export function americanDate(day: string): string {
  const [year = '', month = '', date = ''] = day.split('-');
  return `${month}/${date}/${year}`;
}
