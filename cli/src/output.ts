export interface OutputFlags {
  readonly json?: boolean;
}

/** One JSON document for machines, or lines for people. */
export function print(flags: OutputFlags, value: unknown, lines: () => readonly string[]): void {
  const text =
    flags.json === true
      ? JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? item.toString() : item), 2)
      : lines().join('\n');
  process.stdout.write(text + '\n');
}

/** Columns as wide as their widest cell; numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map(row => String(row[column] ?? '').length)),
  );
  const line = (cells: readonly (string | number)[]): string =>
    cells
      .map((cell, column) =>
        typeof cell === 'number'
          ? String(cell).padStart(widths[column] ?? 0)
          : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [line(head), ...rows.map(line)];
}
