import { type Answer, counted, lines, shown, troubled } from "./answer.ts";
import type { Input } from "./commands.ts";
import type { Io } from "./io.ts";
import { painter } from "./paint.ts";
import { readPolicy } from "./policy-file.ts";
import { problemLine } from "./problem-lines.ts";
import { readTools } from "./tools-file.ts";

/** `policylayer validate FILE…` */
export async function validate({ files, values, flags }: Input, io: Io): Promise<Answer> {
  const listed = values.tools === undefined ? null : await readTools(values.tools, io);
  if (listed?.ok === false) return troubled(listed.trouble);
  const [good, bad] = [painter(io.colours.out), painter(io.colours.err)];
  const out: string[] = [];
  const err: string[] = [];
  const answers: object[] = [];
  let exitCode: Answer["exitCode"] = 0;
  for (const file of files) {
    const policy = await readPolicy(file, io, listed?.tools);
    if (!policy.ok) {
      answers.push({ file, ok: false, problems: [], error: policy.trouble });
      err.push(`policylayer: ${policy.trouble.message}`);
      exitCode = 2;
      continue;
    }
    const { problems } = policy;
    const errors = problems.filter(({ severity }) => severity === "error").length;
    const warnings = problems.length - errors;
    const ok = errors === 0 && !(flags.strict && warnings > 0);
    if (!ok && exitCode === 0) exitCode = 1;
    answers.push({ file, ok, problems });
    err.push(...problems.map((problem) => problemLine(file, problem, bad)));
    if (ok)
      out.push(`${shown(file)}: ${good("green", "ok")}${warnings > 0 ? `, ${counted(warnings, "warning")}` : ""}`);
    else err.push(`${shown(file)}: ${counted(errors, "error")}, ${counted(warnings, "warning")}`);
  }
  return { exitCode, json: { ok: exitCode === 0, files: answers }, out: lines(out), err: lines(err) };
}
