/**
 * The simplest percentage that yields `amount` tax on `base` when it was rounded to whole minor units `roundings` times:
 * fewest decimals first, then nearest to the quotient. Today's invoices name a rate by its id alone; amounts are what is
 * posted, the percentage only says which tax it was. Null where nothing can be said (no base, or more than 100 %).
 */
export function simplestRate(amount: bigint, base: bigint, roundings: number): string | null {
  if (base === 0n) return null;
  if (amount === 0n) return '0';
  const quotient = (Number(amount) * 100) / Number(base);
  if (quotient < 0 || quotient > 100) return null;
  const slack = Math.abs((roundings * 50) / Number(base));
  for (let digits = 0; digits <= 4; digits++) {
    const candidate = Number(quotient.toFixed(digits));
    if (candidate > 0 && Math.abs(candidate - quotient) <= slack) return String(candidate);
  }
  return String(Number(quotient.toFixed(4)));
}
