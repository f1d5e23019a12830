import type { Sums } from '@keelson/cli';
import { writeFile } from 'node:fs/promises';
import type { Difference } from './compare.ts';

/** `.keelson/report.json`: the final table and what the check found. */
export interface Report {
  /** Deliveries that this run has brought to ingress, those that the poller fetched included. */
  readonly accepted: number;
  readonly outcomes: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly differences: number;
  readonly ledger: { readonly balanced: boolean; readonly entries: number };
  readonly latencyMs: { readonly p50: number | null; readonly p99: number | null };
  readonly conservation: Sums;
  readonly details: readonly Difference[];
}

export const writeReport = (file: string, report: Report): Promise<void> =>
  writeFile(file, JSON.stringify(report, null, 2) + '\n');

/** Terminal outcomes by target, and what is open under its kind, since `before`. */
export function outcomesSince(now: Sums, before: Sums | null): Record<string, Record<string, number>> {
  return Object.fromEntries(
    Object.entries(now.works).map(([target, sum]) => {
      const earlier = before?.works[target]?.concluded ?? {};
      const counts = Object.entries(sum.concluded).map(
        ([outcome, count]) => [outcome, count - (earlier[outcome] ?? 0)] as const,
      );
      return [
        target,
        Object.fromEntries([...counts, ...Object.entries(sum.open)].filter(([, count]) => count !== 0)),
      ];
    }),
  );
}
