/** One measured number. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** What the value has to reach, or to stay under. */
  readonly goal?: { readonly atLeast: number } | { readonly under: number };
}

/** What one benchmark measured. */
export interface Result {
  readonly name: string;
  /** How it was measured, in a line. */
  readonly how: string;
  readonly figures: readonly Figure[];
}

/** `--quick`: everything small, to see that it works; its figures mean nothing. */
export interface BenchOptions {
  readonly quick: boolean;
  readonly say: (line: string) => void;
}

export function lines({ name, how, figures }: Result): string[] {
  const width = Math.max(...figures.map(({ what }) => what.length));
  return [
    `${name}: ${how}`,
    ...figures.map(
      ({ what, value, unit, goal }) =>
        `  ${what.padEnd(width)}  ${numberOf(value).padStart(10)} ${unit.padEnd(6)} ${goal === undefined ? '' : verdict(value, goal)}`,
    ),
  ];
}

function verdict(value: number, goal: NonNullable<Figure['goal']>): string {
  const [met, said] =
    'atLeast' in goal
      ? [value >= goal.atLeast, `at least ${numberOf(goal.atLeast)}`]
      : [value < goal.under, `under ${numberOf(goal.under)}`];
  return `goal: ${said}, ${met ? 'met' : 'MISSED'}`;
}

const numberOf = (value: number): string =>
  value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 });

/** `share` of the values are at most this; NaN where there are none. */
export function quantile(sorted: readonly number[] | Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
