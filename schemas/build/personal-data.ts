import type { AvroType, NamedType } from './load.ts';
import type { TopicDeclaration } from './topics.ts';

/** A field tagged `pii` in a record of a topic that does not forget is a fault, however deep it lies. */
export function personalDataFaults(
  topics: readonly TopicDeclaration[],
  schemas: ReadonlyMap<string, NamedType>,
): string[] {
  const faults: string[] = [];
  for (const topic of topics) {
    for (const record of topic.records) {
      const schema = schemas.get(record);
      if (schema === undefined) {
        faults.push(`infra/kafka/topics.yaml: ${topic.name} names ${record}, which no schema declares`);
      } else if (!topic.personalData) {
        for (const path of taggedFields(schema)) {
          faults.push(
            `infra/kafka/topics.yaml: ${topic.name} keeps no personal data, but ${record} has ${path}`,
          );
        }
      }
    }
  }
  const written = new Set(topics.flatMap(topic => topic.records));
  for (const record of schemas.keys()) if (!written.has(record)) faults.push(`${record} is on no topic`);
  return faults;
}

/** Paths of the fields tagged `pii` in a self-contained schema. */
export function taggedFields(type: AvroType, path = ''): string[] {
  if (typeof type === 'string') return [];
  if (Array.isArray(type)) return type.flatMap(branch => taggedFields(branch, path));
  if ('items' in type) return taggedFields(type.items, path);
  if ('values' in type) return taggedFields(type.values, path);
  if (!('fields' in type)) return [];
  return type.fields.flatMap(field => {
    const here = path === '' ? field.name : `${path}.${field.name}`;
    return field.pii === undefined ? taggedFields(field.type, here) : [here];
  });
}
