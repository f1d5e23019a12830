import { invalidEvent, sha256 } from '@keelson/contracts';

const maxDepth = 100;

/** SHA-256 of a value in one form: keys sorted, bigint as decimal. Throws invalidEvent when nested too deep. */
export const contentHash = (value: unknown): string => sha256(canonical(value, 0));

function canonical(value: unknown, depth: number): string {
  if (depth > maxDepth) throw invalidEvent('too_deep', `nested deeper than ${maxDepth}`);
  if (typeof value === 'bigint') return `${value}`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(element => canonical(element, depth + 1)).join()}]`;
  const fields = value as Readonly<Record<string, unknown>>;
  const parts = Object.keys(fields)
    .sort()
    .map(key => `${JSON.stringify(key)}:${canonical(fields[key], depth + 1)}`);
  return `{${parts.join()}}`;
}
