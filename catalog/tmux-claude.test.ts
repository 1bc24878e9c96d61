// The server of the page this product was asked for, as its source has it.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { declaredTools, listedTools, unlistedTools, vmTools } from "../e2e/servers/tmux-claude-tools.ts";
import { serverFactsSchema } from "./facts.ts";
import { severityOf } from "./schema.ts";

const file = new URL("data/servers/tmux-claude.json", import.meta.url);
const server = serverFactsSchema.parse(JSON.parse(readFileSync(file, "utf8")));
const names = (presence: string) => server.tools.filter((tool) => tool.presence === presence).map(({ name }) => name);
const toolOf = (name: string) => server.tools.find((tool) => tool.name === name);

describe("tmux-claude in the catalog", () => {
  it("declares 26 tools: 14 that it lists, 3 that it never lists, 9 for machines in a module that nothing wires up", () => {
    expect(names("listed")).toEqual(
      "spawn send read list terminate restart executeParallel getParallelStatus distributeWork merge_manager_work check_workspace_conflicts sync_manager_branch commit_manager_work get_workspace_status".split(
        " ",
      ),
    );
    expect(names("declared")).toEqual([
      ...["enhancedSend", "enhancedRead", "subscribe"],
      ...["vm_create", "vm_list", "vm_start", "vm_stop", "vm_terminate", "vm_status", "vm_ssh"],
      ...["vm_create_image", "vm_bulk_create"],
    ]);
    expect(names("listed").length + names("declared").length).toBe(26);
  });

  it("answers to three more that it neither declares nor lists, which the 26 do not count", () => {
    expect(names("unlisted")).toEqual(["getProgress", "getGitBranch", "mergeBranch"]);
    for (const name of names("unlisted")) expect(toolOf(name)).not.toHaveProperty("definitionHash");
  });

  it("lets the caller of every listed tool, and of one more, name its own role in an argument that none declares", () => {
    const readers = server.tools.filter(({ parameters }) => parameters.some(({ name }) => name === "_callerRole"));
    expect(readers.map(({ name }) => name)).toEqual([...names("listed"), "mergeBranch"]);
    const undeclared = server.tools.flatMap(({ parameters }) => parameters.filter(({ declared }) => !declared));
    expect(new Set(undeclared.map(({ name }) => name))).toEqual(new Set(["_callerRole", "_callerInstanceId"]));
  });

  it("has vm_create_image as the page shows it, with the one sentence that is quoted", () => {
    const tool = toolOf("vm_create_image");
    expect(tool).toMatchObject({ category: "Execute", severity: "high", summary: "Create an AMI from a VM instance" });
    expect(tool?.signals.map(({ quote }) => quote)).toContain("Create an AMI from a VM instance");
    expect(tool?.parameters.map(({ name, required }) => [name, required])).toEqual([
      ["identifier", true],
      ["imageName", true],
      ["description", false],
    ]);
  });

  it.each([
    ["vm_terminate", "Destructive"],
    ["terminate", "Destructive"],
    ["merge_manager_work", "Destructive"],
    ["spawn", "Execute"],
    ["executeParallel", "Execute"],
    ["vm_bulk_create", "Execute"],
    ["commit_manager_work", "Write"],
    ["list", "Read"],
    ["vm_list", "Read"],
  ])("counts %s as %s", (name, category) => {
    expect(toolOf(name)?.category).toBe(category);
  });

  it("repeats none of the server's other sentences", () => {
    for (const tool of server.tools) {
      expect(tool.severity).toBe(severityOf[tool.category]);
      expect(tool.summary, tool.name).toMatch(/^[A-Z][^\n]{10,110}[^.]$/);
      if (tool.name === "vm_create_image") continue;
      const quotes = tool.signals.filter(({ source }) => source === "description").map(({ quote }) => quote);
      expect(quotes.filter((quote) => quote !== null)).toEqual([]);
    }
  });

  it("takes the arguments that the stand-in of our tests takes", () => {
    const standIn = [...listedTools, ...declaredTools, ...vmTools, ...unlistedTools];
    const own = server.tools.map(({ name, parameters }) => ({
      name,
      arguments: parameters.filter((one) => one.declared && !/[.[]/.test(one.name)).map((one) => one.name),
      required: parameters.filter((one) => one.required && !/[.[]/.test(one.name)).map((one) => one.name),
    }));
    expect(
      standIn.map(({ name, inputSchema: { properties, required = [] } }) => ({
        name,
        arguments: Object.keys(properties),
        required,
      })),
    ).toEqual(own);
  });
});
