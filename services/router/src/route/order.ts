import type { Fact, SourceVersion } from '@keelson/contracts';

/** What is known of one thing: how new, and whether it has ended for good. */
export interface Held {
  readonly version: SourceVersion | null;
  readonly terminal: boolean;
}

export type Verdict = 'newer' | 'older' | 'same';

/** A source that gives no version is ordered by when it says that it happened. */
export const versionOf = (fact: Fact): SourceVersion =>
  fact.source_version ?? { at: fact.occurred_at, rank: 0, id: fact.event_id };

/** Later instant first, then rank in the status lattice, then the event's id: total, so arrival order has no say. */
export function compareVersions(a: SourceVersion, b: SourceVersion): number {
  if (a.at !== b.at) return a.at - b.at;
  if (a.rank !== b.rank) return a.rank - b.rank;
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1;
}

/** State never goes back in time, and what has ended stays ended whatever is told of it later. */
export function judge(held: Held | undefined, version: SourceVersion, terminal: boolean): Verdict {
  if (held === undefined || held.version === null) return 'newer';
  if (held.version.id === version.id) return 'same';
  if (held.terminal !== terminal) return terminal ? 'newer' : 'older';
  return compareVersions(version, held.version) > 0 ? 'newer' : 'older';
}
