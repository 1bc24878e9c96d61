import { isExactNumber } from "./number.ts";
import { type Path, pointerOf } from "./pointer.ts";
import { type Problem, problemsMax } from "./problems.ts";
import { nestingMax } from "./schema.ts";

// JSON.parse knows no positions and lets the last of two equal keys win; a policy needs the opposite of both. Strict
// RFC 8259: no comments, no trailing commas, no BOM. Depth is bounded, so recursion is too.

export type JsonNode = { from: number; to: number } & (
  | { kind: "object"; members: JsonMember[] }
  | { kind: "array"; items: JsonNode[] }
  | { kind: "scalar"; value: string | number | boolean | null }
);
export type JsonMember = { key: string; from: number; to: number; node: JsonNode };

class SyntaxProblem extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/**
 * Reads a JSON text into nodes with positions.
 *
 * @returns `root` is null when the text is no JSON (its first fault is the only problem). Duplicate keys and numbers
 *   that cannot be held exactly are problems beside a usable root; all of them are listed.
 */
export function parseJson(text: string): { root: JsonNode | null; problems: Problem[] } {
  const problems: Problem[] = [];
  try {
    const reader = new Reader(text, problems);
    return { root: reader.document(), problems };
  } catch (thrown) {
    if (thrown instanceof SyntaxProblem) return { root: null, problems: [thrown.problem] };
    throw thrown;
  }
}

/** The plain value of a node, as JSON.parse would give it: `__proto__` is an ordinary own key. */
export function plainValue(node: JsonNode): unknown {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "array") return node.items.map(plainValue);
  const value: Record<string, unknown> = {};
  for (const member of node.members) {
    if (member.key === "__proto__") {
      const own = { value: plainValue(member.node), enumerable: true, writable: true, configurable: true };
      Object.defineProperty(value, "__proto__", own);
    } else value[member.key] = plainValue(member.node);
  }
  return value;
}

/** The node at a path, and the member that holds it when it is a field; null when there is none. */
export function nodeAt(root: JsonNode, path: Path): { node: JsonNode; member: JsonMember | null } | null {
  let node = root;
  let member: JsonMember | null = null;
  for (const step of path) {
    if (node.kind === "array" && typeof step === "number") {
      const item = node.items[step];
      if (!item) return null;
      node = item;
      member = null;
    } else if (node.kind === "object") {
      // Of two equal keys the last, as in `plainValue`.
      const found = node.members.findLast((candidate) => candidate.key === String(step));
      if (!found) return null;
      node = found.node;
      member = found;
    } else return null;
  }
  return { node, member };
}

const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// JSON forbids control characters inside a string, so they end the plain run.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const plainRun = /[^"\\\u0000-\u001f]*/y;
const escapes: Record<string, string> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

class Reader {
  private readonly text: string;
  private readonly problems: Problem[];
  private at = 0;
  private readonly path: (string | number)[] = [];

  constructor(text: string, problems: Problem[]) {
    this.text = text;
    this.problems = problems;
  }

  document(): JsonNode {
    if (this.text.charCodeAt(0) === 0xfeff) this.fail("the text starts with a byte order mark; save it as plain UTF-8");
    this.space();
    if (this.at === this.text.length)
      this.fail('the document is empty; start with `{ "version": "1", "default": "deny" }`');
    const root = this.value(0);
    this.space();
    if (this.at < this.text.length) this.fail("something follows the end of the document; remove it");
    return root;
  }

  private value(depth: number): JsonNode {
    const char = this.text[this.at];
    if (char === "{") return this.object(depth + 1);
    if (char === "[") return this.array(depth + 1);
    const from = this.at;
    if (char === '"') {
      const value = this.string();
      return { kind: "scalar", value, from, to: this.at };
    }
    if (char === "-" || (char !== undefined && char >= "0" && char <= "9")) return this.number();
    for (const [word, value] of [
      ["true", true],
      ["false", false],
      ["null", null],
    ] as const) {
      if (this.text.startsWith(word, from)) {
        this.at += word.length;
        return { kind: "scalar", value, from, to: this.at };
      }
    }
    return this.unexpected("a value is missing here");
  }

  private object(depth: number): JsonNode {
    const from = this.open(depth);
    const members: JsonMember[] = [];
    const seen = new Set<string>();
    this.space();
    while (this.text[this.at] !== "}") {
      if (members.length > 0) this.comma("}");
      if (this.text[this.at] !== '"') this.unexpected("a field name in double quotes is missing here");
      const keyFrom = this.at;
      const key = this.string();
      const keyTo = this.at;
      this.path.push(key);
      if (seen.has(key)) {
        const message = `\`${key}\` is written twice in the same object; keep one of them`;
        this.report("duplicate_key", message, keyFrom, keyTo);
      }
      seen.add(key);
      this.space();
      if (this.text[this.at] !== ":") this.unexpected(`a colon is missing after \`${key}\``);
      this.at += 1;
      this.space();
      members.push({ key, from: keyFrom, to: keyTo, node: this.value(depth) });
      this.path.pop();
      this.space();
    }
    this.at += 1;
    return { kind: "object", members, from, to: this.at };
  }

  private array(depth: number): JsonNode {
    const from = this.open(depth);
    const items: JsonNode[] = [];
    this.space();
    while (this.text[this.at] !== "]") {
      if (items.length > 0) this.comma("]");
      this.path.push(items.length);
      items.push(this.value(depth));
      this.path.pop();
      this.space();
    }
    this.at += 1;
    return { kind: "array", items, from, to: this.at };
  }

  private open(depth: number): number {
    if (depth > nestingMax) this.fail(`the document is nested deeper than ${nestingMax}; make it flatter`, "too_deep");
    this.at += 1;
    return this.at - 1;
  }

  private comma(end: string): void {
    if (this.text[this.at] !== ",") this.unexpected(`a comma or \`${end}\` is missing here`);
    const comma = this.at;
    this.at += 1;
    this.space();
    if (this.text[this.at] === end) {
      this.at = comma;
      this.fail(`nothing follows this comma before \`${end}\`; remove the comma`);
    }
  }

  private string(): string {
    const from = this.at;
    this.at += 1;
    let value = "";
    for (;;) {
      plainRun.lastIndex = this.at;
      const run = plainRun.exec(this.text)?.[0] ?? "";
      value += run;
      this.at += run.length;
      const char = this.text[this.at];
      if (char === '"') {
        this.at += 1;
        return value;
      }
      if (char === undefined || char === "\n" || char === "\r") {
        this.at = from;
        this.fail("this text has no closing double quote on its line");
      }
      if (char !== "\\") this.fail("a control character must be written as an escape such as `\\t`");
      value += this.escape();
    }
  }

  private escape(): string {
    const letter = this.text[this.at + 1] ?? "";
    if (letter === "u") {
      const digits = this.text.slice(this.at + 2, this.at + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.fail("`\\u` needs four hexadecimal digits");
      this.at += 6;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const plain = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined;
    if (plain === undefined) this.fail(`\`\\${letter}\` is no escape; write \`\\\\\` for a backslash`);
    this.at += 2;
    return plain ?? "";
  }

  private number(): JsonNode {
    const from = this.at;
    numberPattern.lastIndex = from;
    const literal = numberPattern.exec(this.text)?.[0];
    if (literal === undefined || /[\w.+-]/.test(this.text[from + literal.length] ?? " ")) {
      return this.fail("this is no JSON number");
    }
    this.at += literal.length;
    if (!isExactNumber(literal)) {
      const message = `\`${literal.slice(0, 40)}\` has more digits or a larger size than a number can hold; shorten it`;
      this.report("bad_number", message, from, this.at);
    }
    return { kind: "scalar", value: Number(literal), from, to: this.at };
  }

  private space(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.at += 1;
    }
  }

  private unexpected(message: string): never {
    const char = this.text[this.at];
    if (char === undefined) this.fail("the document ends too early; a closing bracket is missing");
    if (char === "/" || char === "#") this.fail("JSON has no comments; remove this one or use `description`");
    if (char === "'") this.fail("JSON has double quotes only; replace the single ones");
    return this.fail(message);
  }

  private fail(message: string, code: "syntax" | "too_deep" = "syntax"): never {
    const to = Math.min(this.at + 1, this.text.length);
    throw new SyntaxProblem({ code, pointer: pointerOf(this.path), message, severity: "error", from: this.at, to });
  }

  private report(code: "duplicate_key" | "bad_number", message: string, from: number, to: number): void {
    if (this.problems.length >= problemsMax) return;
    this.problems.push({ code, pointer: pointerOf(this.path), message, severity: "error", from, to });
  }
}
