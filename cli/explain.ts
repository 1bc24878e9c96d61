import { explain as explainPolicy } from "../policy/explain.ts";
import { type Reach, reachable } from "../policy/reachable.ts";
import { type Answer, counted, lines, troubled } from "./answer.ts";
import type { Input } from "./commands.ts";
import type { Io } from "./io.ts";
import { harmless, type Paint, painter } from "./paint.ts";
import { invalidPolicy, readPolicy } from "./policy-file.ts";
import { readTools } from "./tools-file.ts";

const reachWords: Record<Reach, string> = {
  freely: "freely",
  under_conditions: "under conditions",
  with_approval: "with approval",
  never: "never",
};

/** `policylayer explain FILE` */
export async function explain({ files: [file = "-"], values }: Input, io: Io): Promise<Answer> {
  const listed = values.tools === undefined ? null : await readTools(values.tools, io);
  if (listed?.ok === false) return troubled(listed.trouble);
  const policy = await readPolicy(file, io, listed?.tools);
  if (!policy.ok) return troubled(policy.trouble);
  const { parsed, problems } = policy;
  if (!parsed.ok) return invalidPolicy(file, problems, io);
  const paint = painter(io.colours.out);
  const sentences = explainPolicy(parsed.policy);
  const out = sentences.map(({ pointer, sentence }) => `${harmless(sentence)}  ${paint("dim", harmless(pointer))}`);
  if (listed === null) return { exitCode: 0, json: { ok: true, file, problems, sentences }, out: lines(out) };

  const reached = reachable(parsed.policy, listed.tools).map(({ tool, reach, pointer }, index) => {
    const { category = "Other", severity = "medium" } = listed.tools[index] ?? {};
    return { tool, category, severity, reach, pointer };
  });
  out.push("", ...reachLines(reached, paint));
  return { exitCode: 0, json: { ok: true, file, problems, sentences, reachable: reached }, out: lines(out) };
}

type Reached = { tool: string; category: string; reach: Reach; pointer: string };

function reachLines(reached: readonly Reached[], paint: Paint): string[] {
  const callable = reached.filter(({ reach }) => reach !== "never").length;
  const said = [paint("bold", `${callable} of ${counted(reached.length, "tool")} can be called`)];
  for (const reach of Object.keys(reachWords) as Reach[]) {
    for (const one of reached.filter((candidate) => candidate.reach === reach)) {
      const [words, category] = [reachWords[reach].padEnd(16), one.category.padEnd(11)];
      said.push(`  ${words}  ${category}  ${harmless(one.tool)}  ${paint("dim", harmless(one.pointer))}`);
    }
  }
  return said;
}
