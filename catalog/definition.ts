/**
 * The canonical text of a tool definition, for hashing: object keys sorted by UTF-16 code units at every depth, no
 * white space, and string escapes as RFC 8785 writes them. Number literals stay exactly as written, because two
 * servers that differ only in digits a double cannot hold still offer two different definitions.
 *
 * Runs in linear time but for the sorting of keys.
 *
 * @param rawJson The definition as the server sent it.
 * @throws {DefinitionError} when the text is not strict JSON: also for duplicate keys (parsers disagree about which
 *   one counts), lone surrogates, and nesting deeper than {@link depthMax}.
 */
export function canonicalDefinition(rawJson: string): string {
  return new Scanner(rawJson).document();
}

export const depthMax = 256;

export class DefinitionError extends Error {
  constructor(
    message: string,
    /** Where in the text, in UTF-16 code units. */
    readonly offset: number,
  ) {
    super(`${message} at ${offset}`);
    this.name = "DefinitionError";
  }
}

// Sticky, so each looks only at the place it is told. Neither has nested repetition, so neither can backtrack far.
const numberLiteral = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const whiteSpace = /[ \t\n\r]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these inside a string
const plainCharacters = /[^"\\\u0000-\u001f]*/y;
// With the `u` flag a proper pair is one character, so this finds only halves.
const loneSurrogate = /[\ud800-\udfff]/u;

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

class Scanner {
  private at = 0;
  private depth = 0;

  constructor(private readonly text: string) {}

  document(): string {
    this.skipWhiteSpace();
    const value = this.value();
    this.skipWhiteSpace();
    if (this.at < this.text.length) this.fail("something follows the value");
    return value;
  }

  private value(): string {
    const next = this.text[this.at];
    if (next === "{") return this.nested(() => this.object());
    if (next === "[") return this.nested(() => this.array());
    if (next === '"') return JSON.stringify(this.string());
    for (const word of ["true", "false", "null"]) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return word;
      }
    }
    return this.match(numberLiteral) || this.fail("expected a value");
  }

  private nested(read: () => string): string {
    this.depth += 1;
    if (this.depth > depthMax) this.fail("nested too deep");
    this.at += 1;
    const value = read();
    this.depth -= 1;
    return value;
  }

  private object(): string {
    const members = new Map<string, string>();
    for (let more = !this.takes("}"); more; more = this.continues("}")) {
      this.skipWhiteSpace();
      const start = this.at;
      const key = this.string();
      if (members.has(key)) this.fail(`duplicate key ${JSON.stringify(key)}`, start);
      if (!this.takes(":")) this.fail("expected a colon");
      this.skipWhiteSpace();
      members.set(key, this.value());
    }
    // The default order of sort() is by UTF-16 code units, which is the order RFC 8785 asks for.
    const keys = [...members.keys()].sort();
    return `{${keys.map((key) => `${JSON.stringify(key)}:${members.get(key)}`).join(",")}}`;
  }

  private array(): string {
    const elements: string[] = [];
    for (let more = !this.takes("]"); more; more = this.continues("]")) {
      this.skipWhiteSpace();
      elements.push(this.value());
    }
    return `[${elements.join(",")}]`;
  }

  /** After an element: true at a comma, false at the end of the list. */
  private continues(end: "]" | "}"): boolean {
    if (this.takes(",")) return true;
    if (this.takes(end)) return false;
    return this.fail(`expected a comma or ${end}`);
  }

  private string(): string {
    const start = this.at;
    if (this.text[this.at] !== '"') this.fail("expected a string");
    this.at += 1;
    const pieces: string[] = [];
    for (;;) {
      pieces.push(this.match(plainCharacters));
      const next = this.text[this.at];
      if (next === '"') break;
      if (next !== "\\") this.fail(next === undefined ? "unterminated string" : "control character in a string");
      pieces.push(this.escape());
    }
    this.at += 1;
    const value = pieces.join("");
    if (loneSurrogate.test(value)) this.fail("lone surrogate in a string", start);
    return value;
  }

  private escape(): string {
    const letter = this.text[this.at + 1] ?? "";
    const hex = this.text.slice(this.at + 2, this.at + 6);
    if (letter === "u" && /^[0-9a-fA-F]{4}$/.test(hex)) {
      this.at += 6;
      return String.fromCharCode(Number.parseInt(hex, 16));
    }
    const character = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined;
    if (character === undefined) return this.fail("unknown escape");
    this.at += 2;
    return character;
  }

  private takes(character: string): boolean {
    this.skipWhiteSpace();
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  private skipWhiteSpace(): void {
    this.match(whiteSpace);
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? "";
    this.at += found.length;
    return found;
  }

  private fail(message: string, offset = this.at): never {
    throw new DefinitionError(message, offset);
  }
}
