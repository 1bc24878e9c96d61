// Reads a request's body as JSON that means one thing only. `JSON.parse` takes the last of two equal keys; a reviewer or
// another parser may have read the first, so such a body is refused instead.
import { createScanner, findNodeAtLocation, format, type Node, parseTree } from "jsonc-parser";
import { isExactNumber } from "../../policy/number.ts";
import { documentBytesMax } from "../../policy/schema.ts";
import { type Refusal, refuse } from "./refusals.ts";

/** 2 MiB. */
export const bodyBytesMax = 2 * 1024 * 1024;
const depthMax = 64;

/** A body and its text: a policy inside it is kept as its author wrote it. */
export type JsonBody = { value: unknown; text: string };

/** Reads at most `bodyBytesMax` bytes, whatever `Content-Length` says. */
export async function readJsonBody(request: Request): Promise<JsonBody | Refusal> {
  if (!/^application\/json\s*(?:;|$)/i.test(request.headers.get("content-type") ?? ""))
    return refuse("unsupported_media_type");
  if (Number(request.headers.get("content-length")) > bodyBytesMax) return refuse("body_too_large");

  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body?.getReader();
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
    size += next.value.byteLength;
    if (size > bodyBytesMax) {
      await reader?.cancel();
      return refuse("body_too_large");
    }
    chunks.push(next.value);
  }
  return parseStrictly(Buffer.concat(chunks));
}

export function parseStrictly(bytes: Uint8Array): JsonBody | Refusal {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (cause) {
    return refuse("invalid_json", { detail: cause instanceof SyntaxError ? cause.message : "The body is not UTF-8." });
  }
  const error = findAmbiguity(text);
  return error ? refuse("invalid_json", { detail: error.message, errors: [error] }) : { value, text };
}

/** `SyntaxKind` of jsonc-parser, a const enum that a module compiled by itself cannot read. */
const tokens = { openBrace: 1, closeBrace: 2, openBracket: 3, closeBracket: 4, comma: 5, string: 10, end: 17 } as const;

type Level = { pointer: string; keys: Set<string> | null; index: number; key: string };

/** Walks the tokens of valid JSON. Keeps its own stack: nesting is the sender's choice, our call stack is not. */
function findAmbiguity(text: string): { pointer: string; message: string } | null {
  const scanner = createScanner(text, true);
  const levels: Level[] = [];
  let expectsKey = false;
  for (let token: number = scanner.scan(); token !== tokens.end; token = scanner.scan()) {
    const level = levels.at(-1);
    const here = level ? `${level.pointer}/${level.keys ? escapePointer(level.key) : level.index}` : "";
    switch (token) {
      case tokens.openBrace:
      case tokens.openBracket: {
        if (levels.length === depthMax) return { pointer: here, message: `is nested more than ${depthMax} deep` };
        const isObject = token === tokens.openBrace;
        levels.push({ pointer: here, keys: isObject ? new Set() : null, index: 0, key: "" });
        expectsKey = isObject;
        break;
      }
      case tokens.closeBrace:
      case tokens.closeBracket:
        levels.pop();
        expectsKey = false;
        break;
      case tokens.comma:
        if (level) level.index += 1;
        expectsKey = level?.keys != null;
        break;
      case tokens.string: {
        const string = scanner.getTokenValue();
        // Postgres cannot store this character, and no name or policy needs it.
        if (string.includes("\0")) return { pointer: here, message: "has the character U+0000" };
        if (/\p{Surrogate}/u.test(string)) return { pointer: here, message: "has half of a surrogate pair" };
        if (!expectsKey || !level?.keys) break;
        level.key = string;
        if (level.keys.has(string)) {
          return { pointer: `${level.pointer}/${escapePointer(string)}`, message: "is there twice" };
        }
        level.keys.add(string);
        expectsKey = false;
        break;
      }
      default:
        break;
    }
  }
  return null;
}

function escapePointer(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

/**
 * The text of a policy document in a body. A string is the text itself; of an object the very characters are taken, laid
 * out with two spaces: what `JSON.parse` would do to key order, large numbers and a key named `__proto__` must not happen
 * between an author and the policy.
 */
export function documentText(body: JsonBody, document: unknown): string {
  if (typeof document === "string") return document;
  const root = parseTree(body.text);
  const node = root && findNodeAtLocation(root, ["document"]);
  if (!node) throw new Error("the body has no document");
  const source = body.text.slice(node.offset, node.offset + node.length);
  // Too long to be a policy in any layout; it is refused as it came.
  if (source.length > documentBytesMax) return source;
  const edits = format(source, undefined, { insertSpaces: true, tabSize: 2, eol: "\n", keepLines: false });
  // Put together at once: an edit at every token, each on a new copy of the text, would take minutes.
  const pieces: string[] = [];
  let from = 0;
  for (const { offset, length, content } of edits) {
    pieces.push(source.slice(from, offset), content);
    from = offset + length;
  }
  return pieces.join("") + source.slice(from);
}

/** A member of a body as the gateway reads the arguments of a call: NaN is a number that a double cannot hold exactly. */
export function exactMember(body: JsonBody, name: string): unknown {
  const root = parseTree(body.text);
  const node = root && findNodeAtLocation(root, [name]);
  return node && exactValue(body.text, node);
}

function exactValue(text: string, node: Node): unknown {
  const { children = [] } = node;
  if (node.type === "array") return children.map((child) => exactValue(text, child));
  if (node.type === "object") {
    // Not by assignment: `__proto__` is a key like any other here.
    return Object.fromEntries(
      children.map(({ children: [key, value] = [] }) => [key?.value, value && exactValue(text, value)]),
    );
  }
  const isInexact = node.type === "number" && !isExactNumber(text.slice(node.offset, node.offset + node.length));
  return isInexact ? Number.NaN : node.value;
}
