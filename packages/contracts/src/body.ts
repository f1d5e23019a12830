import type { Fact, FinanceWork, OdooWork } from './generated/records.ts';

/** A fact's body without its wrapper: `{ noun: 'Invoice', value }`. */
export type Unwrapped<B> = B extends unknown
  ? { [K in keyof B]: { readonly noun: NounOf<K>; readonly value: B[K] } }[keyof B]
  : never;
type NounOf<K> = K extends `keelson.${string}.${infer Noun}` ? Noun : never;

export type FactBody = Unwrapped<Fact['body']>;
export type OdooBody = Unwrapped<NonNullable<OdooWork['body']>>;
export type FinanceBody = Unwrapped<NonNullable<FinanceWork['body']>>;

/** Takes the one branch out of a union of records. */
export function unwrap<B extends object>(body: B): Unwrapped<B> {
  const [name, value] = Object.entries(body as Record<string, unknown>)[0] ?? ['', undefined];
  return { noun: name.slice(name.lastIndexOf('.') + 1), value } as Unwrapped<B>;
}
