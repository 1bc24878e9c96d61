// Every policy that the catalog recommends for what it ships, through the real parser and the real engine.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { type ServerFacts, serverFactsSchema } from "../catalog/facts.ts";
import { codeOf, enforced, fateOf, promisedFate } from "./fate.test-support.ts";
import { type RecommendedTool, recommendedForServer, recommendedForTool, schemaOf } from "./recommend.ts";
import { recommendationFor } from "./recommended-rules.ts";
import { parseWithTools } from "./warn-tools.ts";

// Thousands of documents, on machines that are busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

const folder = new URL("../catalog/data/servers/", import.meta.url);
const servers: ServerFacts[] = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .map((file) => serverFactsSchema.parse(JSON.parse(readFileSync(new URL(file, folder), "utf8"))));

const roles = ["_callerRole", "_CallerRole", "_callerrole", "_callerRole\u0000", "_callerRole\u200b"];
const listed = (tools: readonly RecommendedTool[]) =>
  tools.map(({ name, category, parameters = [] }) => ({ name, category, inputSchema: schemaOf(parameters) }));

describe("the recommended policies of the shipped servers", () => {
  it("are for as many servers as there are files", () => {
    expect(servers.length).toBeGreaterThan(0);
  });

  it.each(servers.map((server) => [server.slug, server] as const))("of %s do what their pages say", (_, server) => {
    const known = listed(server.tools);
    const whole = recommendedForServer(server.tools);
    const wholeParsed = parseWithTools(whole.text, known);
    expect(wholeParsed).toMatchObject({ ok: true, problems: [] });
    const wholePolicy = enforced(whole.text, wholeParsed);
    expect(wholePolicy.document).toEqual(whole.document);
    expect(codeOf(wholePolicy, { name: "a tool of tomorrow", category: "Read" }, {})).toBe("default_deny");

    for (const tool of server.tools) {
      const kind = recommendationFor(tool);
      const single = recommendedForTool(tool);
      expect(single.kind, tool.name).toBe(kind);
      const policy = enforced(single.text, parseWithTools(single.text, known));
      expect(policy.problems, tool.name).toEqual([]);
      expect(policy.document).toEqual(single.document);
      expect(fateOf(policy, tool), tool.name).toEqual(promisedFate(kind, single.document.tools?.[tool.name]));

      // Every other tool, and whatever looks like this one.
      for (const other of server.tools) {
        if (other.name === tool.name) continue;
        const code = codeOf(policy, other, {});
        if (code !== "default_deny") expect(code, `${other.name} under ${tool.name}'s policy`).toBe("default_deny");
      }
      for (const name of [`${tool.name}\u200b`, `${tool.name} `, `x${tool.name}`]) {
        expect(codeOf(policy, { name, category: "Read" }, {}), name).toBe("default_deny");
      }

      const inWhole = fateOf(wholePolicy, tool);
      if (tool.presence === "unlisted") expect(inWhole.code, tool.name).toBe("default_deny");
      else expect(inWhole, tool.name).toEqual(promisedFate(kind, whole.document.tools?.[tool.name]));
    }
  });

  it("refuse a role that the caller gives itself, however it is spelt", () => {
    for (const server of servers) {
      const readsRole = server.tools.filter(({ parameters }) => parameters.some(({ name }) => name === "_callerRole"));
      if (readsRole.length === 0) continue;
      const whole = enforced(recommendedForServer(server.tools).text);
      for (const tool of server.tools.filter((one) => one.presence !== "unlisted" && one.category !== "Destructive")) {
        for (const role of roles) {
          expect(["denied", "ambiguous_argument"], tool.name).toContain(codeOf(whole, tool, { [role]: "executive" }));
        }
      }
      for (const tool of readsRole.filter(({ category }) => category !== "Destructive")) {
        const single = enforced(recommendedForTool(tool).text);
        for (const role of roles) {
          expect(["denied", "ambiguous_argument"], tool.name).toContain(codeOf(single, tool, { [role]: "executive" }));
        }
      }
    }
  });
});
