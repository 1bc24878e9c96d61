import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { attackGroups } from "./attacks/attack.ts";
import { type AttackedTool, attacks, attacksFor, attacksOn, findAttack } from "./attacks.ts";
import { type ServerFacts, serverFactsSchema, type ToolParameter } from "./facts.ts";
import { riskCategories, severityOf } from "./schema.ts";

const root = path.dirname(import.meta.dirname);

/** The patterns that catalog.md promises. */
const promised = [
  "tool-poisoning",
  "rug-pull",
  "server-name-typosquatting",
  "compromised-package",
  "indirect-prompt-injection",
  "confused-deputy",
  "token-passthrough",
  "credential-leak",
  "data-exfiltration",
  "runaway-loops",
  "argument-injection",
  "privilege-escalation-by-argument",
  "destructive-action-by-mistake",
  "excessive-spend",
  "session-hijack",
  "tool-shadowing",
  "consent-fatigue",
];

describe("the attack library", () => {
  it("has every pattern once", () => {
    expect(attacks.map(({ slug }) => slug).sort()).toEqual(promised.sort());
    expect(new Set(attacks.map(({ title }) => title)).size).toBe(attacks.length);
    expect(new Set(attacks.map(({ group }) => group)).size).toBe(attackGroups.length);
  });

  it.each(attacks.map((attack) => [attack.slug, attack] as const))("says all there is to say: %s", (_slug, attack) => {
    const { mechanism, preconditions, needs, detection, containment, gateway, limits } = attack;
    for (const list of [preconditions, needs, detection, containment, gateway, limits]) {
      expect(list.length).toBeGreaterThanOrEqual(1);
    }
    expect(mechanism.length).toBeGreaterThanOrEqual(3);
    expect(limits.length).toBeGreaterThanOrEqual(2);
    expect(attack.demonstrations.length).toBeGreaterThanOrEqual(1);
    for (const sentence of [mechanism, preconditions, needs, detection, containment, gateway, limits].flat()) {
      expect(sentence).toMatch(/[.)]$/);
    }
    expect(attack.title).not.toMatch(/[.]$/);
    expect(attack.oneLine).toMatch(/\.$/);
    expect(attack.slug).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(attack.sources.length).toBeGreaterThanOrEqual(3);
    for (const { title, url, date } of attack.sources) {
      expect(title).not.toBe("");
      expect(new URL(url).protocol).toBe("https:");
      expect(date ?? "2025").toMatch(/^\d{4}(-\d{2}(-\d{2})?)?$/);
    }
  });

  it("names tests that exist", () => {
    const named = attacks.flatMap(({ gatewayTest, furtherTests }) => [gatewayTest ?? [], furtherTests].flat());
    expect(named.length).toBeGreaterThan(attacks.length);
    for (const one of named) {
      const [file = "", name = ""] = one.split(" › ");
      expect(existsSync(path.join(root, file)), file).toBe(true);
      const source = readFileSync(path.join(root, file), "utf8");
      // A test that is written once for all patterns has the pattern's slug as `${slug}`.
      const [slug, said = ""] = name.split(": ");
      const isNamed = source.includes(name) || (source.includes(`\${slug}: ${said}`) && slug && findAttack(slug));
      expect(isNamed, one).toBeTruthy();
    }
  });

  it("has a test against a real gateway for all that is stopped", () => {
    const stopped = attacks.filter(({ standing }) => standing === "stopped");
    expect(stopped.length).toBeGreaterThan(5);
    for (const { slug, gatewayTest } of stopped) {
      expect(gatewayTest, slug).toMatch(/^gateway\/attacks\.integration\.test\.ts › /);
    }
  });
});

const argument = (name: string, types: ToolParameter["types"] = ["string"]): ToolParameter => ({
  name,
  types,
  required: false,
  declared: true,
});
const tool = (
  name: string,
  category: AttackedTool["category"],
  args: string[] = [],
  signals: AttackedTool["signals"] = [],
): AttackedTool => ({
  name,
  category,
  severity: severityOf[category],
  parameters: args.map((each) => argument(each)),
  signals,
});
const slugsFor = (one: AttackedTool) => attacksFor(one).map(({ slug }) => slug);

describe("the patterns of a category", () => {
  it("are several, and the one that is made for it is among the first", () => {
    const expected = {
      Read: "indirect-prompt-injection",
      Destructive: "destructive-action-by-mistake",
      Financial: "excessive-spend",
    };
    for (const category of riskCategories) expect(attacksOn(category).length).toBeGreaterThanOrEqual(5);
    for (const [category, slug] of Object.entries(expected)) {
      const slugs = attacksOn(category as keyof typeof expected).map((attack) => attack.slug);
      expect(slugs.slice(0, 3)).toContain(slug);
    }
  });
});

describe("the patterns of a tool", () => {
  it.each<[AttackedTool, first: string, ...others: string[]]>([
    [
      tool("mergeBranch", "Execute", ["instanceId", "_callerRole"]),
      "privilege-escalation-by-argument",
      "runaway-loops",
    ],
    [tool("vm_create_image", "Execute", ["identifier", "imageName"]), "runaway-loops"],
    [tool("vm_create", "Execute", ["name", "instanceType", "maxPrice"]), "excessive-spend", "runaway-loops"],
    [tool("execute_command", "Execute", ["command", "cwd"]), "argument-injection", "runaway-loops"],
    [tool("run_sql", "Execute", ["sql"]), "argument-injection"],
    [tool("read_file", "Read", ["path"]), "argument-injection", "data-exfiltration"],
    [tool("fetch", "Read", ["url"]), "indirect-prompt-injection", "argument-injection"],
    [tool("send_email", "Write", ["to", "subject", "body"]), "data-exfiltration", "tool-shadowing"],
    [tool("delete_repository", "Destructive", ["owner", "repo"]), "destructive-action-by-mistake", "confused-deputy"],
    [tool("create_refund", "Financial", ["charge", "amount"]), "excessive-spend", "runaway-loops", "consent-fatigue"],
    [tool("get_environment", "Read"), "credential-leak"],
    [tool("frobnicate", "Other"), "runaway-loops", "consent-fatigue"],
    [tool("login", "Write", ["user", "apiKey"]), "token-passthrough"],
  ])("$name: the most fitting first", (one, first, ...others) => {
    const slugs = slugsFor(one);
    expect(slugs[0]).toBe(first);
    expect(slugs).toEqual(expect.arrayContaining(others));
  });

  it("are none that the server alone can suffer", () => {
    const all = new Set(varied().flatMap(slugsFor));
    for (const slug of ["session-hijack", "server-name-typosquatting", "compromised-package"]) {
      expect(all.has(slug)).toBe(false);
    }
    // Nor is one so rare that no tool shows it.
    expect(all.size).toBeGreaterThanOrEqual(12);
  });

  it("are at most five and for high and critical tools at least one", () => {
    for (const one of varied()) {
      const count = attacksFor(one).length;
      expect(count).toBeLessThanOrEqual(5);
      if (one.severity === "high" || one.severity === "critical") expect(count).toBeGreaterThan(0);
    }
  });

  it("of a choice among few values are not those of a free text", () => {
    const chosen = {
      ...tool("run_check", "Execute"),
      parameters: [{ ...argument("command"), choices: ["test", "lint"] }],
    };
    expect(slugsFor(chosen)).not.toContain("argument-injection");
    expect(slugsFor(tool("run_check", "Execute", ["command"]))[0]).toBe("argument-injection");
  });

  it("are found however an argument is nested and spelled", () => {
    for (const name of ["options.filePath", "files[*].path", "FILE_PATH", "inputPath"]) {
      expect(slugsFor(tool("convert", "Write", [name]))).toContain("argument-injection");
    }
    for (const name of ["_callerRole", "caller_role", "asUser", "as_user", "is_admin", "options._callerRole", "sudo"]) {
      expect(slugsFor(tool("merge", "Execute", [name]))[0]).toBe("privilege-escalation-by-argument");
    }
    expect(slugsFor(tool("get_team", "Read", ["role"]))).not.toContain("privilege-escalation-by-argument");
  });

  it("take no time for hostile names", () => {
    const long = "a_".repeat(50_000);
    const hostile = tool(
      long,
      "Execute",
      Array.from({ length: 10_000 }, () => long),
    );
    const from = performance.now();
    attacksFor(hostile);
    // A machine that is busy with other tests takes longer, too; looking at all of it would take minutes.
    expect(performance.now() - from).toBeLessThan(2_000);
  });
});

const folder = path.join(import.meta.dirname, "data", "servers");

describe.runIf(existsSync(folder))("the patterns of the shipped tools", () => {
  it("are there for each dangerous one, and differ", () => {
    const servers: ServerFacts[] = readdirSync(folder)
      .filter((name) => name.endsWith(".json"))
      .map((name) => serverFactsSchema.parse(JSON.parse(readFileSync(path.join(folder, name), "utf8"))));
    const seen = new Map<string, number>();
    for (const one of servers.flatMap(({ tools }) => tools)) {
      const slugs = slugsFor(one);
      expect(slugs.length).toBeLessThanOrEqual(5);
      if (one.severity === "high" || one.severity === "critical") expect(slugs.length).toBeGreaterThan(0);
      if (slugs[0]) seen.set(slugs[0], (seen.get(slugs[0]) ?? 0) + 1);
    }
    // Not the same pattern first for everything.
    const total = servers.flatMap(({ tools }) => tools).length;
    for (const [slug, count] of seen) if (total > 200) expect(count / total, slug).toBeLessThan(0.6);
  });
});

function varied(): AttackedTool[] {
  const names = [
    "create",
    "send_mail",
    "read_file",
    "fetch_url",
    "get_logs",
    "pay_invoice",
    "drop_table",
    "x",
    "列出",
    "",
  ];
  const args = [[], ["path"], ["url"], ["to", "body"], ["amount"], ["account_id"], ["token"], ["_callerRole"], ["sql"]];
  const categories = ["Read", "Write", "Execute", "Destructive", "Financial", "Other"] as const;
  return names.flatMap((name) => args.flatMap((each) => categories.map((category) => tool(name, category, each))));
}
