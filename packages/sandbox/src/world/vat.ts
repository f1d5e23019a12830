import type { Random } from './prng.ts';

/** VAT numbers with right check digits, because a target may check them. */
const MAKERS: Record<string, (random: Random) => string> = {
  BE: random => {
    const base = `0${random.int(4_000_000, 7_999_999)}`;
    return `BE${base}${String(97 - (Number(base) % 97)).padStart(2, '0')}`;
  },
  DE: random => {
    const base = `${random.int(1, 8)}${random.digits(7)}`;
    let product = 10;
    for (const digit of base) {
      const sum = (Number(digit) + product) % 10 || 10;
      product = (2 * sum) % 11;
    }
    return `DE${base}${(11 - product) % 10}`;
  },
  FR: random => {
    const siren = withLuhn(`${random.int(3, 8)}${random.digits(7)}`);
    return `FR${String((12 + 3 * (Number(siren) % 97)) % 97).padStart(2, '0')}${siren}`;
  },
  GB: random => {
    const base = String(random.int(1_000_000, 9_999_999));
    const sum = [...base].reduce((total, digit, i) => total + Number(digit) * (8 - i), 0);
    return `GB${base}${String(97 - (sum % 97)).padStart(2, '0')}`;
  },
  PL: random => {
    const weights = [6, 5, 7, 2, 3, 4, 5, 6, 7];
    for (;;) {
      const base = `${random.int(1, 9)}${random.digits(8)}`;
      const check = weights.reduce((total, weight, i) => total + weight * Number(base.charAt(i)), 0) % 11;
      if (check < 10) return `PL${base}${check}`;
    }
  },
};

/** The country's VAT number for a company, or null where the world knows no such numbers. */
export const vatNumberOf = (country: string, random: Random): string | null =>
  MAKERS[country]?.(random) ?? null;

function withLuhn(base: string): string {
  const sum = [...base].reverse().reduce((total, digit, i) => {
    const value = i % 2 === 0 ? Number(digit) * 2 : Number(digit);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return `${base}${(10 - (sum % 10)) % 10}`;
}
