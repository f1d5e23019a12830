import type { AvroType, NamedType } from './load.ts';

/** The schema of `name` with everything it refers to written out at its first use: self-contained. */
export function selfContained(types: Map<string, NamedType>, name: string): NamedType {
  const written = new Set<string>();
  const expand = (type: AvroType): AvroType => {
    if (typeof type === 'string') {
      const named = types.get(type);
      if (named === undefined || written.has(type)) return type;
      return expand(named);
    }
    if (Array.isArray(type)) return type.map(expand);
    if (type.type === 'array' && 'items' in type) return { type: 'array', items: expand(type.items) };
    if (type.type === 'map' && 'values' in type) return { type: 'map', values: expand(type.values) };
    if ('name' in type) {
      if (written.has(type.name)) return type.name;
      written.add(type.name);
      if ('fields' in type)
        return { ...type, fields: type.fields.map(field => ({ ...field, type: expand(field.type) })) };
    }
    return type;
  };
  const found = types.get(name);
  if (found === undefined) throw new Error(`no type ${name}`);
  return expand(found) as NamedType;
}
