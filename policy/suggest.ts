/** The longest word worth a suggestion; comparing costs the product of the lengths. */
const lengthMax = 64;

/** Names that people bring along from elsewhere and that no spelling distance finds. */
const otherNames: Record<string, string> = {
  and: "conditions",
  hidden: "hide",
  limit: "limits",
  quota: "limits",
  args: "arguments",
  message: "on_deny",
  operator: "op",
  amount: "increment",
  per: "window",
  period: "window",
  name: "counter",
  tz: "timezone",
  comment: "description",
  notes: "description",
};

/** The known name that was most likely meant, or null. */
export function nearest(word: string, known: readonly string[]): string | null {
  if (word.length > lengthMax) return null;
  const plain = simplified(word);
  const same = known.find((name) => simplified(name) === plain);
  if (same !== undefined) return same;
  const other = Object.hasOwn(otherNames, plain) ? otherNames[plain] : undefined;
  if (other !== undefined && known.includes(other)) return other;
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(plain.length / 3)) + 1;
  for (const name of known) {
    const distance = editDistance(plain, simplified(name));
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

/** Like: did you mean `limits`? Or the whole list when nothing is near. */
export function suggestion(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === null ? `known are ${known.map((name) => `\`${name}\``).join(", ")}` : `did you mean \`${near}\`?`;
}

function simplified(word: string): string {
  return word.toLowerCase().replace(/[\s_-]/g, "");
}

/** Insertions, deletions, replacements and swapped neighbours. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((row[j - 1] ?? 0) + 1, (last[j] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
