// One strict pass over the bytes of a message, before anything is decided. Every parser behind us must read these bytes as we
// do, because they are forwarded unchanged: what two parsers could read differently (a key given twice, a key that another
// parser folds to a known one, broken UTF-8) is refused here, not interpreted.
import { isUtf8 } from "node:buffer";
import { fold } from "../policy/fold.ts";
import { isExactNumber } from "./json-text.ts";

export const depthMax = 64;
export const nodesMax = 250_000;
/** Keys cost most to compare and to parse: more of them would keep the process from everybody else's calls. */
export const keysMax = 50_000;
const idBytesMax = 256;
/** Up to this many keys an object's keys are compared with each other; past it, through a set. */
const keysComparedMax = 8;

/** What the gateway has to know of a message; positions are byte offsets into the scanned bytes. */
export type Message = {
  kind: "request" | "notification" | "response";
  /** The id as it was written (JSON text), so that it can be echoed byte for byte. Null for a notification. */
  id: string | null;
  /** Empty for a response. */
  method: string;
  /** `params.name`, `params.uri` and `params.taskId`: null when absent or not a string. */
  name: string | null;
  uri: string | null;
  taskId: string | null;
  /** Where `params.arguments` lies; -1 when absent. */
  argumentsStart: number;
  argumentsEnd: number;
  /** Start and end, in turn, of each number literal in the arguments that a double cannot hold. */
  inexactNumbers: readonly number[];
  /** `params._meta["io.modelcontextprotocol/protocolVersion"]`: undefined when absent, null when not a string. */
  metaVersion: string | null | undefined;
  /** `params.protocolVersion`, which `initialize` carries. */
  requestedVersion: string | null;
  /** `clientInfo.name`, of `initialize` or of `_meta`. Never to be trusted. */
  clientName: string | null;
  /** `params.requestState`: what an earlier answer asked to hear again. */
  requestState: string | null;
};

export type Scan =
  | { ok: true; message: Message }
  | { ok: false; code: -32700 | -32600; message: string; id: string | null };

/** Scans the bytes of one JSON-RPC message. Never throws; what it refuses must not be forwarded. */
export function scanMessage(body: Buffer): Scan {
  start(body);
  try {
    if (!isUtf8(body)) malformed("not valid UTF-8");
    skipSpace();
    const first = bytes[at];
    if (first === BRACKET_OPEN) invalid("batches are not accepted; send one message a request");
    if (first !== BRACE_OPEN) malformed("not a JSON object");
    scanObject(1, ENVELOPE);
    skipSpace();
    if (at !== end) malformed("there is more after the message");
    return { ok: true, message: message() };
  } catch (cause) {
    if (!(cause instanceof Refused)) throw cause;
    return { ok: false, code: cause.code, message: cause.message, id: found.id };
  } finally {
    bytes = nothing;
  }
}

/**
 * The parsed `params.arguments` of a scanned message; `{}` when absent. A number literal that a double cannot hold is NaN:
 * an upstream may read another number there than we would, so no rule may rely on it.
 */
export function parseArguments(body: Buffer, { argumentsStart, argumentsEnd, inexactNumbers }: Message): unknown {
  if (argumentsStart === -1) return {};
  if (inexactNumbers.length === 0) return JSON.parse(body.toString("utf8", argumentsStart, argumentsEnd));
  let text = "";
  let from = argumentsStart;
  for (let i = 0; i < inexactNumbers.length; i += 2) {
    // No literal that a double can hold reads as Infinity, so Infinity marks exactly these.
    text += `${body.toString("utf8", from, inexactNumbers[i])}1e999`;
    from = inexactNumbers[i + 1] ?? argumentsEnd;
  }
  return infinityToNaN(JSON.parse(text + body.toString("utf8", from, argumentsEnd)));
}

function infinityToNaN(value: unknown): unknown {
  if (value === Number.POSITIVE_INFINITY) return Number.NaN;
  if (typeof value !== "object" || value === null) return value;
  const members = value as Record<string, unknown>;
  // Own keys that JSON.parse made: also `__proto__` is a plain property here, and assigning to it keeps it one.
  for (const key of Object.keys(members)) members[key] = infinityToNaN(members[key]);
  return value;
}

class Refused extends Error {
  readonly code: -32700 | -32600;
  constructor(code: -32700 | -32600, message: string) {
    super(message);
    this.code = code;
  }
}

function malformed(why: string): never {
  throw new Refused(-32700, `Parse error: ${why}`);
}

function invalid(why: string): never {
  throw new Refused(-32600, `Invalid request: ${why}`);
}

// Where in the message an object lies: decides which of its keys mean something to us.
const OTHER = 0;
const ENVELOPE = 1;
const PARAMS = 2;
const META = 3;
const ARGUMENTS = 4;
const CLIENT_INFO = 5;

const knownKeys: Record<number, readonly string[]> = {
  [ENVELOPE]: ["jsonrpc", "id", "method", "params", "result", "error"],
  [PARAMS]: [
    ...["name", "arguments", "_meta", "uri", "taskId", "task", "cursor", "inputResponses", "requestState"],
    ...["protocolVersion", "capabilities", "clientInfo"],
  ],
  [META]: [
    ...["io.modelcontextprotocol/protocolVersion", "io.modelcontextprotocol/clientInfo", "progressToken"],
    ...["io.modelcontextprotocol/clientCapabilities", "io.modelcontextprotocol/logLevel"],
  ],
  [CLIENT_INFO]: ["name", "version"],
};

type KnownKey = { text: string; bytes: Buffer };
type KeysOfPlace = { byHash: Map<number, KnownKey>; byFoldedText: Map<string, KnownKey> };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;
const BRACKET_OPEN = 0x5b;
const BRACKET_CLOSE = 0x5d;
const COLON = 0x3a;
const COMMA = 0x2c;

const PLAIN = 0;
const CONTROL = 1;
const ENDS = 2; // a quote or a backslash
const ODD = 3; // in a key: not ASCII, or DEL, so the key has to be folded as text
const stringClass = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 ? CONTROL : byte === QUOTE || byte === BACKSLASH ? ENDS : PLAIN,
);
const keyClass = stringClass.map((kind, byte) => (byte >= 0x7f ? ODD : kind));
const lowerCase = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte));
const isSpace = Uint8Array.from({ length: 256 }, (_, byte) => ([0x20, 0x09, 0x0a, 0x0d].includes(byte) ? 1 : 0));

const places = new Map(
  Object.entries(knownKeys).map(([place, texts]): [number, KeysOfPlace] => {
    const keys = texts.map((text) => ({ text, bytes: Buffer.from(text) }));
    const byHash = new Map(keys.map((key) => [foldedHash(key.bytes), key]));
    if (byHash.size !== keys.length) throw new Error("two known keys share a hash");
    return [Number(place), { byHash, byFoldedText: new Map(keys.map((key) => [fold(key.text), key])) }];
  }),
);
const knownIn = [OTHER, ENVELOPE, PARAMS, META, ARGUMENTS, CLIENT_INFO].map((place) => places.get(place) ?? null);

// The state of the pass. Module variables, because the pass is synchronous and this is the hottest code of the gateway.
const nothing: Buffer = Buffer.alloc(0);
let bytes = nothing;
let at = 0;
let end = 0;
let nodes = 0;
let keys = 0;
let keyHash = 0;
let keyIsOdd = false;
let keyHasNul = false;
/** Hash, start and end of each key of the objects that are open. */
let openKeys = new Int32Array(3 * 256);
let openKeysTop = 0;

type Found = {
  jsonrpc: boolean;
  id: string | null;
  method: string | null;
  hasParams: boolean;
  outcomes: number;
  /** What is not as JSON-RPC wants it, said after the whole text proved to be JSON. */
  fault: string | null;
  message: Message;
};
let found: Found = nothingFound();

function nothingFound(): Found {
  return {
    jsonrpc: false,
    id: null,
    method: null,
    hasParams: false,
    outcomes: 0,
    fault: null,
    message: {
      kind: "request",
      id: null,
      method: "",
      name: null,
      uri: null,
      taskId: null,
      argumentsStart: -1,
      argumentsEnd: -1,
      inexactNumbers: [],
      metaVersion: undefined,
      requestedVersion: null,
      clientName: null,
      requestState: null,
    },
  };
}

let inexact: number[] = [];

function start(body: Buffer): void {
  bytes = body;
  at = 0;
  end = body.length;
  nodes = 0;
  keys = 0;
  openKeysTop = 0;
  inexact = [];
  found = nothingFound();
}

function message(): Message {
  const { message, id, method } = found;
  if (found.fault !== null) invalid(found.fault);
  if (!found.jsonrpc) invalid('`jsonrpc` must be "2.0"');
  message.inexactNumbers = inexact;
  message.id = id;
  if (method === null) {
    if (found.outcomes !== 1) invalid("a message has a `method`, or one of `result` and `error`");
    if (id === null) invalid("a response must have an `id`");
    message.kind = "response";
    return message;
  }
  if (found.outcomes !== 0) invalid("a message with a `method` has no `result` or `error`");
  message.method = method;
  message.kind = id === null ? "notification" : "request";
  return message;
}

function skipSpace(): void {
  while (at < end && isSpace[bytes[at] as number] === 1) at += 1;
}

function scanValue(depth: number, place: number): void {
  nodes += 1;
  if (nodes > nodesMax) malformed(`more than ${nodesMax} values`);
  switch (bytes[at]) {
    case QUOTE:
      scanString();
      break;
    case BRACE_OPEN:
      scanObject(depth + 1, place);
      break;
    case BRACKET_OPEN:
      scanArray(depth + 1, place === ARGUMENTS ? ARGUMENTS : OTHER);
      break;
    case 0x74:
      scanWord("true");
      break;
    case 0x66:
      scanWord("false");
      break;
    case 0x6e:
      scanWord("null");
      break;
    default:
      scanNumber(place);
  }
}

function scanWord(word: string): void {
  for (let i = 0; i < word.length; i += 1) {
    if (bytes[at + i] !== word.charCodeAt(i)) malformed("not JSON");
  }
  at += word.length;
}

function scanArray(depth: number, place: number): void {
  if (depth > depthMax) malformed(`nested deeper than ${depthMax}`);
  at += 1;
  skipSpace();
  if (bytes[at] === BRACKET_CLOSE) {
    at += 1;
    return;
  }
  for (;;) {
    scanValue(depth, place);
    skipSpace();
    const byte = bytes[at];
    at += 1;
    if (byte === BRACKET_CLOSE) return;
    if (byte !== COMMA) malformed("not JSON");
    skipSpace();
  }
}

function scanObject(depth: number, place: number): void {
  if (depth > depthMax) malformed(`nested deeper than ${depthMax}`);
  at += 1;
  skipSpace();
  if (bytes[at] === BRACE_CLOSE) {
    at += 1;
    return;
  }
  const known = knownIn[place] ?? null;
  const base = openKeysTop;
  let texts: Set<string> | null = null;
  for (;;) {
    if (bytes[at] !== QUOTE) malformed("not JSON");
    keys += 1;
    if (keys > keysMax) malformed(`more than ${keysMax} keys`);
    const keyStart = at + 1;
    scanKey();
    const keyEnd = at - 1;
    const meaning = known === null ? "" : meaningOf(known, keyStart, keyEnd);
    if (texts === null && (keyIsOdd || openKeysTop - base >= 3 * keysComparedMax)) {
      texts = textsOfKeys(base, place);
    }
    if (texts === null) compareKey(base, keyStart, keyEnd, place);
    else addKey(texts, keyText(keyStart, keyEnd, true), place);
    // A parser written in C ends a string at its first NUL: to it `name\u0000x` is `name`.
    if (keyHasNul && place !== OTHER) invalid("a key holds a NUL");
    rememberKey(keyStart, keyEnd);
    skipSpace();
    if (bytes[at] !== COLON) malformed("not JSON");
    at += 1;
    skipSpace();
    const valueStart = at;
    scanValue(depth, placeOf(place, meaning));
    if (meaning !== "") note(place, meaning, valueStart, at);
    skipSpace();
    const byte = bytes[at];
    at += 1;
    if (byte === BRACE_CLOSE) break;
    if (byte !== COMMA) malformed("not JSON");
    skipSpace();
  }
  openKeysTop = base;
}

/** Where the value of a key lies. */
function placeOf(place: number, meaning: string): number {
  if (place === ARGUMENTS) return ARGUMENTS;
  if (meaning === "") return OTHER;
  if (place === ENVELOPE) return meaning === "params" ? PARAMS : OTHER;
  if (place === META) return meaning === "io.modelcontextprotocol/clientInfo" ? CLIENT_INFO : OTHER;
  if (place !== PARAMS) return OTHER;
  if (meaning === "arguments") return ARGUMENTS;
  if (meaning === "_meta") return META;
  return meaning === "clientInfo" ? CLIENT_INFO : OTHER;
}

/** The known key that this key is, or "". A key that only looks like one is refused: some parsers take it for the real one. */
function meaningOf(known: KeysOfPlace, from: number, to: number): string {
  if (keyIsOdd) {
    const text = keyText(from, to, true);
    const key = known.byFoldedText.get(fold(text));
    if (key === undefined) return "";
    if (key.text !== text) invalid(`a key looks like \`${key.text}\` and is not`);
    return key.text;
  }
  const key = known.byHash.get(keyHash);
  if (key === undefined || !sameKey(key.bytes, 0, key.bytes.length, from, to, true)) return "";
  if (!sameKey(key.bytes, 0, key.bytes.length, from, to, false)) invalid(`a key looks like \`${key.text}\` and is not`);
  return key.text;
}

function compareKey(base: number, from: number, to: number, place: number): void {
  for (let i = base; i < openKeysTop; i += 3) {
    if (openKeys[i] !== keyHash) continue;
    const otherStart = openKeys[i + 1] as number;
    if (sameKey(bytes, otherStart, openKeys[i + 2] as number, from, to, place === ARGUMENTS)) givenTwice();
  }
}

function sameKey(
  other: Buffer,
  otherFrom: number,
  otherTo: number,
  from: number,
  to: number,
  folded: boolean,
): boolean {
  if (otherTo - otherFrom !== to - from) return false;
  for (let i = 0; i < to - from; i += 1) {
    const one = other[otherFrom + i] as number;
    const two = bytes[from + i] as number;
    if (one !== two && !(folded && lowerCase[one] === lowerCase[two])) return false;
  }
  return true;
}

function textsOfKeys(base: number, place: number): Set<string> {
  const texts = new Set<string>();
  for (let i = base; i < openKeysTop; i += 3) {
    addKey(texts, keyText(openKeys[i + 1] as number, openKeys[i + 2] as number, false), place);
  }
  return texts;
}

function addKey(texts: Set<string>, text: string, place: number): void {
  const compared = place === ARGUMENTS ? fold(text) : text;
  if (texts.has(compared)) givenTwice();
  texts.add(compared);
}

function givenTwice(): never {
  malformed("an object has the same key twice");
}

function keyText(from: number, to: number, mayBeOdd: boolean): string {
  if (!mayBeOdd) return bytes.toString("latin1", from, to);
  return JSON.parse(bytes.toString("utf8", from - 1, to + 1)) as string;
}

function rememberKey(from: number, to: number): void {
  if (openKeysTop + 3 > openKeys.length) {
    const larger = new Int32Array(openKeys.length * 2);
    larger.set(openKeys);
    openKeys = larger;
  }
  openKeys[openKeysTop] = keyHash;
  openKeys[openKeysTop + 1] = from;
  openKeys[openKeysTop + 2] = to;
  openKeysTop += 3;
}

/** From the opening quote of a key to behind the closing one; leaves its folded hash and whether it has to be read as text. */
function scanKey(): void {
  let i = at + 1;
  let hash = 0;
  keyIsOdd = false;
  keyHasNul = false;
  for (; i < end; i += 1) {
    const byte = bytes[i] as number;
    const kind = keyClass[byte];
    if (kind === PLAIN) {
      hash = (Math.imul(hash, 31) + (lowerCase[byte] as number)) | 0;
    } else if (byte === QUOTE) {
      keyHash = hash;
      at = i + 1;
      return;
    } else if (kind === CONTROL) {
      malformed("a control character in a string");
    } else {
      keyIsOdd = true;
      if (byte === BACKSLASH) {
        if (bytes[i + 1] === 0x75 && hexUnit(i + 2) === 0) keyHasNul = true;
        i = scanEscape(i) - 1;
      }
    }
  }
  malformed("the text ends inside a string");
}

function foldedHash(key: Buffer): number {
  let hash = 0;
  for (const byte of key) hash = (Math.imul(hash, 31) + (lowerCase[byte] as number)) | 0;
  return hash;
}

function scanString(): void {
  let i = at + 1;
  while (i < end) {
    const byte = bytes[i] as number;
    if (stringClass[byte] === PLAIN) {
      i += 1;
    } else if (byte === QUOTE) {
      at = i + 1;
      return;
    } else if (byte === BACKSLASH) {
      i = scanEscape(i);
    } else {
      malformed("a control character in a string");
    }
  }
  malformed("the text ends inside a string");
}

/** From a backslash to behind the escape. A surrogate must have its other half: alone it is no character. */
function scanEscape(backslash: number): number {
  switch (bytes[backslash + 1]) {
    case QUOTE:
    case BACKSLASH:
    case 0x2f:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return backslash + 2;
    case 0x75:
      break;
    default:
      malformed("not JSON");
  }
  const unit = hexUnit(backslash + 2);
  if (unit < 0xd800 || unit > 0xdfff) return backslash + 6;
  if (unit > 0xdbff) malformed("half of a surrogate pair");
  if (bytes[backslash + 6] !== BACKSLASH || bytes[backslash + 7] !== 0x75) malformed("half of a surrogate pair");
  const low = hexUnit(backslash + 8);
  if (low < 0xdc00 || low > 0xdfff) malformed("half of a surrogate pair");
  return backslash + 12;
}

function hexUnit(from: number): number {
  let unit = 0;
  for (let i = from; i < from + 4; i += 1) {
    const byte = i < end ? (bytes[i] as number) : 0;
    const lower = byte | 0x20;
    if (byte >= 0x30 && byte <= 0x39) unit = unit * 16 + byte - 0x30;
    else if (lower >= 0x61 && lower <= 0x66) unit = unit * 16 + lower - 0x57;
    else malformed("not JSON");
  }
  return unit;
}

/** Fifteen decimal digits always survive a double, unless an exponent takes them out of its range. */
const digitsAlwaysExact = 15;

function scanNumber(place: number): void {
  const from = at;
  if (bytes[at] === 0x2d) at += 1;
  const zero = bytes[at] === 0x30;
  let digits = scanDigits();
  if (zero && digits > 1) malformed("a number begins with 0");
  let exponent = false;
  if (bytes[at] === 0x2e) {
    at += 1;
    digits += scanDigits();
  }
  if (bytes[at] === 0x65 || bytes[at] === 0x45) {
    exponent = true;
    at += 1;
    if (bytes[at] === 0x2b || bytes[at] === 0x2d) at += 1;
    scanDigits();
  }
  if (place !== ARGUMENTS || (digits <= digitsAlwaysExact && !exponent)) return;
  if (!isExactNumber(bytes.toString("latin1", from, at))) inexact.push(from, at);
}

function scanDigits(): number {
  const from = at;
  while (at < end && (bytes[at] as number) >= 0x30 && (bytes[at] as number) <= 0x39) at += 1;
  if (at === from) malformed("not JSON");
  return at - from;
}

/** Keeps what a known key says. Called after its value was scanned, so the value is sound JSON. */
function note(place: number, meaning: string, from: number, to: number): void {
  const { message } = found;
  if (place === ENVELOPE) {
    noteEnvelope(meaning, from, to);
  } else if (place === META) {
    if (meaning === "io.modelcontextprotocol/protocolVersion") message.metaVersion = textAt(from, to);
  } else if (place === CLIENT_INFO) {
    if (meaning === "name") message.clientName = textAt(from, to);
  } else {
    noteParam(meaning, from, to);
  }
}

function noteParam(meaning: string, from: number, to: number): void {
  const { message } = found;
  if (meaning === "name") message.name = textAt(from, to);
  else if (meaning === "uri") message.uri = textAt(from, to);
  else if (meaning === "taskId") message.taskId = textAt(from, to);
  else if (meaning === "protocolVersion") message.requestedVersion = textAt(from, to);
  else if (meaning === "requestState") message.requestState = textAt(from, to);
  else if (meaning === "arguments") {
    message.argumentsStart = from;
    message.argumentsEnd = to;
    if (bytes[from] !== BRACE_OPEN) found.fault ??= "`arguments` must be an object";
  }
}

function noteEnvelope(meaning: string, from: number, to: number): void {
  switch (meaning) {
    case "jsonrpc":
      found.jsonrpc = textAt(from, to) === "2.0";
      return;
    case "id":
      found.id = idAt(from, to);
      if (found.id === null)
        found.fault ??= "`id` must be a string of at most 256 bytes or an integer within ±(2^53-1)";
      return;
    case "method":
      found.method = textAt(from, to);
      if (found.method === null) found.fault ??= "`method` must be a string";
      return;
    case "params":
      if (bytes[from] !== BRACE_OPEN) found.fault ??= "`params` must be an object";
      return;
    default:
      found.outcomes += 1;
  }
}

/** What nearly every message says: found by its bytes, and always the same string. */
const frequent: readonly KnownKey[] = ["2.0", "tools/call"].map((text) => ({ text, bytes: Buffer.from(text) }));

function textAt(from: number, to: number): string | null {
  if (bytes[from] !== QUOTE) return null;
  for (const word of frequent) {
    if (sameKey(word.bytes, 0, word.bytes.length, from + 1, to - 1, false)) return word.text;
  }
  const text = bytes.toString("utf8", from + 1, to - 1);
  return text.includes("\\") ? (JSON.parse(`"${text}"`) as string) : text;
}

function idAt(from: number, to: number): string | null {
  if (bytes[from] === QUOTE) return to - from - 2 <= idBytesMax ? bytes.toString("utf8", from, to) : null;
  // The one way to write an integer: `1.0` and `1e0` come back as `1` from most servers, and `-0` as `0`.
  if (to - from > 17) return null;
  const text = bytes.toString("latin1", from, to);
  const value = Number(text);
  return Number.isSafeInteger(value) && String(value) === text ? text : null;
}
