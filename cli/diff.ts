import { diff as differences } from "../policy/diff.ts";
import { type Answer, lines, troubled } from "./answer.ts";
import type { Input } from "./commands.ts";
import type { Io } from "./io.ts";
import { harmless } from "./paint.ts";
import { invalidPolicy, readPolicy } from "./policy-file.ts";
import { readTools } from "./tools-file.ts";

/** `policylayer diff OLD NEW` */
export async function diff({ files: [before = "", after = ""], values }: Input, io: Io): Promise<Answer> {
  const listed = values.tools === undefined ? null : await readTools(values.tools, io);
  if (listed?.ok === false) return troubled(listed.trouble);
  const documents = [];
  for (const file of [before, after]) {
    const policy = await readPolicy(file, io);
    if (!policy.ok) return troubled(policy.trouble);
    if (!policy.parsed.ok) return invalidPolicy(file, policy.problems, io);
    documents.push(policy.parsed.document);
  }
  const [old, changed] = documents;
  const found = old && changed ? differences(old, changed, listed?.tools ?? []) : [];
  const out = found.length === 0 ? ["nothing changes"] : found.map(({ sentence }) => harmless(sentence));
  return { exitCode: 0, json: { ok: true, same: found.length === 0, differences: found }, out: lines(out) };
}
