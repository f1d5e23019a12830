import { Buffer } from 'node:buffer';
import { crc32c } from './crc32c.ts';

/** One record as kafkajs hands it to a produce request. */
export interface ProducedMessage {
  readonly key?: string | Buffer | null;
  readonly value: string | Buffer | null;
  /** Milliseconds since 1970; now, where it is absent. */
  readonly timestamp?: string;
  readonly headers?: Readonly<Record<string, string | Buffer>>;
}

/** What a produce request says, from version 3 on. */
export interface ProduceRequest {
  readonly transactionalId?: string | null | undefined;
  readonly acks: number;
  /** Milliseconds. */
  readonly timeout: number;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly firstSequence: number;
      readonly messages: readonly ProducedMessage[];
    }[];
  }[];
}

type Bytes = string | Buffer | null | undefined;

const magic = 2;
const transactional = 0x10;
/** From a batch's length on: what stands before its CRC, and what stands between that and its records. */
const batchHeaderBytes = 61;
/** Length, attributes, delta of time and of offset, lengths of key and value, count of headers: at most. */
const recordOverheadBytes = 40;
const headerOverheadBytes = 10;
const utf8BytesPerUnit = 3;

/**
 * Body of a Produce request, versions 3 to 7, uncompressed (https://kafka.apache.org/protocol#The_Messages_Produce):
 * the same bytes as kafkajs', which takes several buffers and a BigInt or two for every record; here one buffer takes
 * the whole request.
 */
export function encodeProduceRequest(request: ProduceRequest): Buffer {
  const out = createWriter(Buffer.allocUnsafe(atMostBytes(request)));
  out.nullableString(request.transactionalId ?? null);
  out.int16(request.acks);
  out.int32(request.timeout);
  out.int32(request.topicData.length);
  for (const { topic, partitions } of request.topicData) {
    out.nullableString(topic);
    out.int32(partitions.length);
    for (const { partition, firstSequence, messages } of partitions) {
      out.int32(partition);
      const sizeAt = out.skip(4);
      const start = out.position();
      writeBatch(out, request, firstSequence, messages);
      out.int32At(sizeAt, out.position() - start);
    }
  }
  return out.written();
}

function writeBatch(
  out: Writer,
  { transactionalId, producerId, producerEpoch }: ProduceRequest,
  firstSequence: number,
  messages: readonly ProducedMessage[],
): void {
  const now = Date.now();
  let firstTimestamp = Infinity;
  let maxTimestamp = -Infinity;
  for (const { timestamp = now } of messages) {
    firstTimestamp = Math.min(firstTimestamp, Number(timestamp));
    maxTimestamp = Math.max(maxTimestamp, Number(timestamp));
  }
  out.int64(0n); // first offset: the broker's to give
  const lengthAt = out.skip(4);
  const lengthFrom = out.position();
  out.int32(0); // partition leader epoch: likewise
  out.int8(magic);
  const crcAt = out.skip(4);
  const crcFrom = out.position();
  out.int16(transactionalId == null ? 0 : transactional);
  out.int32(messages.length - 1);
  out.int64(BigInt(firstTimestamp));
  out.int64(BigInt(maxTimestamp));
  out.int64(producerId);
  out.int16(producerEpoch);
  out.int32(firstSequence);
  out.int32(messages.length);
  for (const [index, message] of messages.entries())
    writeRecord(out, message, index, Number(message.timestamp ?? now) - firstTimestamp);
  out.int32At(lengthAt, out.position() - lengthFrom);
  out.int32At(crcAt, crc32c(out.from(crcFrom)) | 0);
}

function writeRecord(
  out: Writer,
  { key, value, headers }: ProducedMessage,
  offsetDelta: number,
  timestampDelta: number,
): void {
  const keyBytes = lengthOf(key);
  const valueBytes = lengthOf(value);
  let headerCount = 0;
  let headersBytes = 0;
  for (const name in headers) {
    headerCount++;
    headersBytes += sizeOfBytes(lengthOf(name)) + sizeOfBytes(lengthOf(headers[name] ?? null));
  }
  out.varint(
    1 +
      sizeOfVarint(timestampDelta) +
      sizeOfVarint(offsetDelta) +
      sizeOfBytes(keyBytes) +
      sizeOfBytes(valueBytes) +
      sizeOfVarint(headerCount) +
      headersBytes,
  );
  out.int8(0); // attributes: none are in use
  out.varint(timestampDelta);
  out.varint(offsetDelta);
  out.bytes(key, keyBytes);
  out.bytes(value, valueBytes);
  out.varint(headerCount);
  for (const name in headers) {
    const header = headers[name] ?? null;
    out.bytes(name, lengthOf(name));
    out.bytes(header, lengthOf(header));
  }
}

function atMostBytes({ transactionalId, topicData }: ProduceRequest): number {
  let bytes = 12 + utf8BytesPerUnit * (transactionalId?.length ?? 0);
  for (const { topic, partitions } of topicData) {
    bytes += 6 + utf8BytesPerUnit * topic.length;
    for (const { messages } of partitions) {
      bytes += 8 + batchHeaderBytes;
      for (const { key, value, headers } of messages) {
        bytes += recordOverheadBytes + atMostBytesOf(key) + atMostBytesOf(value);
        for (const name in headers)
          bytes += headerOverheadBytes + atMostBytesOf(name) + atMostBytesOf(headers[name] ?? null);
      }
    }
  }
  return bytes;
}

const atMostBytesOf = (value: Bytes): number =>
  value == null ? 0 : typeof value === 'string' ? utf8BytesPerUnit * value.length : value.length;

/** -1 for null, as it stands on the wire. */
const lengthOf = (value: Bytes): number =>
  value == null ? -1 : typeof value === 'string' ? Buffer.byteLength(value) : value.length;

const sizeOfBytes = (length: number): number => sizeOfVarint(length) + Math.max(0, length);

/** Negative numbers fold in between the positive ones. Exact for every time span there is. */
const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);

function sizeOfVarint(value: number): number {
  let bytes = 1;
  for (let left = zigzag(value); left > 0x7f; left = Math.floor(left / 0x80)) bytes++;
  return bytes;
}

type Writer = ReturnType<typeof createWriter>;

function createWriter(buffer: Buffer) {
  let at = 0;
  return {
    position: () => at,
    skip: (bytes: number): number => (at += bytes) - bytes,
    from: (start: number): Buffer => buffer.subarray(start, at),
    written: (): Buffer => buffer.subarray(0, at),
    int8: (value: number): void => void (at = buffer.writeInt8(value, at)),
    int16: (value: number): void => void (at = buffer.writeInt16BE(value, at)),
    int32: (value: number): void => void (at = buffer.writeInt32BE(value, at)),
    int32At: (position: number, value: number): void => void buffer.writeInt32BE(value, position),
    int64: (value: bigint): void => void (at = buffer.writeBigInt64BE(value, at)),
    varint(value: number): void {
      let left = zigzag(value);
      for (; left > 0x7f; left = Math.floor(left / 0x80)) buffer[at++] = (left % 0x80) | 0x80;
      buffer[at++] = left;
    },
    bytes(value: Bytes, length: number): void {
      this.varint(length);
      if (value == null) return;
      if (typeof value === 'string') at += buffer.write(value, at);
      else at += value.copy(buffer, at);
    },
    nullableString(value: string | null): void {
      this.int16(lengthOf(value));
      if (value !== null) at += buffer.write(value, at);
    },
  };
}
