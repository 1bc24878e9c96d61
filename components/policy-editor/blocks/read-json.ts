import { parseJson, plainValue } from "../../../policy/json.ts";
import { capital } from "./capital.ts";

/** A JSON text read as strictly as a document: no duplicate keys, no numbers that cannot be held. */
export function readJson(text: string): { ok: true; value: unknown } | { ok: false; message: string } {
  if (text.trim() === "") return { ok: false, message: "Enter a JSON value" };
  const { root, problems } = parseJson(text);
  const [first] = problems;
  if (root !== null && first === undefined) return { ok: true, value: plainValue(root) };
  const message = first?.message ?? "this is no JSON";
  const line = first?.from === undefined ? 1 : text.slice(0, first.from).split("\n").length;
  const place = text.includes("\n") ? `Line ${line}: ` : "";
  return { ok: false, message: place + (place ? message : capital(message)) };
}

/** `readJson` as a field's check. */
export function jsonProblem(text: string): string | null {
  const read = readJson(text);
  return read.ok ? null : read.message;
}
