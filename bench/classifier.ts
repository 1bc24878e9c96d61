// npx tsx bench/classifier.ts LABELLED.jsonl… [--toollists FOLDER]: how well the classifier does on labelled tools, as it is and
// as a table made without their servers would; what it takes hostile definitions for; and with a folder of answers to
// tools/list, how long those take. The data stays where it is: none of it is part of the project.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { classify } from "../catalog/classify.ts";
import { hostileCases, shortfall } from "../catalog/hostile.test-support.ts";
import type { ToolDefinition } from "../catalog/schema.ts";
import { crossValidated } from "./classifier/folds.ts";
import { labelledTools } from "./classifier/labelled.ts";
import { type Answered, confusion, explained, figures, worstMistakes } from "./classifier/score.ts";

const parts = 10;
const worstShown = 10;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { toollists: { type: "string" } } });
if (positionals.length === 0 && values.toollists === undefined) {
  console.error("use it like: npx tsx bench/classifier.ts LABELLED.jsonl… [--toollists FOLDER]");
  process.exit(2);
}

// First, while nothing is warm: a command that classifies once has no second run.
if (values.toollists !== undefined) time(values.toollists);

for (const file of positionals) {
  const tools = labelledTools(file);
  const servers = new Set(tools.map(({ server }) => server)).size;
  console.log(`\n${path.basename(file)}: ${tools.length} tools of ${servers} servers`);
  report(
    "as it is",
    tools.map((tool) => ({ ...tool, answer: classify(tool.definition) })),
  );
  const { answered, removed } = crossValidated(tools, Math.min(parts, servers));
  report(`by servers, in ${removed.length} parts, each without ${removed.join(", ")} words of the table`, answered);
  console.log(`\nthe ${worstShown} worst mistakes of these`);
  for (const mistake of worstMistakes(answered, worstShown)) console.log(explained(mistake).join("\n"));
}

const cases = readFileSync(new URL("../catalog/cases/hostile.json", import.meta.url), "utf8");
const hostile = hostileCases(cases).map((one) => ({ one, troubles: shortfall(one, classify(one.definition)) }));
const fooled = hostile.filter(({ troubles }) => troubles.length > 0);
console.log(
  `\nhostile definitions: ${hostile.length - fooled.length} of ${hostile.length} are taken for what they are`,
);
for (const { one, troubles } of fooled) console.log(`  ${one.it}: ${troubles.join("; ")}`);

function report(how: string, answered: readonly Answered[]): void {
  console.log(`\n${how}\n${[...figures(answered), ...confusion(answered)].join("\n")}`);
}

function time(folder: string): void {
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  const tools = files.flatMap((file) => {
    const list: { tools?: ToolDefinition[] } = JSON.parse(readFileSync(path.join(folder, file), "utf8"));
    return list.tools ?? [];
  });
  for (const run of ["first run", "second run", "third run"]) {
    const cpu = process.cpuUsage();
    const start = performance.now();
    for (const tool of tools) classify(tool);
    const ms = performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    console.log(
      `${tools.length} definitions, ${run}: ${ms.toFixed(0)} ms (${((user + system) / 1000).toFixed(0)} ms of processor)`,
    );
  }
}
