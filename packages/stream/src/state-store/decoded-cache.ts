/** The most recently used entries, at most `limit` of them. */
export interface DecodedCache<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
  clear(): void;
}

/** Two generations: a hit in the old one moves to the new; when the new is full, it becomes the old. No list to keep. */
export function createDecodedCache<V>(limit: number): DecodedCache<V> {
  let young = new Map<string, V>();
  let old = new Map<string, V>();
  const half = Math.max(1, limit >> 1);
  const set = (key: string, value: V): void => {
    young.set(key, value);
    if (young.size < half) return;
    old = young;
    young = new Map();
  };
  return {
    get(key) {
      const found = young.get(key);
      if (found !== undefined) return found;
      const older = old.get(key);
      if (older === undefined) return undefined;
      old.delete(key);
      set(key, older);
      return older;
    },
    set,
    delete(key) {
      young.delete(key);
      old.delete(key);
    },
    clear() {
      young.clear();
      old.clear();
    },
  };
}
