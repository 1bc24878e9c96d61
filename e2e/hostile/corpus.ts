// The corpus: requests that are data, one line each, in files by kind, and how each becomes bytes.
import { readdirSync, readFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";
import * as z from "zod";

type Piece =
  | string
  | { repeat: Piece | Piece[]; times: number }
  | { hex: string }
  | { utf16: string }
  | { gzip: Piece[] }
  | { brotli: Piece[] };

const pieceSchema: z.ZodType<Piece> = z.lazy(() =>
  z.union([
    z.string(),
    z.strictObject({ repeat: z.union([pieceSchema, z.array(pieceSchema)]), times: z.int() }),
    z.strictObject({ hex: z.string() }),
    z.strictObject({ utf16: z.string() }),
    z.strictObject({ gzip: z.array(pieceSchema) }),
    z.strictObject({ brotli: z.array(pieceSchema) }),
  ]),
);
const text = z.union([pieceSchema, z.array(pieceSchema)]);

/** A part of a raw request: bytes, or the body cut in pieces, or text that comes bit by bit. */
const rawSchema = z.union([
  pieceSchema,
  z.strictObject({ chunksOf: z.int() }),
  z.strictObject({ drip: z.int(), waitMs: z.int() }),
  z.strictObject({ dripText: z.string(), pieces: z.int(), waitMs: z.int() }),
]);

export const caseSchema = z.strictObject({
  name: z.string(),
  /** Which request it starts from: an allowed tools/call. `legacy` in an open session when left out. */
  as: z.enum(["legacy", "modern"]).optional(),
  /** The text of `params` of a tools/call. `{{keys}}` stands for as many members as `keys` says. */
  params: z.string().optional(),
  keys: z.int().optional(),
  body: text.optional(),
  method: z.string().optional(),
  path: text.optional(),
  /** Headers to be other, or gone (null). */
  set: z.record(z.string(), text.nullable()).optional(),
  add: z.array(z.tuple([z.string(), text])).optional(),
  /** The version that a modern body claims; null for no claim. */
  meta: z.string().nullable().optional(),
  metaRaw: z.string().optional(),
  /** The whole request instead of all of that. */
  raw: z.array(rawSchema).optional(),
  /** What the first answer must be; 0 for none. */
  status: z.union([z.int(), z.array(z.int())]),
  second: z.int().optional(),
  /** Of the JSON-RPC error. */
  code: z.int().optional(),
  /** What the answer must contain. */
  says: z.string().optional(),
  /** How many answers to wait for. */
  answers: z.int().optional(),
  /** `nothing` when left out; `same`: these very bytes; `harmless`: whatever the law allows. */
  arrives: z.enum(["nothing", "same", "harmless"]).optional(),
  /** A header that must arrive. */
  header: z.tuple([z.string(), z.string()]).optional(),
});
export type Case = z.infer<typeof caseSchema>;

const folder = new URL("corpus/", import.meta.url);

/** Every kind with its cases. */
export function readCorpus(): { kind: string; cases: Case[] }[] {
  return readdirSync(folder)
    .sort()
    .map((file) => ({
      kind: file.replace(/\.json$/, ""),
      cases: z.array(caseSchema).parse(JSON.parse(readFileSync(new URL(file, folder), "utf8"))),
    }));
}

export type Words = Readonly<Record<string, string>>;
export type Part = Buffer | { waitMs: number };

export type Request = { parts: Part[]; body: Buffer };

const echo = '{"name":"echo","arguments":{}}';
export const forbiddenCall = '{"jsonrpc":"2.0","id":66,"method":"tools/call","params":{"name":"drop","arguments":{}}}';
const modernVersion = "2026-07-28";

/** The bytes of a case. @param words What stands in double braces. */
export function requestOf(one: Case, words: Words): Request {
  const body = bodyOf(one, words);
  const all: Words = {
    ...words,
    body: body.toString("latin1"),
    length: String(body.length),
    hexLength: body.length.toString(16),
    forbidden: forbiddenCall,
    forbiddenLength: String(forbiddenCall.length),
  };
  if (one.raw !== undefined) return { parts: one.raw.flatMap((piece) => rawParts(piece, body, all)), body };

  const headers: [string, Buffer][] = [];
  const put = (name: string, value: string) => headers.push([name, Buffer.from(value)]);
  put("Host", "localhost");
  put("Authorization", `Bearer ${words.token}`);
  put("Content-Type", "application/json");
  put("Accept", "application/json, text/event-stream");
  if (one.as === "modern") {
    put("MCP-Protocol-Version", one.meta ?? modernVersion);
    put("Mcp-Method", "tools/call");
    put("Mcp-Name", "echo");
  } else {
    put("Mcp-Session-Id", words.session ?? "");
    put("MCP-Protocol-Version", "2025-11-25");
  }
  const changed = new Set(Object.keys(one.set ?? {}).map((name) => name.toLowerCase()));
  const kept = headers.filter(([name]) => !changed.has(name.toLowerCase()));
  for (const [name, value] of [...Object.entries(one.set ?? {}), ...(one.add ?? [])]) {
    if (value !== null) kept.push([name, bytesOf(value, all)]);
  }
  if (body.length > 0) kept.push(["Content-Length", Buffer.from(String(body.length))]);
  const path = bytesOf(one.path ?? "{{path}}", all);
  const head = [Buffer.from(`${one.method ?? "POST"} `), path, Buffer.from(" HTTP/1.1\r\n")];
  for (const [name, value] of kept) head.push(Buffer.from(`${name}: `), value, Buffer.from("\r\n"));
  return { parts: [Buffer.concat([...head, Buffer.from("\r\n")]), body], body };
}

function bodyOf(one: Case, words: Words): Buffer {
  if (one.body !== undefined) return bytesOf(one.body, words);
  let params = one.params ?? echo;
  if (one.keys !== undefined) {
    const members = Array.from({ length: one.keys }, (_, i) => `"k${i}":${i}`);
    params = params.replace("{{{keys}}}", `{${members.join()}}`).replace("{{keys}}", members.join());
  }
  if (one.as === "modern" && one.meta !== null) {
    const version = one.metaRaw ?? JSON.stringify(one.meta ?? modernVersion);
    const claim = `"io.modelcontextprotocol/protocolVersion":${version}`;
    const meta = `{${claim},"io.modelcontextprotocol/clientCapabilities":{}}`;
    params = `${params.slice(0, -1)},"_meta":${meta}}`;
  }
  return bytesOf(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`, words);
}

function rawParts(piece: z.infer<typeof rawSchema>, body: Buffer, words: Words): Part[] {
  if (typeof piece === "string") return [Buffer.from(filled(piece, words), "latin1")];
  if ("chunksOf" in piece) {
    return [...body].map((byte) => Buffer.concat([Buffer.from("1\r\n"), Buffer.from([byte]), Buffer.from("\r\n")]));
  }
  if ("drip" in piece) return drip(body, piece.drip, piece.waitMs);
  if ("dripText" in piece) return drip(Buffer.from(filled(piece.dripText, words)), piece.pieces, piece.waitMs);
  return [bytesOf(piece, words)];
}

function drip(bytes: Buffer, pieces: number, waitMs: number): Part[] {
  const size = Math.ceil(bytes.length / pieces);
  return Array.from({ length: pieces }, (_, i) => bytes.subarray(i * size, (i + 1) * size)).flatMap((part) => [
    part,
    { waitMs },
  ]);
}

function bytesOf(piece: Piece | Piece[], words: Words): Buffer {
  if (Array.isArray(piece)) return Buffer.concat(piece.map((one) => bytesOf(one, words)));
  if (typeof piece === "string") return Buffer.from(filled(piece, words));
  if ("hex" in piece) return Buffer.from(piece.hex, "hex");
  if ("utf16" in piece) return Buffer.from(piece.utf16, "utf16le");
  if ("gzip" in piece) return gzipSync(bytesOf(piece.gzip, words));
  if ("brotli" in piece) return brotliCompressSync(bytesOf(piece.brotli, words));
  const unit = bytesOf(piece.repeat, words);
  return Buffer.alloc(unit.length * piece.times, unit);
}

function filled(template: string, words: Words): string {
  return template.replace(/\{\{([\w-]+)\}\}/g, (_, word: string) => {
    const value = words[word];
    if (value === undefined) throw new Error(`no word for {{${word}}}`);
    return value;
  });
}
