/** Rounds half away from zero to a multiple of `unit`, forgiving the noise of binary fractions as Odoo does. */
export function roundTo(value: number, unit: number): number {
  if (value === 0) return 0;
  const scaled = value / unit;
  const noise = 2 ** (Math.log2(Math.abs(scaled)) - 50);
  const whole = Math.floor(Math.abs(scaled) + noise + 0.5);
  const digits = Math.max(0, Math.round(-Math.log10(unit)));
  return Number((Math.sign(value) * whole * unit).toFixed(digits)) + 0;
}

/** True when `value` is nothing in a currency of that unit. */
export const isZero = (value: number, unit: number): boolean => roundTo(value, unit) === 0;

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
