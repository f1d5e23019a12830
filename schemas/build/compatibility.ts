import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import avsc from 'avsc';
import type { NamedType } from './load.ts';
import type { TopicDeclaration } from './topics.ts';

/** A released version: full record name → schema. */
export interface Release {
  readonly version: string;
  readonly schemas: ReadonlyMap<string, NamedType>;
}

export function readReleases(directory: string): Release[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory).map(version => {
    const files = readdirSync(join(directory, version), { recursive: true, encoding: 'utf8' }).filter(path =>
      path.endsWith('.avsc'),
    );
    const schemas = files.map(
      path => JSON.parse(readFileSync(join(directory, version, path), 'utf8')) as NamedType,
    );
    return { version, schemas: new Map(schemas.map(schema => [schema.name, schema])) };
  });
}

/**
 * Every released schema must be readable by today's (backward, transitively); records of compacted topics, which live
 * for ever, must also be readable by every released reader (full). A released record may not disappear.
 */
export function compatibilityFaults(
  releases: readonly Release[],
  today: ReadonlyMap<string, NamedType>,
  topics: readonly TopicDeclaration[],
): string[] {
  const states = new Set(
    topics.filter(topic => topic.name.endsWith('.state')).flatMap(topic => topic.records),
  );
  const faults: string[] = [];
  for (const { version, schemas } of releases) {
    for (const [name, released] of schemas) {
      const current = today.get(name);
      if (current === undefined) {
        faults.push(`${name} was released in ${version} and is gone`);
        continue;
      }
      const unreadable = resolverFault(current, released);
      if (unreadable !== null) faults.push(`${name} can no longer read what ${version} wrote: ${unreadable}`);
      const unreadableThere = states.has(name) ? resolverFault(released, current) : null;
      if (unreadableThere !== null)
        faults.push(`${name} can no longer be read by a reader of ${version}: ${unreadableThere}`);
    }
  }
  return faults;
}

/** Why `reader` cannot read what `writer` wrote, or null. */
export function resolverFault(reader: NamedType, writer: NamedType): string | null {
  try {
    avsc.Type.forSchema(reader as avsc.Schema).createResolver(avsc.Type.forSchema(writer as avsc.Schema));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
