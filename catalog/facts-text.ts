import type { ServerFacts } from "./facts.ts";

/** Facts as a file: keys in the order of their schema, one tool a line, so that a new version of a server reads well as a diff. */
export function factsText({ tools, ...server }: ServerFacts): string {
  const head = Object.entries(server).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`);
  const lines = tools.map((tool) => `    ${JSON.stringify(tool)}`);
  const list = lines.length === 0 ? "[]" : `[\n${lines.join(",\n")}\n  ]`;
  return `{\n${head.join("\n")}\n  "tools": ${list}\n}\n`;
}
