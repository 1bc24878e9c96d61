// `*` is any run of characters, also none; everything else is itself.

export function isGlob(name: string): boolean {
  return name.includes("*");
}

/** How many characters of a glob are literal: the more, the narrower. */
export function literalsOf(glob: string): number {
  return glob.length - (glob.match(/\*/g)?.length ?? 0);
}

/** Prepares a glob. Linear in the name: each part is looked for once, leftmost. */
export function compileGlob(glob: string): (name: string) => boolean {
  const parts = glob.split("*");
  const first = parts[0] ?? "";
  if (parts.length === 1) return (name) => name === first;
  const last = parts.at(-1) ?? "";
  const middle = parts.slice(1, -1).filter((part) => part !== "");
  return (name) => {
    if (!name.startsWith(first) || !name.endsWith(last)) return false;
    let at = first.length;
    for (const part of middle) {
      const found = name.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    // The ends must not overlap, with each other or with the middle.
    return at <= name.length - last.length;
  };
}

/** A test for a list of names and globs. */
export function compileNames(names: readonly string[]): (tool: string) => boolean {
  const exact = new Set(names.filter((name) => !isGlob(name)));
  const globs = names.filter(isGlob).map(compileGlob);
  return (tool) => exact.has(tool) || globs.some((fits) => fits(tool));
}
