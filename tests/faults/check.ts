/** One record as a subscriber saw it. */
export interface Seen {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  /** `ce_id` of a public event; empty for a record that has none. */
  readonly id: string;
  /** The delivery that caused it. A fact that two deliveries tell of is caused by whichever came through first. */
  readonly cause: string;
  /** Those in whose order the causes came: the alias of the delivery. Null where several writers share the topic. */
  readonly lane: string | null;
}

/** What is wrong, in words; all empty when nothing is. */
export interface Findings {
  /** There without faults, not here. */
  readonly lost: readonly string[];
  /** There once without faults, here more often. */
  readonly doubled: readonly string[];
  /** Here, and not there without faults. */
  readonly phantom: readonly string[];
  /** Here in another order, or in another partition, than without faults. */
  readonly swapped: readonly string[];
}

/**
 * Compares what was seen with what the same input leads to without faults: every public event by its id, every internal
 * record by its cause, and of topics that several write every key by its count. Order counts within a topic's key, among
 * records whose causes came in one order themselves; everything else may come as it likes.
 */
export function check(expected: readonly Seen[], seen: readonly Seen[]): Findings {
  const want = count(expected);
  const have = count(seen);
  const lost: string[] = [];
  const doubled: string[] = [];
  const phantom: string[] = [];
  for (const [name, times] of want) {
    const found = have.get(name) ?? 0;
    if (found < times) lost.push(`${name}: ${found} of ${times}`);
    if (found > times) doubled.push(`${name}: ${found} instead of ${times}`);
  }
  for (const [name, times] of have) if (!want.has(name)) phantom.push(`${name}: ${times}`);
  const causes = new Set(expected.map(({ cause }) => cause));
  for (const record of seen)
    if (!causes.has(record.cause))
      phantom.push(`${nameOf(record)}: caused by ${record.cause}, which was not sent`);
  const there = new Set(seen.map(({ cause }) => cause));
  for (const cause of causes) if (!there.has(cause)) lost.push(`everything that ${cause} leads to`);
  const ids = Map.groupBy(
    seen.filter(({ id }) => id !== ''),
    ({ id }) => id,
  );
  for (const [id, all] of ids) if (all.length > 1) doubled.push(`event ${id}: ${all.length} times`);
  return { lost, doubled, phantom, swapped: swaps(expected, seen) };
}

function count(records: readonly Seen[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const record of records) counts.set(nameOf(record), (counts.get(nameOf(record)) ?? 0) + 1);
  return counts;
}

function nameOf({ topic, key, id, cause, lane }: Seen): string {
  if (id !== '') return `${topic} ${key} ${id}`;
  return lane === null ? `${topic} ${key}` : `${topic} ${key} by ${cause}`;
}

function swaps(expected: readonly Seen[], seen: readonly Seen[]): string[] {
  const found: string[] = [];
  const want = lines(expected);
  for (const [line, records] of lines(seen)) {
    const partitions = new Set(records.map(({ partition }) => partition));
    if (partitions.size > 1) found.push(`${line}: in partitions ${[...partitions].join(', ')}`);
    const names = [...new Set(records.map(nameOf))];
    const places = new Map((want.get(line) ?? []).map((record, place) => [nameOf(record), place]));
    // What is lost, doubled or a phantom is told elsewhere; here only the order of what is in both.
    const known = names.filter(name => places.has(name));
    for (const [index, name] of known.entries()) {
      const before = known[index - 1];
      if (before !== undefined && (places.get(before) ?? 0) > (places.get(name) ?? 0))
        found.push(`${line}: ${name} came after ${before}`);
    }
  }
  return found;
}

/** Records of one topic, key and lane, in the order of the log. */
function lines(records: readonly Seen[]): Map<string, Seen[]> {
  const inOrder = records
    .filter(({ lane }) => lane !== null)
    .toSorted((a, b) => a.partition - b.partition || a.offset - b.offset);
  return Map.groupBy(inOrder, ({ topic, key, lane }) => `${topic} ${key} (${lane})`);
}

/** The findings as far as a person reads them. */
export const shortened = (findings: Findings): Record<keyof Findings, readonly string[]> => ({
  lost: few(findings.lost),
  doubled: few(findings.doubled),
  phantom: few(findings.phantom),
  swapped: few(findings.swapped),
});

const few = (all: readonly string[]): readonly string[] =>
  all.length <= 5 ? all : [...all.slice(0, 5), `and ${all.length - 5} more`];
