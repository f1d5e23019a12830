import avsc from 'avsc';

const int64 = (value: bigint): Buffer => {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigInt64LE(value);
  return bytes;
};

/** Avro `long` as bigint, all 64 bits of it. */
export const bigintLong: avsc.Type = avsc.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: int64,
  fromJSON: (value: number | string) => BigInt(value),
  toJSON: (value: bigint) => value.toString(),
  isValid: (value: unknown) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
});

/** Logical types stay numbers: µs since 1970 fit into 53 bits until the year 2255. */
export function typeHook(schema: avsc.Schema): avsc.Type | undefined {
  if (schema === 'long') return bigintLong;
  if (typeof schema !== 'object' || !('type' in schema) || schema.type !== 'long') return undefined;
  return 'logicalType' in schema ? avsc.Type.forSchema('long') : bigintLong;
}
