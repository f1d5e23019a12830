import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import avsc from 'avsc';
import { parse } from 'yaml';

/** An Avro type as JSON, every reference by its full name. */
export type AvroType = string | AvroType[] | AvroRecord | AvroEnum | AvroArray | AvroMap | AvroPrimitive;
export interface AvroPrimitive {
  type: string;
  logicalType?: string;
}
export interface AvroArray {
  type: 'array';
  items: AvroType;
}
export interface AvroMap {
  type: 'map';
  values: AvroType;
}
export interface AvroEnum {
  type: 'enum';
  name: string;
  namespace?: string;
  symbols: string[];
  default?: string;
  doc?: string;
}
export interface AvroField {
  name: string;
  type: AvroType;
  default?: unknown;
  doc?: string;
  pii?: string;
  purpose?: string;
  support_visible?: boolean;
}
export interface AvroRecord {
  type: 'record';
  name: string;
  namespace?: string;
  fields: AvroField[];
  doc?: string;
}
export type NamedType = AvroRecord | AvroEnum;

export interface EventDeclaration {
  readonly family: string;
  readonly type: string;
  readonly record: string;
  readonly noun: string;
  readonly doc: string;
}

const primitives = new Set(['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string']);

/** Reads the IDL sources. Names come back full, references too. */
export async function loadTypes(sourceDirectory: string): Promise<Map<string, NamedType>> {
  const protocol = await new Promise<{ namespace: string; types: NamedType[] }>((resolve, reject) => {
    avsc.assembleProtocol(join(sourceDirectory, 'internal.avdl'), (error, found) =>
      error
        ? reject(new Error(`the schema sources cannot be read: ${String(error)}`))
        : resolve(found as { namespace: string; types: NamedType[] }),
    );
  });
  const types = new Map<string, NamedType>();
  for (const type of protocol.types) {
    const namespace = type.namespace ?? protocol.namespace;
    types.set(`${namespace}.${type.name}`, qualified(type, namespace) as NamedType);
  }
  return types;
}

function qualified(type: AvroType, namespace: string): AvroType {
  if (typeof type === 'string')
    return primitives.has(type) || type.includes('.') ? type : `${namespace}.${type}`;
  if (Array.isArray(type)) return type.map(branch => qualified(branch, namespace));
  switch (type.type) {
    case 'record': {
      const { name, fields, doc } = type as AvroRecord;
      return {
        type: 'record',
        name: `${namespace}.${name}`,
        ...(doc === undefined ? {} : { doc }),
        fields: fields.map(field => ({ ...field, type: qualified(field.type, namespace) })),
      };
    }
    case 'enum': {
      const found: AvroEnum = { ...(type as AvroEnum), name: `${namespace}.${(type as AvroEnum).name}` };
      delete found.namespace;
      return found;
    }
    case 'array':
      return { type: 'array', items: qualified((type as AvroArray).items, namespace) };
    case 'map':
      return { type: 'map', values: qualified((type as AvroMap).values, namespace) };
    default:
      return type;
  }
}

export function loadEvents(sourceDirectory: string): EventDeclaration[] {
  const families = parse(readFileSync(join(sourceDirectory, 'events.yaml'), 'utf8')) as Record<
    string,
    Record<string, { record: string; noun: string; doc: string }>
  >;
  return Object.entries(families).flatMap(([family, events]) =>
    Object.entries(events).map(([verb, { record, noun, doc }]) => ({
      family,
      type: `${family}.${verb}`,
      record: `keelson.${family}.${record}`,
      noun,
      doc,
    })),
  );
}
