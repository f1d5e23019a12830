import { LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import type { z } from 'zod';
import { soundOf } from './sound.ts';
import type { Sound } from './sound.ts';

/** One thing wrong with a policy file, where a person finds it. */
export interface PolicyFault {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

export const describeFault = ({ file, line, message }: PolicyFault): string => `${file}:${line}: ${message}`;

/** A parsed file: its value, or what is wrong with it. Every fault of the file is found, not the first alone. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T; readonly lineOf: (path: readonly PropertyKey[]) => number }
  | { readonly ok: false; readonly faults: readonly PolicyFault[]; readonly sound?: Sound<T> | undefined };

/**
 * Reads YAML text against its shape. `${NAME}` inside a text value is taken from `environment`; a name that is not set
 * is a fault.
 */
export function parsePolicyFile<S extends z.ZodType>(
  file: string,
  text: string,
  shape: S,
  environment: Readonly<Record<string, string | undefined>>,
): Parsed<z.infer<S>> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const lineOf = (path: readonly PropertyKey[]): number => lineOfPath(document, lines, path);
  const faults: PolicyFault[] = document.errors.map(error => ({
    file,
    line: lines.linePos(error.pos[0]).line,
    message: error.message.split('\n')[0] ?? 'not YAML',
  }));
  if (faults.length > 0) return { ok: false, faults };
  const unset: (readonly PropertyKey[])[] = [];
  const value = substitute(document.toJS(), [], environment, (path, message) => {
    unset.push(path);
    faults.push({ file, line: lineOf(path), message });
  });
  const result = shape.safeParse(value);
  const told = new Set(unset.map(path => path.join('.')));
  const issues = result.error?.issues ?? [];
  for (const issue of issues) {
    if (told.has(issue.path.join('.'))) continue;
    faults.push({
      file,
      line: lineOf(issue.path),
      message: `${issue.path.map(String).join('.') || 'file'}: ${issue.message}`,
    });
  }
  return faults.length > 0 || !result.success
    ? { ok: false, faults, sound: soundOf(value, issues, unset) as Sound<z.infer<S>> | undefined }
    : { ok: true, value: result.data, lineOf };
}

function substitute(
  value: unknown,
  path: readonly PropertyKey[],
  environment: Readonly<Record<string, string | undefined>>,
  fault: (path: readonly PropertyKey[], message: string) => void,
): unknown {
  if (typeof value === 'string') {
    return value.replaceAll(/\$\{([A-Z0-9_]+)\}/g, (whole, name: string) => {
      const found = environment[name];
      if (found === undefined || found === '') {
        fault(path, `${path.map(String).join('.')}: the environment variable ${name} is not set`);
        return whole;
      }
      return found;
    });
  }
  if (Array.isArray(value))
    return value.map((item, index) => substitute(item, [...path, index], environment, fault));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, substitute(item, [...path, key], environment, fault)]),
    );
  }
  return value;
}

/** The line of the innermost node on `path` that exists. */
function lineOfPath(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as
      { range?: readonly [number, number, number] } | undefined;
    if (node?.range !== undefined) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
