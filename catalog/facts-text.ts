import type { ServerFacts, ToolFacts } from "./facts.ts";

/**
 * Facts as a file: keys in the order of their schema, one tool a line, so that a new version of a server reads well as a diff. What
 * the schema takes for granted (`listed`, `declared`, no findings) is not written.
 */
export function factsText({ tools, ...server }: ServerFacts): string {
  const head = Object.entries(server).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`);
  const lines = tools.map((tool) => `    ${JSON.stringify(spoken(tool))}`);
  const list = lines.length === 0 ? "[]" : `[\n${lines.join(",\n")}\n  ]`;
  return `{\n${head.join("\n")}\n  "tools": ${list}\n}\n`;
}

function spoken({ presence, parameters, findings, ...tool }: ToolFacts) {
  const { name, summary, ...rest } = tool;
  return {
    name,
    ...(presence === "listed" ? {} : { presence }),
    ...(summary !== undefined && { summary }),
    parameters: parameters.map(({ declared, ...parameter }) => ({ ...parameter, ...(declared ? {} : { declared }) })),
    ...rest,
    ...(findings.length > 0 && { findings }),
  };
}
