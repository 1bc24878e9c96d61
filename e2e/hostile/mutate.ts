// Mutations of valid messages on three levels: bytes, tokens, and the structure of the JSON. The same seed makes the same ones.
import { parseTree, type Tree } from "./readings.ts";

export type Random = {
  /** A whole number from 0 to below `n`. */
  below(n: number): number;
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
};

/** mulberry32: small, quick, and good enough to choose with. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
  const below = (n: number) => Math.floor(next() * n);
  return {
    below,
    chance: (probability) => next() < probability,
    pick<T>(from: readonly T[]): T {
      const one = from[below(from.length)];
      if (one === undefined) throw new Error("nothing to pick from");
      return one;
    },
  };
}

export const levels = ["bytes", "tokens", "structure"] as const;
export type Level = (typeof levels)[number];

export function mutate(body: Buffer, level: Level, random: Random): Buffer {
  if (level === "bytes") return mutateBytes(body, random);
  if (level === "tokens") return mutateTokens(body, random);
  return mutateStructure(body, random);
}

const oddBytes = [0x00, 0x0a, 0x0d, 0x20, 0x22, 0x2c, 0x3a, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d, 0x7f, 0x80, 0xc0, 0xed, 0xff];

/** Changes some bytes: turns a bit, puts another, takes some out, says some twice. */
export function mutateBytes(body: Buffer, random: Random): Buffer {
  let bytes = Buffer.from(body);
  for (let i = random.below(4); i >= 0; i -= 1) {
    const at = random.below(bytes.length + 1);
    const length = random.below(random.chance(0.2) ? 40 : 4);
    const [before, cut, after] = [bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at + length)];
    switch (random.below(5)) {
      case 0:
        if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
        break;
      case 1:
        if (at < bytes.length) bytes[at] = random.pick(oddBytes);
        break;
      case 2:
        bytes = Buffer.concat([before, after]);
        break;
      case 3:
        bytes = Buffer.concat([before, cut, cut, after]);
        break;
      default:
        bytes = Buffer.concat([before, Buffer.from([random.pick(oddBytes)]), cut, after]);
    }
  }
  return bytes;
}

const tokens = [
  ...['"name"', '"method"', '"params"', '"arguments"', '"id"', '"jsonrpc"', '"_meta"', '"amount"', '"to"', '"path"'],
  ...['"tools/call"', '"tools/list"', '"ping"', '"echo"', '"pay"', '"read"', '"drop"', '"secret"'],
  ...['"alice"', '"mallory"', '"/ok/a"', '"/etc/passwd"', '"/ok/../etc"', "1", "101", "1e400", "100.00000000000000001"],
  ...["9007199254740993", "-0", "1e2", "null", "true", "{}", "[]", "{", "}", "[", "]", ",", ":", '""', "NaN", "/**/"],
  ...['"Name"', '"NAME"', '"n\\u0061me"', '"name\\u0000"', '"name\\u0000x"', '"ｎame"', '"__proto__"', '"Method"'],
  ...['"tools\\/call"', '"Tools/Call"', '"\\ud800"', '"io.modelcontextprotocol/protocolVersion"', '"2026-07-28"'],
];

/** Changes some tokens of the JSON text for others, among them those that matter. */
export function mutateTokens(body: Buffer, random: Random): Buffer {
  const text = body.toString("utf8").match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+|\s+/g) ?? [];
  for (let i = random.below(4); i >= 0; i -= 1) {
    const at = random.below(text.length);
    switch (random.below(4)) {
      case 0:
        text[at] = random.pick(tokens);
        break;
      case 1:
        text.splice(at, 1 + random.below(3));
        break;
      case 2:
        text.splice(at, 0, random.pick(tokens));
        break;
      default:
        // A member again, in another place: `,"name":"drop"`.
        text.splice(at, 0, ",", random.pick(tokens), ":", random.pick(tokens));
    }
  }
  return Buffer.from(text.join(""));
}

type Objects = { object: [string, Tree][] }[];

const keysOfNote = ["name", "arguments", "method", "params", "id", "jsonrpc", "_meta", "amount", "to", "path", "uri"];
const values: Tree[] = [
  ...["drop", "secret", "echo", "pay", "tools/call", "mallory", "alice", "/etc/passwd", "/ok/../x", "2026-07-28"].map(
    (value) => ({ value }),
  ),
  ...["1", "101", "1e9", "100.00000000000000001", "9007199254740993", "-1e400"].map((number) => ({ number })),
  { value: null },
  { value: true },
  { object: [] },
  { array: [] },
  { object: [["name", { value: "drop" }]] },
  {
    object: [
      ["to", { value: "mallory" }],
      ["amount", { number: "1" }],
    ],
  },
];

/** Changes the tree: members twice, renamed to what looks alike, moved, wrapped, replaced. Written out in odd but valid spelling. */
export function mutateStructure(body: Buffer, random: Random): Buffer {
  let root = parseTree(body);
  if (root === null) return body;
  for (let i = random.below(3); i >= 0; i -= 1) {
    const objects = objectsIn(root);
    const holder = objects.length === 0 ? null : random.pick(objects);
    const members = holder?.object ?? [];
    const at = random.below(members.length + 1);
    const member = members[at];
    switch (random.below(8)) {
      case 0:
      case 1:
        // A twin, or what some reader takes for one.
        if (member !== undefined) {
          members.splice(random.below(members.length + 1), 0, [
            lookAlike(member[0], random),
            structuredClone(random.pick(values)),
          ]);
        }
        break;
      case 2:
        members.splice(at, 0, [lookAlike(random.pick(keysOfNote), random), structuredClone(random.pick(values))]);
        break;
      case 3:
        if (member !== undefined) member[1] = structuredClone(random.pick(values));
        break;
      case 4:
        if (member !== undefined) member[0] = lookAlike(member[0], random);
        break;
      case 5:
        if (member !== undefined) random.pick(objects).object.push(structuredClone(member));
        break;
      case 6:
        if (member !== undefined)
          member[1] = random.chance(0.5) ? { array: [member[1]] } : { object: [structuredClone(member)] };
        break;
      default:
        if (random.chance(0.3)) root = { array: [root, root] };
        else members.splice(at, 1);
    }
  }
  return Buffer.from(written(root, random));
}

function objectsIn(tree: Tree): Objects {
  if ("array" in tree) return tree.array.flatMap(objectsIn);
  return "object" in tree ? [tree, ...tree.object.flatMap(([, value]) => objectsIn(value))] : [];
}

function lookAlike(key: string, random: Random): string {
  const at = random.below(key.length || 1);
  const letter = key[at] ?? "";
  switch (random.below(9)) {
    case 0:
      return key.toUpperCase();
    case 1:
      return key.slice(0, at) + letter.toUpperCase() + key.slice(at + 1);
    case 2:
      return `${key}\0`;
    case 3:
      return `${key}\0${letter}`;
    case 4:
      return `${key.slice(0, at)}\u200b${key.slice(at)}`;
    case 5:
      return key.slice(0, at) + fullWidth(letter) + key.slice(at + 1);
    case 6:
      return key.replace("s", "ſ").replace("k", "\u212a").replace("i", "ı");
    case 7:
      return random.pick(["__proto__", "constructor", "", " ", `${key} `, `\ufeff${key}`]);
    default:
      return key;
  }
}

function fullWidth(letter: string): string {
  return /^[!-~]$/.test(letter) ? String.fromCharCode(letter.charCodeAt(0) + 0xfee0) : letter;
}

function written(tree: Tree, random: Random): string {
  const gap = () => (random.chance(0.05) ? random.pick([" ", "\n", "\t", "\r\n"]) : "");
  if ("number" in tree) return tree.number;
  if ("value" in tree) return typeof tree.value === "string" ? quoted(tree.value, random) : JSON.stringify(tree.value);
  if ("array" in tree) return `[${tree.array.map((one) => gap() + written(one, random)).join()}]`;
  const members = tree.object.map(
    ([key, value]) => `${gap()}${quoted(key, random)}${gap()}:${gap()}${written(value, random)}`,
  );
  return `{${members.join()}${gap()}}`;
}

/** A string, now and then with a letter as an escape. */
function quoted(text: string, random: Random): string {
  const isEscaped = random.chance(0.1);
  const spelled = [...text].map((letter) => {
    const code = letter.codePointAt(0) ?? 0;
    if (!isEscaped || code > 0xffff || !random.chance(0.3)) return JSON.stringify(letter).slice(1, -1);
    return `\\u${code.toString(16).padStart(4, "0")}`;
  });
  return `"${spelled.join("")}"`;
}
