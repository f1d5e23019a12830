/** A seeded source of chance: the same label gives the same sequence, on every machine. */
export type Random = {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer, both ends included. */
  int(min: number, max: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** A shuffled copy. */
  shuffle<T>(list: readonly T[]): T[];
  /** Letters and digits, as in a provider's object ids. */
  token(length: number): string;
  digits(length: number): string;
  /** An independent sequence: what one part draws never moves another part's draws. */
  fork(label: string): Random;
};

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** @param label any text; it is the whole seed */
export function createRandom(label: string): Random {
  const next = sfc32(hash128(label));
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  const pick = <T>(list: readonly T[]): T => {
    const chosen = list[int(0, list.length - 1)];
    if (chosen === undefined) throw new RangeError('nothing to pick from');
    return chosen;
  };
  const shuffle = <T>(list: readonly T[]): T[] => {
    const copy = [...list];
    for (let i = copy.length - 1; i > 0; i -= 1) {
      const j = int(0, i);
      [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
    }
    return copy;
  };
  const text = (length: number, base: number): string => {
    let out = '';
    while (out.length < length) out += ALPHABET.charAt(int(0, base - 1));
    return out;
  };
  return {
    next,
    int,
    chance: probability => next() < probability,
    pick,
    shuffle,
    token: length => text(length, ALPHABET.length),
    digits: length => text(length, 10),
    fork: child => createRandom(`${label}/${child}`),
  };
}

/** Four 32-bit words from a text (FNV-1a with four offsets and a final mix). */
function hash128(label: string): [number, number, number, number] {
  const words: [number, number, number, number] = [0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35];
  for (let i = 0; i < label.length; i += 1) {
    for (let w = 0; w < 4; w += 1) {
      words[w] = Math.imul((words[w] as number) ^ (label.charCodeAt(i) + w), 0x01000193 + 2 * w);
    }
  }
  return words.map(word => Math.imul(word ^ (word >>> 15), 0x2c1b3c6d) ^ (word >>> 12)) as typeof words;
}

/** Chris Doty-Humphrey's small fast counting generator, 32 bits. */
function sfc32(state: [number, number, number, number]): () => number {
  let [a, b, c, d] = state;
  const step = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    return (t >>> 0) / 4_294_967_296;
  };
  for (let i = 0; i < 15; i += 1) step();
  return step;
}
