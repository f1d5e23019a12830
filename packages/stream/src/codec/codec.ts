import avsc from 'avsc';
import type { RecordByName, RecordName } from '@keelson/contracts';
import { misconfigured, unavailable } from '@keelson/contracts';
import { Undecodable, UnknownWriter } from './errors.ts';
import { typeHook } from './long.ts';

export interface Decoded {
  readonly record: RecordName;
  readonly value: RecordByName[RecordName];
}

/** Bytes in the Confluent wire format (0, schema id, Avro) ⇄ records. */
export interface Codec {
  /** Throws when the value does not match its schema, or no id is registered for it on this topic: programming errors. */
  encode<R extends RecordName>(topic: string, record: R, value: RecordByName[R]): Buffer;
  /** Throws `UnknownWriter` (`learn` its schema and try again) or `Undecodable` (poison). */
  decode(bytes: Buffer): Decoded;
  /** Learns a writer's schema from the registry, once for ever; `Unavailable` when nobody can explain it now. */
  learn(schemaId: number): Promise<void>;
}

export interface CodecOptions {
  /** Every record's self-contained schema, by full name. */
  readonly schemas: Readonly<Record<string, string>>;
  /** Schema id by subject, `<topic>-<record full name>`. */
  readonly ids: Readonly<Record<string, number>>;
  /** The schema text behind an id. Left out: a writer that `ids` doesn't know stays unavailable. */
  readonly fetchSchema?: (id: number) => Promise<string>;
}

interface Reader {
  readonly record: RecordName;
  readonly type: avsc.Type;
  readonly resolver: avsc.Resolver | undefined;
}

const headerBytes = 5;

interface Position {
  readonly value: unknown;
  readonly offset: number;
}

/** Makes every type once; per call nothing is looked up but two maps. */
export function createCodec({ schemas, ids, fetchSchema }: CodecOptions): Codec {
  const types = new Map<string, avsc.Type>(
    Object.entries(schemas).map(([record, text]) => [record, parse(text)]),
  );
  const readers = new Map<number, Reader>();
  const subjects = new Map<string, Map<string, number>>();
  const fetching = new Map<number, Promise<void>>();
  let scratch = Buffer.allocUnsafe(64 * 1024);

  for (const [subject, id] of Object.entries(ids)) {
    const record = [...types.keys()].find(name => subject.endsWith(`-${name}`));
    if (record === undefined) continue;
    const type = typeOf(record);
    readers.set(id, { record: record as RecordName, type, resolver: undefined });
    const topic = subject.slice(0, -record.length - 1);
    const records = subjects.get(topic) ?? new Map<string, number>();
    subjects.set(topic, records.set(record, id));
  }

  function typeOf(record: string): avsc.Type {
    const type = types.get(record);
    if (type === undefined) throw misconfigured('no_schema', `there is no schema of ${record}`);
    return type;
  }

  async function ask(id: number): Promise<void> {
    if (fetchSchema === undefined)
      throw unavailable('unknown_schema', `schema ${id} is unknown, and there is no registry to ask`);
    const text = await fetchSchema(id);
    const writer = parse(text);
    const record = writer.name ?? '';
    const type = types.get(record);
    // Not an error of the registry: whoever wrote this is newer than we are. It waits for our next version.
    if (type === undefined)
      throw unavailable('unknown_record', `schema ${id} is of ${record}, which is not known here`);
    readers.set(id, { record: record as RecordName, type, resolver: type.createResolver(writer) });
  }

  return {
    encode(topic, record, value) {
      const id = subjects.get(topic)?.get(record);
      if (id === undefined)
        throw misconfigured('no_schema_id', `no schema is registered for ${record} on ${topic}`);
      const type = typeOf(record);
      let end = type.encode(value, scratch, headerBytes);
      if (end < 0) {
        scratch = Buffer.allocUnsafe(2 * (scratch.length - end));
        end = type.encode(value, scratch, headerBytes);
      }
      scratch[0] = 0;
      scratch.writeInt32BE(id, 1);
      return Buffer.from(scratch.subarray(0, end));
    },
    decode(bytes) {
      const id = schemaIdOf(bytes);
      const reader = readers.get(id);
      if (reader === undefined) throw new UnknownWriter(id);
      return { record: reader.record, value: read(reader, bytes) as RecordByName[RecordName] };
    },
    async learn(id) {
      if (readers.has(id)) return;
      const running = fetching.get(id) ?? ask(id).finally(() => fetching.delete(id));
      fetching.set(id, running);
      await running;
    },
  };
}

function schemaIdOf(bytes: Buffer): number {
  if (bytes.length < headerBytes || bytes[0] !== 0)
    throw new Undecodable('not in the wire format: no magic byte and schema id');
  return bytes.readInt32BE(1);
}

function read({ type, resolver, record }: Reader, bytes: Buffer): unknown {
  let end: number;
  try {
    const { value, offset } = type.decode(bytes, headerBytes, resolver) as Position;
    end = offset;
    if (end === bytes.length) return value;
  } catch (cause) {
    throw new Undecodable(`not a ${record}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
  throw new Undecodable(`not a ${record}: ${end < 0 ? 'truncated' : `${bytes.length - end} bytes too many`}`);
}

function parse(text: string): avsc.Type {
  return avsc.Type.forSchema(JSON.parse(text) as avsc.Schema, { typeHook, omitRecordMethods: true });
}
