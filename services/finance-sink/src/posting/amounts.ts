import { currencyExponent, negate, rejected } from '@keelson/contracts';
import type { Money } from '@keelson/contracts';
import type { Content } from './rule.ts';

export const minor = (amount: Money): bigint => amount.amount_minor;

/** For content hashes. */
export const said = ({ amount_minor, currency }: Money): Content => [amount_minor, currency];

/** For content hashes: a document's lines in whatever order they were told. */
export const inAnyOrder = (contents: readonly Content[]): Content =>
  [...contents].sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));

const textOf = (content: Content): string =>
  Array.isArray(content) ? `[${content.map(textOf).join()}]` : String(content);

/** `amount` with another number of minor units. */
export const withMinor = (amount: Money, amountMinor: bigint): Money => ({
  ...amount,
  amount_minor: amountMinor,
});

/** @throws rejected when the parts are of another currency or do not make up the whole. */
export function mustAddUp(what: string, whole: Money, parts: readonly Money[]): void {
  const foreign = parts.find(part => part.currency !== whole.currency);
  if (foreign !== undefined) {
    throw rejected(
      'mixed-currencies',
      `${what} is in ${whole.currency}, a part of it in ${foreign.currency}`,
    );
  }
  const total = parts.reduce((sum, part) => sum + part.amount_minor, 0n);
  if (total !== whole.amount_minor) {
    throw rejected(
      'does-not-add-up',
      `${what} is ${whole.amount_minor} ${whole.currency}, its parts make ${total}`,
    );
  }
}

/** @throws rejected for an amount that can only be zero or more. */
export function mustNotBeNegative(what: string, amount: Money): void {
  if (amount.amount_minor < 0n) {
    throw rejected('negative-amount', `${what} is ${amount.amount_minor} ${amount.currency}`);
  }
}

/** Debit and credit of one amount. */
export const credit = negate;

/** Every currency of a body exists and has the minor digits that the body says. @throws rejected */
export function mustHaveKnownCurrencies(value: unknown): void {
  if (value === null || typeof value !== 'object') return;
  if (isMoney(value)) {
    const exponent = currencyExponent(value.currency);
    if (exponent === undefined) throw rejected('unknown-currency', `${value.currency} is no currency`);
    if (exponent !== value.exponent) {
      throw rejected(
        'exponent-mismatch',
        `${value.currency} has ${exponent} minor digits, the fact says ${value.exponent}`,
      );
    }
    return;
  }
  for (const part of Object.values(value)) mustHaveKnownCurrencies(part);
}

const isMoney = (value: object): value is Money =>
  'amount_minor' in value && 'currency' in value && 'exponent' in value;
