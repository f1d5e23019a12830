const seed = 0x9747b28c;
const mix = 0x5bd1e995;

/** Kafka's murmur2 (as Java's clients hash keys), as a signed 32-bit number. */
export function murmur2(bytes: Uint8Array): number {
  const { length } = bytes;
  let hash = seed ^ length;
  let index = 0;
  for (; index + 4 <= length; index += 4) {
    let word =
      byte(bytes, index) |
      (byte(bytes, index + 1) << 8) |
      (byte(bytes, index + 2) << 16) |
      (byte(bytes, index + 3) << 24);
    word = Math.imul(word, mix);
    word ^= word >>> 24;
    hash = Math.imul(hash, mix) ^ Math.imul(word, mix);
  }
  const rest = length - index;
  if (rest >= 3) hash ^= byte(bytes, index + 2) << 16;
  if (rest >= 2) hash ^= byte(bytes, index + 1) << 8;
  if (rest >= 1) hash = Math.imul(hash ^ byte(bytes, index), mix);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, mix);
  return (hash ^ (hash >>> 15)) | 0;
}

const byte = (bytes: Uint8Array, index: number): number => bytes[index] ?? 0;

/** The partition of a key among `count`, the same that Java's clients choose. */
export function partitionOf(key: string, count: number): number {
  return (murmur2(Buffer.from(key)) & 0x7fffffff) % count;
}
