import { table } from '@keelson/cli';
import type { Sum, Sums } from '@keelson/cli';

export interface Progress {
  readonly sent: number;
  readonly total: number;
}

/** What the table shows, as numbers. */
export interface Numbers {
  readonly sums: Sums;
  readonly latencyMs: { readonly p50: number | null; readonly p99: number | null };
  /** Null while nothing is sent. */
  readonly progress: Progress | null;
}

const outcomes = ['applied', 'already', 'superseded', 'filtered', 'discarded'] as const;
const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((a, b) => a + b, 0);

/** The table that people watch: what came in, what came of it, what is open. */
export function liveTable({ sums, latencyMs: latency, progress }: Numbers): string[] {
  const { deliveries, facts } = sums;
  const open = (sum: Sum, kind: string): number => sum.open[kind] ?? 0;
  return [
    ...(progress === null ? [] : [`sent ${progress.sent} of ${progress.total} deliveries`]),
    `accepted ${deliveries.entered}  duplicate ${deliveries.concluded['duplicate'] ?? 0}  filtered ${deliveries.concluded['filtered'] ?? 0}` +
      `  rejected ${deliveries.concluded['rejected'] ?? 0}  waiting ${open(deliveries, 'waiting')}` +
      `  parked ${open(deliveries, 'exception') + open(facts, 'exception')}  on the way ${deliveries.inFlight + facts.inFlight}`,
    '',
    ...table(
      ['target', 'work', ...outcomes, 'parked', 'waits', 'lag'],
      Object.entries(sums.works).map(([target, sum]) => [
        target,
        sum.entered,
        ...outcomes.map(outcome => sum.concluded[outcome] ?? 0),
        open(sum, 'exception'),
        total(sum.open) - open(sum, 'exception'),
        sum.inFlight,
      ]),
    ),
    '',
    `from webhook to effect: p50 ${latency.p50 ?? '-'} ms, p99 ${latency.p99 ?? '-'} ms`,
  ];
}
