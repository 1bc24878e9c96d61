// Reads of an upstream's message what it is, while its bytes arrive: who it answers or what it asks. Only the members of the
// outermost object are looked at, so the size of an answer does not matter much.
import { Buffer } from "node:buffer";
import { fold } from "../policy/fold.ts";

export type Envelope = {
  kind: "request" | "notification" | "response";
  /** As JSON.stringify writes it; null when absent or null. */
  id: string | null;
  /** Empty for a response. */
  method: string;
};

const [idBit, resultBit, errorBit] = [1, 2, 4];
/** The members that decide, each with a bit of its own. */
const known: ReadonlyMap<string, number> = new Map([
  ["id", idBit],
  ["result", resultBit],
  ["error", errorBit],
  ["method", 8],
  ["params", 16],
  ["jsonrpc", 32],
]);
const keyLengthMax = 64;
const valueLengthMax = 1_024;
/** Ids that JSON.stringify would write just so: almost all. */
const isAsWritten = /^(?:0|[1-9]\d{0,14}|"[ !#-[\]-~]*")$/;

/** One message after the other, in pieces. Bytes are given as latin1 text, or a whole text as it is. */
export class EnvelopeReader {
  private depth = 0;
  private inString = false;
  /** The next character stands behind a backslash. */
  private escaped = false;
  private keyIsNext = true;
  /** What is collected of a key or a value of the outermost object; null while nothing is. */
  private collected: string | null = null;
  private key = "";
  private isValue = false;
  /** Bits of known members. */
  private seen = 0;
  private isBad = false;
  private id: string | null = null;
  private method: string | null = null;
  private readonly isBytes: boolean;

  constructor(isBytes: boolean) {
    this.isBytes = isBytes;
  }

  /** Whether it is between two messages. */
  get isIdle(): boolean {
    return this.depth === 0;
  }

  /**
   * Reads on until a message is complete.
   *
   * @returns Where the text goes on behind it, with its envelope; null in the envelope's place when it cannot be told with
   *   certainty. Null when the text ends before.
   */
  read(text: string, from: number): { end: number; envelope: Envelope | null } | null {
    let at = from;
    while (at < text.length) {
      if (this.inString) {
        const end = this.readString(text, at);
        if (end === -1) return null;
        at = end;
        continue;
      }
      if (this.depth > 1) {
        at = this.skipWithin(text, at);
        continue;
      }
      const code = text.charCodeAt(at);
      if (this.depth === 0) {
        if (code === 0x7b) this.open();
        else if (!isSpace(code)) return { end: text.length, envelope: null };
        at += 1;
        continue;
      }
      if (this.readOutermost(code)) return { end: at + 1, envelope: this.close() };
      at += 1;
    }
    return null;
  }

  /** Over what lies deeper, where almost all of a message is. @returns Where a string begins, or the outermost object goes on. */
  private skipWithin(text: string, from: number): number {
    let depth = this.depth;
    let at = from;
    while (at < text.length && depth > 1) {
      const code = text.charCodeAt(at);
      at += 1;
      if (code === 0x22) {
        // Most strings are short and without a backslash: they end here.
        const quote = text.indexOf('"', at);
        if (quote === -1 || text.charCodeAt(quote - 1) === 0x5c) {
          this.inString = true;
          break;
        }
        at = quote + 1;
      } else if (code === 0x7b || code === 0x5b) {
        depth += 1;
      } else if (code === 0x7d || code === 0x5d) {
        depth -= 1;
      }
    }
    this.depth = depth;
    return at;
  }

  private open(): void {
    this.depth = 1;
    this.keyIsNext = true;
    this.collected = null;
    this.isValue = false;
    this.seen = 0;
    this.isBad = false;
    this.id = null;
    this.method = null;
  }

  /** @returns Whether the outermost object ends here. */
  private readOutermost(code: number): boolean {
    if (code === 0x22) {
      this.inString = true;
      if (this.keyIsNext) this.collected = "";
      else if (this.collected !== null) this.collected += '"';
    } else if (code === 0x3a) {
      this.keyIsNext = false;
      this.isValue = true;
      this.collected = this.key === "id" || this.key === "method" ? "" : null;
    } else if (code === 0x2c || code === 0x7d) {
      this.endValue();
      this.keyIsNext = true;
      if (code === 0x7d) {
        this.depth = 0;
        return true;
      }
    } else if (code === 0x7b || code === 0x5b) {
      this.depth += 1;
      if (this.collected !== null) this.isBad = true; // neither an id nor a method is an object
    } else if (code === 0x5d) {
      this.isBad = true;
    } else if (this.collected !== null && !this.keyIsNext && !isSpace(code)) {
      this.collect(String.fromCharCode(code), valueLengthMax);
    }
    return false;
  }

  /** @returns Where the string's text goes on; -1 when it does not end here. */
  private readString(text: string, from: number): number {
    let at = from;
    if (this.escaped) {
      this.escaped = false;
      at += 1;
    }
    for (;;) {
      const quote = text.indexOf('"', at);
      const upTo = quote === -1 ? text.length : quote;
      const backslash = lastRun(text, at, upTo);
      if (quote === -1) {
        this.escaped = backslash % 2 === 1;
        this.keepString(text, from, upTo);
        return -1;
      }
      if (backslash % 2 === 1) {
        at = quote + 1;
        continue;
      }
      this.keepString(text, from, quote);
      this.inString = false;
      if (this.depth === 1 && this.collected !== null) {
        if (this.keyIsNext) this.endKey();
        else this.collected += '"';
      }
      return quote + 1;
    }
  }

  private keepString(text: string, from: number, to: number): void {
    if (this.depth === 1 && this.collected !== null) {
      this.collect(text.slice(from, to), this.keyIsNext ? keyLengthMax : valueLengthMax);
    }
  }

  private collect(part: string, lengthMax: number): void {
    const collected = (this.collected ?? "") + part;
    if (collected.length <= lengthMax) {
      this.collected = collected;
      return;
    }
    // A key that long is none of ours; an id or a method that long is nobody's.
    if (!this.keyIsNext) this.isBad = true;
    this.collected = collected.slice(0, lengthMax + 1);
  }

  private endKey(): void {
    const raw = this.collected ?? "";
    this.collected = null;
    this.key = "";
    if (raw.length > keyLengthMax) return;
    const key = known.has(raw) ? raw : this.parsed(`"${raw}"`);
    if (typeof key !== "string") {
      this.isBad = true;
      return;
    }
    const bit = known.get(key);
    if (bit !== undefined) {
      // Given twice, each reader may take another one.
      if ((this.seen & bit) !== 0) this.isBad = true;
      this.seen |= bit;
      this.key = key;
    } else if (known.has(fold(key))) {
      this.isBad = true;
    }
  }

  private endValue(): void {
    const raw = this.collected;
    this.collected = null;
    if (!this.isValue || raw === null) return;
    this.isValue = false;
    if (this.key === "id" && isAsWritten.test(raw)) {
      this.id = raw;
      return;
    }
    const value = this.parsed(raw);
    if (this.key === "method") {
      if (typeof value === "string") this.method = value;
      else this.isBad = true;
    } else if (typeof value === "string" || typeof value === "number") {
      this.id = JSON.stringify(value);
    } else if (value !== null) {
      this.isBad = true;
    }
  }

  private parsed(raw: string): unknown {
    try {
      return JSON.parse(this.isBytes ? Buffer.from(raw, "latin1").toString("utf8") : raw);
    } catch {
      return undefined;
    }
  }

  private close(): Envelope | null {
    if (this.isBad) return null;
    const isAnswer = (this.seen & (resultBit | errorBit)) !== 0;
    // Only an error may answer what could not be read (JSON-RPC 2.0, 5): a result for nobody is none.
    if (this.id === null && (this.seen & resultBit) !== 0) return null;
    if (this.method === null) return isAnswer ? { kind: "response", id: this.id, method: "" } : null;
    if (isAnswer) return null;
    return { kind: (this.seen & idBit) !== 0 ? "request" : "notification", id: this.id, method: this.method };
  }
}

/** How many backslashes stand directly before `to`, from `from` on. */
function lastRun(text: string, from: number, to: number): number {
  let count = 0;
  while (to - 1 - count >= from && text.charCodeAt(to - 1 - count) === 0x5c) count += 1;
  return count;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}

/** The envelope of a whole text; null when it cannot be told with certainty. */
export function envelopeOf(text: string): Envelope | null {
  const reader = new EnvelopeReader(false);
  const found = reader.read(text, 0);
  return found?.envelope != null && text.slice(found.end).trim() === "" ? found.envelope : null;
}
