import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { serverFactsSchema, type ToolParameter } from "../catalog/facts.ts";
import { riskCategories, severities, severityOf } from "../catalog/schema.ts";
import { argumentPaths } from "./argument-paths.ts";
import { codeOf, enforced, fateOf, promisedFate } from "./fate.test-support.ts";
import { policyWith, type RecommendedTool, recommendedForServer, recommendedForTool, schemaOf } from "./recommend.ts";
import { documentBytesMax } from "./schema.ts";
import { parseWithTools } from "./warn-tools.ts";

// Many runs, on machines that are busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

const file = new URL("../catalog/data/servers/tmux-claude.json", import.meta.url);
const tmuxClaude = serverFactsSchema.parse(JSON.parse(readFileSync(file, "utf8"))).tools;

function shipped(name: string): RecommendedTool {
  const found = tmuxClaude.find((tool) => tool.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

function tool(name: string, category: RecommendedTool["category"], more: Partial<RecommendedTool> = {}) {
  return { name, category, severity: severityOf[category], ...more };
}

function parameter(name: string, more: Partial<ToolParameter> = {}): ToolParameter {
  return { name, types: ["string"], required: false, declared: true, ...more };
}

describe("the policy that a tool's page recommends", () => {
  it("is for vm_create_image the one of the page this product was asked for, byte for byte", () => {
    const { text, kind, remains } = recommendedForTool(shipped("vm_create_image"));
    expect(text).toBe(`{
  "version": "1",
  "default": "deny",
  "tools": {
    "vm_create_image": {
      "limits": [
        {
          "counter": "vm_create_image_rate",
          "window": "minute",
          "max": 10,
          "scope": "grant"
        }
      ]
    }
  }
}`);
    expect(kind).toBe("limit");
    expect(remains).toBe(
      "vm_create_image stays usable, but at most 10 calls in any minute for each grant, so a runaway agent is stopped. The document names no other tool, so every other tool of the server is denied: take the server's whole policy to keep using them.",
    );
  });

  it.each([
    ["Read", "allow", { tools: { t: {} } }],
    ["Write", "limit", { tools: { t: { limits: [expect.objectContaining({ window: "minute", max: 30 })] } } }],
    ["Execute", "limit", { tools: { t: { limits: [expect.objectContaining({ window: "minute", max: 10 })] } } }],
    ["Destructive", "hide", { hide: ["t"] }],
    ["Financial", "approve", { tools: { t: { action: "require_approval" } } }],
    ["Other", "approve", { tools: { t: { action: "require_approval" } } }],
  ] as const)("follows the category: %s", (category, kind, rest) => {
    const recommended = recommendedForTool(tool("t", category));
    expect(recommended.document).toEqual({ version: "1", default: "deny", ...rest });
    expect(recommended.kind).toBe(kind);
    expect(recommended.remains).toMatch(/^t .*every other tool of the server is denied/);
  });

  it("refuses the arguments that the tool reads though it does not declare them, and those alone", () => {
    const policy = enforced(recommendedForTool(shipped("spawn")).text);
    const args = { role: "manager", workDir: "/srv/x", context: "x" };
    expect(codeOf(policy, shipped("spawn"), args)).toBe("allowed");
    expect(codeOf(policy, shipped("spawn"), { ...args, _callerRole: "executive" })).toBe("denied");
    expect(codeOf(policy, shipped("spawn"), { ...args, _CALLERROLE: "executive" })).toBe("ambiguous_argument");
    expect(codeOf(policy, shipped("spawn"), { ...args, workDir: "../../etc" })).toBe("denied");
    expect(recommendedForTool(shipped("spawn")).remains).toContain("`_callerRole` or `workDir`");
  });

  it("says of a tool that no document can name that it is out of reach, and does what it says", () => {
    for (const name of ["", "*", "vm_*", "x".repeat(documentBytesMax)]) {
      const { text, kind, remains } = recommendedForTool(tool(name, "Read"));
      expect({ kind, remains }).toEqual({
        kind: "hide",
        remains: "No policy can name this tool, so this one hides every tool.",
      });
      expect(codeOf(enforced(text), { name, category: "Read" }, {})).toBe("hidden");
      expect(codeOf(enforced(text), { name: "other", category: "Read" }, {})).toBe("hidden");
    }
  });
});

describe("what a tool that runs something may be given", () => {
  const inputs = (name: string, schema: object) =>
    tool("run", "Execute", { inputSchema: { type: "object", properties: { [name]: schema } } });
  const codeWith = (name: string, schema: object, value: unknown) => {
    const one = inputs(name, schema);
    return codeOf(enforced(recommendedForTool(one).text), one, { [name]: value });
  };
  const text = { type: "string" };

  it.each([
    "http://127.0.0.1/",
    "http://127.1",
    "127.0.0.1:8080",
    "//localhost/x",
    "http:localhost",
    "http:\\\\localhost\\x",
    " http://localhost",
    "\u0000http://localhost",
    "ht\ntp://127.0.0.1",
    "http://user:pass@10.0.0.1/",
    "http://a@b@192.168.1.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://１２７.0.0.1/",
    "http://%31%32%37.0.0.1/",
    "http://api.localhost:3000/",
    "http://metadata.google.internal/computeMetadata",
    "http://localhost./",
    "FILE:///etc/passwd",
    "view-source:file:///etc/passwd",
    "javascript:alert(1)",
    "gopher://127.0.0.1:6379/_x",
  ])("refuses the address %j", (url) => {
    expect(codeWith("url", text, url)).toBe("denied");
    expect(codeWith("imageUrls", { type: "array", items: text }, ["https://example.com", url])).toBe("denied");
  });

  it.each([
    "https://example.com/",
    "https://example.com/?at=localhost&ip=127.0.0.1",
    "https://user@example.com:8443/a/../b?x=%20#10.0.0.1",
    "https://localhost.example.com",
    "https://10times.com/events",
    "https://example.com/ü/文",
    "wss://stream.example.com",
    "example.com/path",
    "",
  ])("takes the address %j", (url) => {
    expect(codeWith("url", text, url)).toBe("allowed");
  });

  it.each([
    ["../x", "denied"],
    ["a/../b", "denied"],
    ["a\\..\\b", "denied"],
    ["..", "denied"],
    ["a..b", "allowed"],
    ["/abs/x", "allowed"],
    [7, "denied"],
  ])("looks whether the path %j climbs out", (path, code) => {
    expect(codeWith("filePath", text, path)).toBe(code);
  });

  it("takes null where the schema does, however it says so", () => {
    for (const schema of [{ type: ["string", "null"] }, { anyOf: [text, { type: "null" }] }]) {
      expect(codeWith("path", schema, null)).toBe("allowed");
      expect(codeWith("path", schema, "../x")).toBe("denied");
      expect(codeWith("path", schema, ["../x"])).toBe("denied");
    }
  });

  it.each([
    ["command", text, "ls"],
    ["commands", { type: "array", items: text }, ["ls"]],
    ["command", { anyOf: [text, { type: "null" }] }, "ls"],
    ["code", {}, "1 + 1"],
    ["script", { type: "object", properties: { shell: text } }, { shell: "ls" }],
    // A pattern on these would refuse what is meant to be there.
    ["url", { anyOf: [text, { type: "array", items: text }] }, ["http://localhost"]],
    ["path", {}, { to: "../x" }],
  ])("lets a person read %s of the shape %j", (name, schema, value) => {
    expect(codeWith(name, schema, value)).toBe("approval_required");
    expect(codeOf(enforced(recommendedForTool(inputs(name, schema)).text), inputs(name, schema), {})).toBe("allowed");
  });

  it("looks into what a list holds, and asks about what may be an object or something else", () => {
    const files = { type: "array", items: { type: "object", properties: { path: text } } };
    expect(codeWith("files", files, [{ path: "a" }, { path: "../b" }])).toBe("denied");
    expect(codeWith("files", files, [{ path: "a" }])).toBe("allowed");
    const target = { anyOf: [text, { type: "object", properties: { path: text } }] };
    expect(codeWith("target", target, "main")).toBe("approval_required");
  });
});

describe("the policy that a server's page recommends", () => {
  it("denies what one of the tools reads undeclared for all, but not where another tool declares it", () => {
    const tools = [
      tool("odd", "Read", { parameters: [parameter("_callerId", { declared: false })] }),
      tool("plain", "Read", { parameters: [parameter("x")] }),
      tool("mixed", "Read", { parameters: [parameter("owner", { declared: false })] }),
      tool("owners", "Read", { parameters: [parameter("owner")] }),
    ];
    const policy = enforced(recommendedForServer(tools).text);
    const codes = (args: unknown) => tools.map((one) => codeOf(policy, one, args));
    expect(codes({ _callerId: "x" })).toEqual(["denied", "denied", "denied", "denied"]);
    expect(codes({ owner: "x" })).toEqual(["allowed", "allowed", "denied", "allowed"]);
  });

  it("does not name tools that answer unlisted, and still denies what they read", () => {
    const { document } = recommendedForServer([
      tool("shown", "Read"),
      tool("unlisted", "Read", { presence: "unlisted", parameters: [parameter("_callerRole", { declared: false })] }),
    ]);
    expect(Object.keys(document.tools ?? {})).toEqual(["shown"]);
    expect(document.all_tools?.deny_if).toHaveLength(1);
  });

  it("counts the worse of two tools with one name, whichever comes first", () => {
    const two = [tool("t", "Read"), tool("t", "Destructive")];
    for (const tools of [two, two.toReversed()]) {
      const policy = enforced(recommendedForServer(tools).text);
      expect(codeOf(policy, tool("t", "Read"), {})).toBe("hidden");
    }
  });

  it("has all of 401 tools, and of too many those that fit; the others stay denied", () => {
    const many = (count: number) => Array.from({ length: count }, (_, nth) => tool(`tool_${nth}`, "Execute"));
    expect(Object.keys(recommendedForServer(many(401)).document.tools ?? {})).toHaveLength(401);
    const crowd = many(5_000);
    const { text, document } = recommendedForServer(crowd);
    const policy = enforced(text);
    for (const one of crowd) {
      const isNamed = document.tools !== undefined && Object.hasOwn(document.tools, one.name);
      expect(codeOf(policy, one, {})).toBe(isNamed ? "allowed" : "default_deny");
    }
  });
});

describe("the short forms", () => {
  it("are whole policies that do what the answers on the page say", () => {
    const codes = (kind: Parameters<typeof policyWith>[0]) => {
      const policy = enforced(policyWith(kind, "t").text);
      expect(codeOf(policy, tool("u", "Read"), {})).toBe("default_deny");
      return fateOf(policy, tool("t", "Execute"));
    };
    expect(codes("rate_limit")).toEqual({ code: "allowed", times: 10, next: "rate_limited" });
    expect(codes("deny").code).toBe("denied");
    expect(codes("approve").code).toBe("approval_required");
    expect(codes("hide").code).toBe("hidden");
    expect(policyWith("rate_limit", "t").document.tools).toEqual({ t: { rate_limit: { max: 10, window: 60 } } });
    expect(policyWith("deny", "t").document.tools?.t).toMatchObject({ action: "deny", reason: expect.any(String) });
  });

  it("hide everything where the name is no name", () => {
    for (const name of ["", "a*", "x".repeat(documentBytesMax)]) {
      for (const kind of ["rate_limit", "deny", "approve", "hide"] as const) {
        expect(codeOf(enforced(policyWith(kind, name).text), { name: "anything", category: "Read" }, {})).toBe(
          "hidden",
        );
      }
    }
  });
});

describe("the schema made from a list of arguments", () => {
  it("says what the server's own says: names, types, choices, what is required, what lies in lists", () => {
    const own = {
      type: "object",
      properties: {
        name: { type: "string" },
        mode: { type: "string", enum: ["a", "b"] },
        any: {},
        files: {
          type: "array",
          items: { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
        },
        user: { type: "object", properties: { id: { type: ["number", "null"] } } },
      },
      required: ["name", "user"],
    };
    const parameters = argumentPaths(own).map(({ path, types, required, choices }) => ({
      name: path.slice("args.".length),
      types,
      required,
      declared: true,
      ...(choices === null ? {} : { choices: choices as string[] }),
    }));
    expect(argumentPaths(schemaOf(parameters))).toEqual(argumentPaths(own));
    // What lies in a list is enough to know the list by.
    const leaves = parameters.filter(({ types }) => !types?.some((type) => type === "object" || type === "array"));
    expect(argumentPaths(schemaOf(leaves)).map(({ path }) => path)).toEqual(argumentPaths(own).map(({ path }) => path));
  });

  it("leaves out what is not declared, and takes any name", () => {
    const names = ["__proto__", "constructor", "a.__proto__.b", "", ".", "[*]", "a[*][*]", "x.".repeat(5_000)];
    const schema = schemaOf([...names.map((name) => parameter(name)), parameter("hidden", { declared: false })]);
    expect(Object.keys(schema.properties ?? {})).toContain("__proto__");
    expect(JSON.stringify(schema)).not.toContain("hidden");
    expect(Object.prototype).not.toHaveProperty("b");
  });
});

const names = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("a", "__proto__", "constructor", "7", "x*", "a/b~", "vm_create", "vm_creat\u0435", "\ud800", "*"),
);
const argumentNames = fc.oneof(
  fc.constantFrom("path", "url", "sql", "command", "_callerRole", "caller_role", "urls", "a.b", "__proto__", "files"),
  fc.string(),
);
const leaf = fc.constantFrom<unknown>(
  { type: "string" },
  { type: ["string", "null"] },
  { type: "array", items: { type: "string" } },
  { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] },
  { enum: ["a", 1, null] },
  { $ref: "#" },
  { $ref: "#/properties/path" },
  {},
  null,
);
const { schema } = fc.letrec((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.record({ type: fc.constantFrom("object", ["object", "string"]), properties: tie("properties") }),
    fc.record({ properties: tie("properties") }),
    fc.record({ type: fc.constant("array"), items: tie("schema") }),
  ),
  properties: fc.dictionary(argumentNames, tie("schema"), { maxKeys: 4 }),
}));
const parameters = fc.array(
  fc.record({
    name: fc.oneof(argumentNames, fc.constantFrom("files[*].path", "user.role", "[*]", "a..b")),
    types: fc.constantFrom<ToolParameter["types"]>(["string"], ["array", "null"], null, []),
    required: fc.boolean(),
    declared: fc.boolean(),
  }),
  { maxLength: 5 },
);
const tools: fc.Arbitrary<RecommendedTool> = fc.record(
  {
    name: names,
    category: fc.constantFrom(...riskCategories),
    severity: fc.constantFrom(...severities),
    inputSchema: fc.oneof(
      fc.record({ type: fc.constant("object"), properties: fc.dictionary(argumentNames, schema) }),
      fc.anything(),
    ),
    parameters,
    presence: fc.constantFrom("listed", "declared", "unlisted"),
  },
  { requiredKeys: ["name", "category", "severity"] },
);

describe("whatever a server lists", () => {
  it("the recommended documents can be published, without a warning, and do what their pages say", () => {
    fc.assert(
      fc.property(fc.uniqueArray(tools, { selector: ({ name }) => name, minLength: 1, maxLength: 6 }), (list) => {
        const known = list.map((one) => ({ ...one, inputSchema: one.inputSchema ?? schemaOf(one.parameters ?? []) }));
        const whole = recommendedForServer(list);
        expect(parseWithTools(whole.text, known)).toMatchObject({ ok: true, problems: [], document: whole.document });
        const wholePolicy = enforced(whole.text);
        for (const one of list) {
          const single = recommendedForTool(one);
          expect(parseWithTools(single.text, known)).toMatchObject({
            ok: true,
            problems: [],
            document: single.document,
          });
          const policy = enforced(single.text);
          for (const other of list.filter(({ name }) => name !== one.name)) {
            expect(["default_deny", "hidden"]).toContain(codeOf(policy, other, {}));
          }
          // Nothing is more than its kind says, whatever it is called with.
          const may = { allow: "allowed", limit: "allowed", approve: "approval_required", hide: "hidden" }[single.kind];
          for (const [enforcedPolicy, args] of [
            [policy, {}],
            [wholePolicy, {}],
          ] as const) {
            const code = codeOf(enforcedPolicy, one, args);
            expect([may, "approval_required", "denied", "default_deny", "hidden", "ambiguous_argument"]).toContain(
              code,
            );
          }
          if (single.kind === "approve" || single.kind === "hide") {
            expect(codeOf(wholePolicy, one, {})).not.toBe("allowed");
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it("a call with none of the arguments that are refused has its promised fate", () => {
    const plain = fc.record({
      name: fc.stringMatching(/^[a-z_]{1,12}$/),
      category: fc.constantFrom(...riskCategories),
    });
    fc.assert(
      fc.property(plain, ({ name, category }) => {
        const one = tool(name, category);
        const { text, kind, document } = recommendedForTool(one);
        expect(fateOf(enforced(text), one)).toEqual(promisedFate(kind, document.tools?.[name]));
      }),
      { numRuns: 100 },
    );
  });
});
