import { daysOfIso, microsOfIso } from './instant.ts';
import type { Fault } from './envelope.ts';

/** Avro in JSON, as `schemas` of the contract write it: a name, a union, or a complex type. */
export type AvroSchema = string | readonly AvroSchema[] | AvroObject;
export interface AvroObject {
  readonly type: AvroSchema;
  readonly name?: string;
  readonly fields?: readonly AvroField[];
  readonly symbols?: readonly string[];
  readonly items?: AvroSchema;
  readonly values?: AvroSchema;
  readonly logicalType?: string;
}
export interface AvroField {
  readonly name: string;
  readonly type: AvroSchema;
  readonly default?: unknown;
}

export interface NamedSchema {
  readonly schema: AvroSchema;
  /** Types that the schema refers to by name. */
  readonly names: ReadonlyMap<string, AvroObject>;
}

/**
 * JSON as a value of the schema: integers and decimal text of integers as `long`, ISO 8601 as times and dates, defaults
 * filled in. Undeclared fields are faults, and every fault is told with its path.
 */
export function fromJson(
  { schema, names }: NamedSchema,
  json: unknown,
  path = '',
): { readonly value: unknown; readonly faults: readonly Fault[] } {
  const faults: Fault[] = [];
  return { value: read({ names, faults }, schema, json, path), faults };
}

interface Reading {
  readonly names: ReadonlyMap<string, AvroObject>;
  readonly faults: Fault[];
}

function read(reading: Reading, schema: AvroSchema, json: unknown, path: string): unknown {
  if (Array.isArray(schema)) return readUnion(reading, schema as readonly AvroSchema[], json, path);
  if (typeof schema === 'string') {
    const named = reading.names.get(schema);
    return named === undefined
      ? readPrimitive(reading, schema, json, path)
      : read(reading, named, json, path);
  }
  const type = schema as AvroObject;
  if (type.logicalType !== undefined) return readLogical(reading, type.logicalType, json, path);
  switch (type.type) {
    case 'record':
      return readRecord(reading, type, json, path);
    case 'array':
      return readArray(reading, type.items ?? 'null', json, path);
    case 'map':
      return readMap(reading, type.values ?? 'null', json, path);
    case 'enum':
      return typeof json === 'string' && type.symbols?.includes(json) === true && json !== 'unknown'
        ? json
        : fault(
            reading,
            path,
            `not one of ${type.symbols?.filter(symbol => symbol !== 'unknown').join(', ')}`,
          );
    default:
      return read(reading, type.type, json, path);
  }
}

function fault(reading: Reading, path: string, message: string): undefined {
  reading.faults.push({ path, message });
  return undefined;
}

/** Unions of the contract are a type or null. */
function readUnion(reading: Reading, branches: readonly AvroSchema[], json: unknown, path: string): unknown {
  if (json === null && branches.includes('null')) return null;
  const [branch = 'null'] = branches.filter(one => one !== 'null');
  return read(reading, branch, json, path);
}

function readRecord(reading: Reading, schema: AvroObject, json: unknown, path: string): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return fault(reading, path, 'not an object');
  const given = json as Readonly<Record<string, unknown>>;
  const declared = new Set(schema.fields?.map(field => field.name));
  for (const key of Object.keys(given)) {
    if (!declared.has(key)) fault(reading, `${path}/${pointer(key)}`, 'not a field of this event');
  }
  const value: Record<string, unknown> = {};
  for (const field of schema.fields ?? []) {
    const place = `${path}/${field.name}`;
    if (Object.hasOwn(given, field.name))
      value[field.name] = read(reading, field.type, given[field.name], place);
    else if (field.default !== undefined) value[field.name] = read(reading, field.type, field.default, place);
    else fault(reading, place, 'missing');
  }
  return value;
}

const pointer = (key: string): string => key.slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1');

function readArray(reading: Reading, items: AvroSchema, json: unknown, path: string): unknown {
  if (!Array.isArray(json)) return fault(reading, path, 'not an array');
  return json.map((element, index) => read(reading, items, element, `${path}/${index}`));
}

function readMap(reading: Reading, values: AvroSchema, json: unknown, path: string): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return fault(reading, path, 'not an object');
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [
      key,
      read(reading, values, value, `${path}/${pointer(key)}`),
    ]),
  );
}

function readLogical(reading: Reading, logicalType: string, json: unknown, path: string): unknown {
  if (logicalType === 'timestamp-micros') {
    return microsOfIso(json) ?? fault(reading, path, 'not a time of ISO 8601 with its offset');
  }
  return daysOfIso(json) ?? fault(reading, path, 'not a date of ISO 8601');
}

const maxLong = (1n << 63n) - 1n;

function readPrimitive(reading: Reading, type: string, json: unknown, path: string): unknown {
  switch (type) {
    case 'string':
      if (typeof json !== 'string') return fault(reading, path, 'not text');
      return json.includes('\u0000') ? fault(reading, path, 'has a NUL character') : json.toWellFormed();
    case 'boolean':
      return typeof json === 'boolean' ? json : fault(reading, path, 'not true or false');
    case 'int':
      return Number.isInteger(json) && Math.abs(json as number) < 2 ** 31
        ? json
        : fault(reading, path, 'not an integer of 32 bits');
    case 'long':
      return readLong(reading, json, path);
    default:
      return fault(reading, path, `has a type that JSON cannot say (${type})`);
  }
}

/** A number that JSON's readers may have rounded is refused: large ones are sent as text. */
function readLong(reading: Reading, json: unknown, path: string): bigint | undefined {
  if (typeof json === 'number' && Number.isSafeInteger(json)) return BigInt(json);
  if (typeof json === 'string' && /^-?\d{1,19}$/.test(json)) {
    const value = BigInt(json);
    if (value <= maxLong && value >= -maxLong) return value;
  }
  return fault(reading, path, 'not an integer of 64 bits, as a number or as text');
}
