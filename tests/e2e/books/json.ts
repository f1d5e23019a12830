/** An object as Stripe sends it. */
export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whole minor units, or seconds; null where the object says nothing. */
export function integer(of: Json, key: string): bigint | null {
  const value = of[key];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new Error(`${key} is no whole number`);
  return BigInt(value);
}

export const integerOr0 = (of: Json, key: string): bigint => integer(of, key) ?? 0n;

export const object = (of: Json, key: string): Json => {
  const value = of[key];
  return isObject(value) ? value : {};
};

/** Of an array, or of a list object. */
export function list(of: Json, key: string): readonly Json[] {
  const value = of[key];
  const elements = isObject(value) ? value['data'] : value;
  return Array.isArray(elements) ? elements.filter(isObject) : [];
}

/** The id that a reference holds, expanded or not. */
export function reference(of: Json, key: string): string | null {
  const value = of[key];
  const id = isObject(value) ? value['id'] : value;
  return typeof id === 'string' ? id : null;
}

export function id(of: Json, key = 'id'): string {
  const value = reference(of, key);
  if (value === null) throw new Error(`no ${key}`);
  return value;
}

export const total = (amounts: readonly bigint[]): bigint =>
  amounts.reduce((sum, amount) => sum + amount, 0n);
