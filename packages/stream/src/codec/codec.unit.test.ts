import { describe, expect, jest, test } from '@jest/globals';
import { schemas, type RecordName } from '@keelson/contracts';
import fc from 'fast-check';
import { createCodec, type Codec } from './codec.ts';
import { Undecodable, UnknownWriter } from './errors.ts';

const field = (name: string, type: unknown, rest: object = {}) => ({ name, type, ...rest });
const schema = (name: string, ...fields: object[]): string =>
  JSON.stringify({ type: 'record', name, fields });
const long = field('n', 'long');

/** Small schemas of our own stand in for the contract's. */
const encode = (codec: Codec, record: string, value: unknown): Buffer =>
  codec.encode('t', record as RecordName, value as never);
const codecOf = (text: string, id: number, fetchSchema?: (id: number) => Promise<string>): Codec => {
  const { name } = JSON.parse(text) as { name: string };
  return createCodec({
    schemas: { [name]: text },
    ids: { [`t-${name}`]: id },
    ...(fetchSchema && { fetchSchema }),
  });
};

describe('round trips', () => {
  const text = schema(
    'x.All',
    long,
    field('micros', { type: 'long', logicalType: 'timestamp-micros' }),
    field('day', { type: 'int', logicalType: 'date' }),
    field('maybe', ['null', 'long']),
    field('bytes', 'bytes'),
    field('list', { type: 'array', items: 'string' }),
    field('one', [
      { type: 'record', name: 'x.A', fields: [long] },
      { type: 'record', name: 'x.B', fields: [long] },
    ]),
  );
  // avsc stops one short of the largest safe integer.
  const micros = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 1 });
  const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const values = fc.record({
    n: int64,
    micros,
    day: fc.integer({ min: -1e6, max: 1e6 }),
    maybe: fc.option(int64),
    bytes: fc.uint8Array().map(bytes => Buffer.from(bytes)),
    list: fc.array(fc.string()),
    one: fc.oneof(
      int64.map(n => ({ 'x.A': { n } })),
      int64.map(n => ({ 'x.B': { n } })),
    ),
  });

  test('every value comes back as it was: longs as bigint, logical types as numbers', () => {
    const codec = codecOf(text, 7);
    fc.assert(
      fc.property(values, value => {
        const bytes = encode(codec, 'x.All', value);
        expect(bytes.readUInt8(0)).toBe(0);
        expect(bytes.readInt32BE(1)).toBe(7);
        const decoded = codec.decode(bytes);
        expect(decoded.record).toBe('x.All');
        // Without prototypes: avsc's records are classes.
        expect(decoded.value).toEqual(value);
      }),
    );
  });

  test('a value larger than the scratch buffer', () => {
    const codec = codecOf(schema('x.Big', field('bytes', 'bytes')), 1);
    const bytes = Buffer.alloc(700_000, 'x');
    expect(codec.decode(encode(codec, 'x.Big', { bytes })).value).toEqual({ bytes });
    expect(codec.decode(encode(codec, 'x.Big', { bytes: Buffer.from('y') })).value).toEqual({
      bytes: Buffer.from('y'),
    });
  });

  test('encoded bytes stay what they were when the next value is encoded', () => {
    const codec = codecOf(schema('x.N', long), 1);
    const first = encode(codec, 'x.N', { n: 1n });
    encode(codec, 'x.N', { n: 2n });
    expect(codec.decode(first).value).toEqual({ n: 1n });
  });

  test('every schema of the contract compiles', () => {
    expect(() => createCodec({ schemas, ids: {} })).not.toThrow();
  });
});

describe('misuse', () => {
  const codec = codecOf(schema('x.N', long), 1);

  test('a number where a bigint belongs is refused', () => {
    expect(() => encode(codec, 'x.N', { n: 1 })).toThrow('invalid "long"');
  });

  test('a record that is not registered on the topic is refused', () => {
    expect(() => codec.encode('other', 'x.N' as RecordName, { n: 1n } as never)).toThrow(
      'no schema is registered for x.N on other',
    );
  });
});

describe('evolution', () => {
  const evolve = async (writer: string, reader: string, value: unknown): Promise<unknown> => {
    const bytes = encode(codecOf(writer, 1), (JSON.parse(writer) as { name: string }).name, value);
    const codec = codecOf(reader, 2, async () => writer);
    await codec.learn(1);
    return codec.decode(bytes).value;
  };

  test('int becomes long: bigint, whoever wrote it', async () => {
    expect(await evolve(schema('x.N', field('n', 'int')), schema('x.N', long), { n: 5 })).toEqual({ n: 5n });
  });

  test('a new field takes its default, an old one is dropped', async () => {
    const reader = schema('x.N', field('added', 'string', { default: 'd' }));
    expect(await evolve(schema('x.N', long), reader, { n: 5n })).toEqual({ added: 'd' });
  });

  test('a default of a long is a bigint too', async () => {
    const reader = schema('x.N', field('m', 'long', { default: 3 }));
    expect(await evolve(schema('x.N', long), reader, { n: 5n })).toEqual({ m: 3n });
  });
});

describe('writers that are not known yet', () => {
  const bytes = encode(codecOf(schema('x.N', long), 9), 'x.N', { n: 1n });

  test('are asked for once, by however many', async () => {
    const fetchSchema = jest.fn(async () => schema('x.N', long));
    const codec = codecOf(schema('x.N', long), 1, fetchSchema);
    expect(() => codec.decode(bytes)).toThrow(UnknownWriter);
    await Promise.all([codec.learn(9), codec.learn(9)]);
    await codec.learn(9);
    expect(codec.decode(bytes).value).toEqual({ n: 1n });
    expect(fetchSchema.mock.calls).toEqual([[9]]);
  });

  test('are asked for again after a failure', async () => {
    let away = true;
    const codec = codecOf(schema('x.N', long), 1, async () => {
      if (away) throw new Error('away');
      return schema('x.N', long);
    });
    await expect(codec.learn(9)).rejects.toThrow('away');
    away = false;
    await codec.learn(9);
    expect(codec.decode(bytes).value).toEqual({ n: 1n });
  });

  test('without a registry, or of a record that we do not know: unavailable, not poison', async () => {
    await expect(codecOf(schema('x.N', long), 1).learn(9)).rejects.toMatchObject({
      kind: 'unavailable',
    });
    const newer = codecOf(schema('x.N', long), 1, async () => schema('x.Newer', long));
    await expect(newer.learn(9)).rejects.toMatchObject({ kind: 'unavailable', code: 'unknown_record' });
  });
});

describe('poison', () => {
  const codec = codecOf(schema('x.N', field('text', 'string')), 1);
  const good = encode(codec, 'x.N', { text: 'abc' });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['JSON', Buffer.from('{"a":1}')],
    ['a magic byte alone', Buffer.from([0, 0, 0])],
    ['truncated', good.subarray(0, -1)],
    ['too long', Buffer.concat([good, Buffer.from([1])])],
    ['a length beyond the end', Buffer.from([0, 0, 0, 0, 1, 0xfe, 0xff, 0xff, 0xff, 0x0f])],
    ['a negative length', Buffer.from([0, 0, 0, 0, 1, 1])],
  ])('%s', (_, bytes) => {
    expect(() => codec.decode(bytes)).toThrow(Undecodable);
  });

  test('random bytes never do anything but decode or be undecodable', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), bytes => {
        try {
          codec.decode(Buffer.concat([Buffer.from([0, 0, 0, 0, 1]), bytes]));
        } catch (error) {
          expect(error).toBeInstanceOf(Undecodable);
        }
      }),
    );
  });
});
