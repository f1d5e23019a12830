import { invalidEvent, microsOfSeconds } from '@keelson/contracts';

/** A JSON object of the source, still unchecked. */
export type Fields = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The id of a reference: a string, or the expanded object. Null where there is none. */
export function idOf(value: unknown): string | null {
  const id = isObject(value) ? value['id'] : value;
  return typeof id === 'string' && id !== '' && id.length <= 255 ? id : null;
}

/** `charge ch_1: amount`: names the place, never the value. */
const where = (fields: Fields, key: string): string => {
  const { object, id } = fields;
  return `${typeof object === 'string' ? object : 'object'} ${typeof id === 'string' ? id : '(no id)'}: ${key}`;
};

export const violated = (fields: Fields, key: string, expected: string): Error =>
  invalidEvent('schema', `${where(fields, key)} is not ${expected}`);

export function requiredId(fields: Fields, key = 'id'): string {
  const id = idOf(fields[key]);
  if (id === null) throw violated(fields, key, 'an id');
  return id;
}

/** Text as stores can hold it: no NUL, well-formed, null when empty. */
export function optionalText(fields: Fields, key: string): string | null {
  const value = fields[key];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw violated(fields, key, 'text');
  // eslint-disable-next-line no-control-regex -- PostgreSQL refuses NUL in text
  const text = value.replace(/\u0000/g, '').toWellFormed();
  return text === '' ? null : text;
}

export function requiredText(fields: Fields, key: string): string {
  const text = optionalText(fields, key);
  if (text === null) throw violated(fields, key, 'text');
  return text;
}

export function optionalInteger(fields: Fields, key: string): bigint | null {
  const value = fields[key];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw violated(fields, key, 'an integer');
  return BigInt(value);
}

export function requiredInteger(fields: Fields, key: string): bigint {
  const value = optionalInteger(fields, key);
  if (value === null) throw violated(fields, key, 'an integer');
  return value;
}

const lastSecond = 253_402_300_799; // the end of the year 9999

/** Unix seconds as microseconds. */
export function optionalInstant(fields: Fields, key: string): number | null {
  const value = fields[key];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > lastSecond) {
    throw violated(fields, key, 'a time in seconds');
  }
  return microsOfSeconds(value);
}

export function requiredInstant(fields: Fields, key: string): number {
  const value = optionalInstant(fields, key);
  if (value === null) throw violated(fields, key, 'a time in seconds');
  return value;
}

export function flag(fields: Fields, key: string): boolean {
  const value = fields[key];
  if (value === undefined || value === null) return false;
  if (typeof value !== 'boolean') throw violated(fields, key, 'true or false');
  return value;
}

export function optionalObject(fields: Fields, key: string): Fields | null {
  const value = fields[key];
  if (value === undefined || value === null) return null;
  if (!isObject(value)) throw violated(fields, key, 'an object');
  return value;
}

/** Elements of an array, or of a list object; none where the source says null. */
export function objects(fields: Fields, key: string): readonly Fields[] {
  const value = fields[key];
  if (value === undefined || value === null) return [];
  const elements = isObject(value) ? (value['data'] ?? []) : value;
  if (!Array.isArray(elements) || !elements.every(isObject)) throw violated(fields, key, 'a list of objects');
  return elements;
}

/** Whether a list object holds only its first page. */
export function isIncomplete(fields: Fields, key: string): boolean {
  const list = fields[key];
  return isObject(list) && list['has_more'] === true;
}
