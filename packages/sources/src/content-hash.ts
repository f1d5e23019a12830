import { invalidEvent, sha256 } from '@keelson/contracts';

const maxDepth = 100;

/** SHA-256 of a value in one form: keys sorted, bigint as decimal. Throws invalidEvent when nested too deep. */
export const contentHash = (value: unknown): string => sha256(canonical(value, 0));

function canonical(value: unknown, depth: number): string {
  if (depth > maxDepth) throw invalidEvent('too_deep', `nested deeper than ${maxDepth}`);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  let text = '';
  if (Array.isArray(value)) {
    for (const element of value) text += `${text === '' ? '' : ','}${canonical(element, depth + 1)}`;
    return `[${text}]`;
  }
  const fields = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(fields).sort())
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonical(fields[key], depth + 1)}`;
  return `{${text}}`;
}
