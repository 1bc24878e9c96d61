// `policylayer verify`: checks an export of the evidence, offline.
import { readKey, sha256 } from "../evidence/format.ts";
import { type Broken, type Held, type Verified, verifyExport } from "../evidence/verify.ts";
import { type Answer, counted, lines, shown, troubled, unreadable } from "./answer.ts";
import type { Input } from "./commands.ts";
import type { Io } from "./io.ts";
import { harmless, painter } from "./paint.ts";

/** `policylayer verify EXPORT`: exit code 1 when anything in it is not as it was sealed. */
export async function verify({ files, values, flags }: Input, io: Io): Promise<Answer> {
  const file = files[0] ?? "-";
  const keys = await keysIn(values.key, io);
  if ("exitCode" in keys) return keys;
  const held = await heldIn(values.head, io);
  if (held !== null && "exitCode" in held) return held;
  let trouble: string | null = null;
  async function* texts(): AsyncGenerator<string> {
    for await (const line of io.lines(file)) {
      if (!line.ok) {
        trouble = line.message;
        return;
      }
      yield line.text;
    }
  }
  const organisationId = values.organisation ?? null;
  const answer = await verifyExport(texts(), { keys, held, organisationId, complete: flags.complete === true });
  if (trouble !== null) return troubled(unreadable(file, trouble));
  return answer.ok ? passed(file, answer.verified, keys.length > 0, io) : broken(file, answer.broken, io);
}

async function keysIn(file: string | undefined, io: Io): Promise<string[] | Answer> {
  if (file === undefined) return [];
  const read = await io.read(file);
  if (!read.ok) return troubled(unreadable(file, read.message));
  const key = readKey(read.text);
  if (key === null) return troubled({ code: "unreadable", message: `${shown(file)} holds no Ed25519 public key` });
  return [key];
}

/** A hash, or a file that a head was kept in. */
async function heldIn(value: string | undefined, io: Io): Promise<Held | Answer | null> {
  if (value === undefined) return null;
  if (/^[0-9a-f]{64}$/.test(value)) return { sequence: null, hash: value };
  const read = await io.read(value);
  if (!read.ok) return troubled(unreadable(value, read.message));
  try {
    const { sequence, hash } = JSON.parse(read.text) as { sequence?: unknown; hash?: unknown };
    if (typeof hash === "string" && typeof sequence === "number") return { sequence, hash };
  } catch {
    if (/^[0-9a-f]{64}$/.test(read.text.trim())) return { sequence: null, hash: read.text.trim() };
  }
  return troubled({ code: "unreadable", message: `${shown(value)} holds no head of a link` });
}

function passed(file: string, verified: Verified, isTrusted: boolean, io: Io): Answer {
  const paint = painter(io.colours.out);
  const { organisationId, links, records, dropped, head, keys, anchored } = verified;
  const said = [
    `${shown(file)}: ${paint("green", "verified")}`,
    `  organisation  ${harmless(organisationId)}`,
    `  records       ${records} in ${counted(links, "link")}${anchored ? ", going on from a signed head" : ", from the first on"}`,
    ...(dropped > 0 ? [`  dropped       ${dropped} no longer kept; their links still verify`] : []),
    ...(head ? [`  newest head   link ${head.sequence}, ${head.hash}`] : []),
    ...keys.map((key) => `  signed by     ${key} (${sha256(key).slice(0, 16)})`),
  ];
  const notice =
    isTrusted || keys.length === 0
      ? ""
      : "policylayer: the key came with the export. Give the key that you know with --key to be sure who signed it.\n";
  return { exitCode: 0, json: { ok: true, file, trusted: isTrusted, ...verified }, out: lines(said), err: notice };
}

function broken(file: string, { message, line, ...more }: Broken, io: Io): Answer {
  const paint = painter(io.colours.err);
  const which = more.recordId === null ? "" : ` (${harmless(more.recordId)})`;
  const text = `${shown(file)}:${line}: ${paint("red", more.way.replaceAll("_", " "))}: ${harmless(message)}${which}\n`;
  return { exitCode: 1, json: { ok: false, file, broken: { message, line, ...more } }, err: text };
}
