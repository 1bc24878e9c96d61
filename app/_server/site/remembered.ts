/**
 * Keeps what took a while to make, for a while: asked for again meanwhile, also at the same moment, it is not made again.
 *
 * @param keptMax Of so many keys the newest answers are kept.
 * @returns A function that answers for a key as `make` does. What could not be made is not kept.
 */
export function remembered<T>(
  { keptMs, keptMax }: { keptMs: number; keptMax: number },
  make: (key: string) => Promise<T>,
): (key: string) => Promise<T> {
  const kept = new Map<string, { value: Promise<T>; until: number }>();
  return (key) => {
    const known = kept.get(key);
    if (known && known.until > Date.now()) return known.value;
    const made = { value: make(key), until: Date.now() + keptMs };
    kept.delete(key);
    kept.set(key, made);
    for (const oldest of kept.keys()) {
      if (kept.size <= keptMax) break;
      kept.delete(oldest);
    }
    made.value.catch(() => {
      if (kept.get(key) === made) kept.delete(key);
    });
    return made.value;
  };
}
