import { schemas } from '@keelson/contracts';
import type { AvroObject, AvroSchema, NamedSchema } from './from-json.ts';

/** All named types that the internal fact holds: the nouns, whole, and what they are made of. */
function namedTypes(): ReadonlyMap<string, AvroObject> {
  const names = new Map<string, AvroObject>();
  const visit = (schema: AvroSchema | undefined): void => {
    if (schema === undefined || typeof schema === 'string') return;
    if (Array.isArray(schema)) {
      for (const branch of schema as readonly AvroSchema[]) visit(branch);
      return;
    }
    const type = schema as AvroObject;
    if (type.name !== undefined) names.set(type.name, type);
    for (const field of type.fields ?? []) visit(field.type);
    visit(type.items);
    visit(type.values);
    if (typeof type.type === 'object') visit(type.type);
  };
  visit(JSON.parse(schemas['keelson.internal.Fact']) as AvroSchema);
  return names;
}

let names: ReadonlyMap<string, AvroObject> | undefined;

/** Schema of a noun with its personal fields: what a sender may tell us, not what we tell everybody. */
export function nounSchema(noun: string): NamedSchema {
  names ??= namedTypes();
  return { schema: `keelson.fact.${noun}`, names };
}
