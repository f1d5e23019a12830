import type { SqlValue } from '../sqlite.ts';

const compiled = new Map<string, RegExp>();

/** SQL's LIKE with `%` and `_`, case-sensitive or not: 1 for a match. */
export function likePattern(value: SqlValue, pattern: SqlValue, folded: SqlValue): number {
  if (value === null || pattern === null) return 0;
  const key = `${String(folded)}${String(pattern)}`;
  let expression = compiled.get(key);
  if (expression === undefined) {
    const source = String(pattern)
      .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      .replaceAll('%', '[^]*')
      .replaceAll('_', '[^]');
    expression = new RegExp(`^${source}$`, folded === 1 ? 'i' : '');
    if (compiled.size > 200) compiled.clear();
    compiled.set(key, expression);
  }
  return expression.test(String(value)) ? 1 : 0;
}
