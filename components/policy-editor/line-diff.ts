/** Lines of a comparison. Unchanged lines far from any change are only counted. */
export type DiffLine = { kind: "same" | "gone" | "come"; text: string } | { kind: "skipped"; lines: number };

const contextLines = 3;
/** Beyond so many pairs of lines the middle is shown as replaced as a whole: work stays bounded. */
const pairsMax = 4_000_000;

/** What changed between two texts, line by line. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const [old, now] = [linesOf(before), linesOf(after)];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < Math.min(old.length, now.length) - start && old[old.length - 1 - end] === now[now.length - 1 - end]) {
    end += 1;
  }
  const middle = compared(old.slice(start, old.length - end), now.slice(start, now.length - end));
  const same = (text: string) => ({ kind: "same" as const, text });
  return folded([...old.slice(0, start).map(same), ...middle, ...old.slice(old.length - end).map(same)]);
}

type Line = Exclude<DiffLine, { kind: "skipped" }>;

function linesOf(text: string): string[] {
  const lines = text.split("\n");
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

/** The longest common lines stay, everything else goes or comes. */
export function compared(old: readonly string[], now: readonly string[]): Line[] {
  const width = now.length + 1;
  if (old.length * now.length > pairsMax) return replaced(old, now);
  const longest = new Uint32Array((old.length + 1) * width);
  const at = (i: number, j: number) => longest[i * width + j] ?? 0;
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = now.length - 1; j >= 0; j -= 1) {
      longest[i * width + j] = old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < old.length && j < now.length) {
    if (old[i] === now[j]) {
      lines.push({ kind: "same", text: old[i] ?? "" });
      i += 1;
      j += 1;
    } else if (at(i + 1, j) >= at(i, j + 1)) {
      lines.push({ kind: "gone", text: old[i] ?? "" });
      i += 1;
    } else {
      lines.push({ kind: "come", text: now[j] ?? "" });
      j += 1;
    }
  }
  return [...lines, ...replaced(old.slice(i), now.slice(j))];
}

function replaced(old: readonly string[], now: readonly string[]): Line[] {
  return [
    ...old.map((text) => ({ kind: "gone" as const, text })),
    ...now.map((text) => ({ kind: "come" as const, text })),
  ];
}

function folded(lines: readonly Line[]): DiffLine[] {
  const shown = new Set<number>();
  for (const [index, { kind }] of lines.entries()) {
    if (kind === "same") continue;
    for (let near = index - contextLines; near <= index + contextLines; near += 1) shown.add(near);
  }
  const found: DiffLine[] = [];
  for (const [index, line] of lines.entries()) {
    const last = found.at(-1);
    if (shown.has(index)) found.push(line);
    else if (last?.kind === "skipped") last.lines += 1;
    else found.push({ kind: "skipped", lines: 1 });
  }
  return found;
}
