import type { Fields } from './fields.ts';
import { optionalInteger, optionalText } from './fields.ts';

/** How often a price recurs: of `price.recurring`, or of a plan itself. */
export interface Interval {
  readonly interval: string | null;
  readonly interval_count: number;
}

export const intervalOf = (recurring: Fields): Interval => ({
  interval: optionalText(recurring, 'interval'),
  interval_count: Number(optionalInteger(recurring, 'interval_count') ?? 1n),
});
