// Every way in which some server might read the bytes that arrived. Written apart from the gateway's own scanner, and from what
// parsers in the field do: the first or the last of two equal keys wins; case does not matter; look-alike letters are folded,
// control characters dropped; a key ends at its first NUL; an array is a batch.

/** JSON as written: an object is the list of its members, twins included; a number is its text. */
export type Tree = { object: [key: string, value: Tree][] } | { array: Tree[] } | { number: string } | { value: Plain };
type Plain = string | boolean | null;

export type CalledTool = { name: unknown; arguments: Given };
/** The arguments of a call as one reading sees them. */
export type Given = (key: string) => Tree | undefined;

type Keys = { name: string; same(written: string, wanted: string): boolean };

const keys: readonly Keys[] = [
  { name: "exact", same: (written, wanted) => written === wanted },
  { name: "case-insensitive", same: (written, wanted) => written.toLowerCase() === wanted.toLowerCase() },
  { name: "folded", same: (written, wanted) => folded(written) === folded(wanted) },
  { name: "NUL-terminated", same: (written, wanted) => written.split("\0")[0] === wanted },
];
const wins = ["first", "last"] as const;

function folded(text: string): string {
  return text.replace(/\p{C}/gu, "").normalize("NFKC").toUpperCase().toLowerCase();
}

/** @returns Null for what is no JSON text in UTF-8: no reader should have got it. */
export function parseTree(bytes: Buffer): Tree | null {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    JSON.parse(text); // from here on the text is sound, and taking it apart is simple
  } catch {
    return null;
  }
  let at = 0;
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  function tree(): Tree {
    const token = tokens[at++] ?? "";
    if (token === "[") return { array: list(() => tree(), "]") };
    if (token !== "{") return /^[-\d]/.test(token) ? { number: token } : { value: JSON.parse(token) as Plain };
    const member = (): [string, Tree] => {
      const key = JSON.parse(tokens[at] ?? "") as string;
      at += 2;
      return [key, tree()];
    };
    return { object: list(member, "}") };
  }
  function list<T>(one: () => T, end: string): T[] {
    const all: T[] = [];
    while (tokens[at] !== end) {
      if (tokens[at] === ",") at += 1;
      all.push(one());
    }
    at += 1;
    return all;
  }
  return tree();
}

/** The tools that at least one reader would run, having got these bytes. */
export function callsIn(root: Tree): CalledTool[] {
  const messages = "array" in root ? root.array : [root];
  return keys.flatMap(({ same }) =>
    wins.flatMap((win) => messages.flatMap((message) => callOf(message, member(same, win)) ?? [])),
  );
}

/** The methods that at least one reader would see. */
export function methodsIn(root: Tree): unknown[] {
  const messages = "array" in root ? root.array : [root];
  return keys.flatMap(({ same }) =>
    wins.flatMap((win) =>
      messages.map((message) => plain(member(same, win)(message, "method"))).filter((method) => method !== undefined),
    ),
  );
}

type Member = (of: Tree | undefined, key: string) => Tree | undefined;

function member(same: Keys["same"], win: (typeof wins)[number]): Member {
  return (of, key) => {
    if (of === undefined || !("object" in of)) return undefined;
    const found = of.object.filter(([written]) => same(written, key));
    return (win === "first" ? found[0] : found.at(-1))?.[1];
  };
}

function callOf(message: Tree, get: Member): CalledTool | null {
  if (plain(get(message, "method")) !== "tools/call") return null;
  const params = get(message, "params");
  const given = get(params, "arguments");
  return { name: plain(get(params, "name")), arguments: (key) => get(given, key) };
}

/** A string, boolean or null as it is; undefined for anything else. */
export function plain(tree: Tree | undefined): Plain | undefined {
  return tree !== undefined && "value" in tree ? tree.value : undefined;
}
