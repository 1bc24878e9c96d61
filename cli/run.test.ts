import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { commands } from "./commands.ts";
import { linesOf } from "./lines.ts";
import { run } from "./run.ts";

const limited = {
  version: "1",
  default: "deny",
  tools: {
    make: { limits: [{ counter: "made", window: "minute", max: 2 }] },
    pay: { require: [{ conditions: [{ path: "args.amount", op: "lte", value: 5 }] }] },
  },
};
const yaml = 'version: "1"\ntools:\n  make:\n    rules: [{ name: often, rate_limit: 5/hour }]\n';
const tools = {
  tools: [{ name: "make", inputSchema: {} }, { name: "delete_all" }, { name: "pay", category: "Financial" }],
};
const world: Record<string, unknown> = {
  "policy.json": limited,
  "open.json": { version: "1", default: "allow" },
  "twice.json": '{\n  "version": "1",\n  "default": "deny",\n  "default": "deny"\n}',
  "typo.json": '{\n  "version": "1",\n  "default": "deny",\n  "tolls": {}\n}',
  "warned.json": { version: "1", default: "deny", tools: { nothing: {} } },
  "by-category.json": { version: "1", default: "deny", categories: { Read: {} } },
  "tools.json": tools,
  "array.json": tools.tools,
  "answer.json": { jsonrpc: "2.0", id: 1, result: tools },
  "other.yaml": yaml,
  "closed.yaml": yaml.replace("5/hour", "5/week"),
  "broken.yaml": 'version: "1',
};

/** Runs the command in a world of its own. */
async function policylayer(line: string, more: Record<string, unknown> = {}, isColourful = false) {
  const files: Record<string, unknown> = { ...world, ...more };
  const said = { out: "", err: "", written: {} as Record<string, string> };
  const exitCode = await run(
    line.split(" ").filter((word) => word !== ""),
    {
      read: async (file) => {
        const found = files[file];
        if (found === undefined) return { ok: false, message: "there is no such file" };
        return { ok: true, text: typeof found === "string" ? found : JSON.stringify(found, null, 2) };
      },
      lines: (file) => {
        const found = files[file];
        const text = typeof found === "string" ? found : JSON.stringify(found, null, 2);
        const bytes = (async function* () {
          if (found === undefined) throw new Error("there is no such file");
          // Cut anywhere, as a file is.
          for (const byte of new TextEncoder().encode(text)) yield Uint8Array.of(byte);
        })();
        return linesOf(bytes, (cause) => (cause instanceof Error ? cause.message : ""));
      },
      write: async (file, text) => {
        if (file.startsWith("nowhere")) return "there is no such file";
        said.written[file] = text;
        return null;
      },
      out: (text) => {
        said.out += text;
      },
      err: (text) => {
        said.err += text;
      },
      colours: { out: isColourful, err: isColourful },
    },
    "1.2.3",
  );
  return { exitCode, ...said, json: () => JSON.parse(said.out) };
}

describe("policylayer", () => {
  it("tells its version and what it can do", async () => {
    expect(await policylayer("--version")).toMatchObject({ exitCode: 0, out: "1.2.3\n", err: "" });
    expect((await policylayer("-V --json")).json()).toEqual({ ok: true, version: "1.2.3" });
    const help = await policylayer("--help");
    for (const name of Object.keys(commands)) {
      expect(help.out).toContain(`  ${name} `);
      expect((await policylayer(`${name} --help`)).out).toContain("--json");
      expect((await policylayer(`help ${name}`)).out).toContain(`policylayer ${name}`);
    }
  });

  it.each([
    ["", "say what to do"],
    ["validat policy.json", "there is no command `validat`; did you mean `validate`?"],
    ["help explian", "did you mean `explain`?"],
    ["--jsn", "did you mean `--json`?"],
    ["validate", "a file is missing"],
    ["explain a b", "too many files"],
    ["validate policy.json --strct", "no flag --strct; did you mean `--strict`?"],
    ["validate policy.json -x", "no flag -x"],
    ["validate policy.json --strict=yes", "--strict takes no value"],
    ["validate policy.json --tools", "--tools needs a value"],
    ["validate policy.json --tools --strict", "--tools needs a value"],
    ["validate policy.json --tools=a --tools=b", "--tools is given twice"],
    ["validate - --tools -", "can be read only once"],
    ["validate gone.json", "cannot read gone.json: there is no such file"],
    ["explain gone.json", "cannot read gone.json"],
    ["diff policy.json gone.json", "cannot read gone.json"],
    ["classify gone.json", "cannot read gone.json: there is no such file"],
    ["test gone.json", "cannot read gone.json"],
    ["test policy.json", "cannot read policy.test.json"],
    ["test -", "needs --expect FILE"],
    ["validate policy.json --tools policy.json", "it is no list"],
    ["convert other.yaml --scope planet", "`planet` is no scope"],
    ["convert other.yaml closed.yaml", "several files need --out FOLDER"],
    ["convert other.yaml --out other.yaml", "would be written over"],
    ["convert other.yaml --out nowhere/a.json", "cannot write nowhere/a.json"],
  ])("%s ends with 2 and says why", async (line, message) => {
    const { exitCode, err, out } = await policylayer(line);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" });
    expect(err).toContain(message);
    // The same as JSON, and nothing beside it.
    const asJson = await policylayer(`${line} --json`);
    expect(asJson).toMatchObject({ exitCode: 2, err: "" });
    expect(asJson.json()).toMatchObject({ ok: false });
    expect(asJson.out.replaceAll('\\"', '"')).toContain(message === "say what to do" ? "usage" : message);
  });

  it("takes flags before and after files, and anything behind -- as a file", async () => {
    expect(await policylayer("--json validate policy.json")).toMatchObject({ exitCode: 0 });
    expect(await policylayer("validate -- --json", { "--json": limited })).toMatchObject({ out: "--json: ok\n" });
    expect(await policylayer("validate -", { "-": limited })).toMatchObject({ out: "<stdin>: ok\n" });
  });

  it("uses colours only where they are wanted", async () => {
    expect((await policylayer("validate typo.json", {}, true)).err).toContain("\u001b[31merror");
    expect((await policylayer("validate typo.json")).err).not.toContain("\u001b");
  });

  it("never lets a file speak to the terminal", async () => {
    const policy = { version: "1", default: "deny", tools: { "a\u001b[2J\u202e": {} } };
    expect((await policylayer("explain policy.json", { "policy.json": policy })).out).toContain("a\\u001b[2J\\u202e");
  });
});

describe("policylayer validate", () => {
  it("says where each problem is", async () => {
    const { exitCode, err, out } = await policylayer("validate policy.json typo.json twice.json");
    expect(exitCode).toBe(1);
    expect(out).toBe("policy.json: ok\n");
    expect(err).toContain(
      "typo.json:4:3: error: `tolls` is no field here; did you mean `tools`? [unknown_field /tolls]\n",
    );
    expect(err).toContain("twice.json:4:3: error: ");
    expect(err).toContain("twice.json: 1 error, 0 warnings\n");
  });

  it("lets warnings pass, unless it is strict", async () => {
    expect(await policylayer("validate warned.json --tools tools.json")).toMatchObject({
      exitCode: 0,
      out: "warned.json: ok, 1 warning\n",
    });
    expect(await policylayer("validate warned.json --tools tools.json --strict")).toMatchObject({ exitCode: 1 });
    expect(await policylayer("validate warned.json --strict")).toMatchObject({ exitCode: 0 });
  });

  it.each(["tools.json", "array.json", "answer.json"])("reads a list of tools as %s", async (list) => {
    const { err } = await policylayer(`validate warned.json --tools ${list}`);
    expect(err).toContain("warned.json:5:5: warning: this server has no tool `nothing`; check its spelling");
  });

  it("goes on behind a file that cannot be read", async () => {
    const answer = await policylayer("validate gone.json policy.json --json");
    expect(answer.exitCode).toBe(2);
    expect(answer.json()).toEqual({
      ok: false,
      files: [
        {
          file: "gone.json",
          ok: false,
          problems: [],
          error: { code: "unreadable", message: "cannot read gone.json: there is no such file" },
        },
        { file: "policy.json", ok: true, problems: [] },
      ],
    });
  });

  it("has a place for each problem in JSON", async () => {
    expect((await policylayer("validate typo.json --json")).json().files[0].problems).toEqual([
      {
        code: "unknown_field",
        pointer: "/tolls",
        message: "`tolls` is no field here; did you mean `tools`?",
        severity: "error",
        from: 43,
        to: 50,
        line: 4,
        column: 3,
      },
    ]);
  });
});

describe("policylayer explain and diff", () => {
  it("say in sentences what a policy does", async () => {
    const { out } = await policylayer("explain policy.json");
    expect(out).toContain("make: at most 2 calls in any minute for each grant  /tools/make/limits/0\n");
    expect(await policylayer("explain typo.json")).toMatchObject({ exitCode: 1, out: "" });
  });

  it("say what each tool of a list can be used for", async () => {
    const { out } = await policylayer("explain policy.json --tools tools.json");
    expect(out).toContain("2 of 3 tools can be called\n");
    expect(out).toContain("  never             Destructive  delete_all  /default\n");
    const { reachable } = (await policylayer("explain policy.json --tools tools.json --json")).json();
    expect(reachable).toContainEqual({
      tool: "pay",
      category: "Financial",
      severity: "critical",
      reach: "under_conditions",
      pointer: "/tools/pay/require/0",
    });
  });

  it("say what another policy changes", async () => {
    const { out } = await policylayer("diff policy.json open.json --tools tools.json");
    expect(out).toContain("`delete_all`: was denied, now allowed\n");
    expect(await policylayer("diff policy.json policy.json")).toMatchObject({ exitCode: 0, out: "nothing changes\n" });
    expect((await policylayer("diff policy.json policy.json --json")).json()).toEqual({
      ok: true,
      same: true,
      differences: [],
    });
    expect(await policylayer("diff typo.json policy.json")).toMatchObject({ exitCode: 1 });
  });
});

describe("policylayer test", () => {
  const expecting = (...calls: unknown[]) => ({ "policy.test.json": calls });

  it("makes the calls in their order, on one clock", async () => {
    const answer = await policylayer(
      "test policy.json",
      expecting(
        { name: "two", tool: "make", repeat: 2, expect: "allowed" },
        {
          name: "no third",
          tool: "make",
          expect: { code: "rate_limited", rule: "/tools/make/limits/0", retry_after_s: 60 },
        },
        { name: "another grant", tool: "make", grant: "b", session: null, client: "c", expect: "allowed" },
        { name: "half a minute", tool: "make", at: 30, expect: { code: "rate_limited", retry_after_s: 30 } },
        { name: "a minute", tool: "make", at: "2026-01-05T13:01:00+01:00", expect: "allowed" },
        {
          name: "paid",
          tool: "pay",
          arguments: { amount: 5 },
          expect: { code: "allowed", message: "pay is allowed." },
        },
      ),
    );
    expect(answer).toMatchObject({ exitCode: 0, err: "" });
    expect(answer.out).toBe(
      "✓ two\n✓ no third\n✓ another grant\n✓ half a minute\n✓ a minute\n✓ paid\n\n6 passed, 0 failed\n",
    );
  });

  it("shows the way to a decision that was not expected", async () => {
    const { exitCode, out } = await policylayer(
      "test policy.json",
      expecting(
        { tool: "make", repeat: 3, expect: "allowed" },
        { tool: "pay", arguments: { amount: "5" }, expect: "allowed" },
      ),
    );
    expect(exitCode).toBe(1);
    expect(out).toContain(
      "✗ make  policy.test.json:2:3\n    expected code allowed, got rate_limited, in repetition 3\n",
    );
    expect(out).toContain("      limit       decides  /tools/make/limits/0\n");
    expect(out).toContain(
      "      require     decides  /tools/pay/require/0\n        indeterminate  /tools/pay/require/0/conditions/0\n",
    );
    expect(out).toContain("\n0 passed, 2 failed\n");
  });

  it("answers in JSON with every result", async () => {
    const answer = await policylayer("test policy.json --json", expecting({ tool: "make", expect: "denied" }));
    expect(answer.json()).toEqual({
      ok: false,
      file: "policy.json",
      expectations: "policy.test.json",
      passed: 0,
      failed: 1,
      results: [
        {
          name: "make",
          line: 2,
          column: 3,
          ok: false,
          expected: { code: "denied" },
          actual: { code: "allowed", rule: "/tools/make", message: "make is allowed." },
          trace: expect.any(Array),
        },
      ],
    });
  });

  it.each([
    [
      "an unknown field",
      { tool: "make", args: {}, expect: "allowed" },
      "`args` is no field here; did you mean `arguments`?",
    ],
    ["an unknown code", { tool: "make", expect: "alowed" }, "`alowed` is no code; did you mean `allowed`?"],
    ["an unknown field of expect", { tool: "make", expect: { code: "allowed", retry: 1 } }, "`retry` is no field here"],
    ["a missing tool", { expect: "allowed" }, "`tool` is missing; add it"],
    ["a missing decision", { tool: "make" }, "`expect` "],
    ["a missing code", { tool: "make", expect: {} }, "`code` is missing; add it"],
    ["a decision that is none", { tool: "make", expect: 5 }, "`expect` must be a code"],
    ["a category that is none", { tool: "make", category: "read", expect: "allowed" }, "did you mean `Read`?"],
    ["a time that is none", { tool: "make", at: "noon", expect: "allowed" }, "`at` must be seconds since the start"],
    ["a repetition that is none", { tool: "make", repeat: 0, expect: "allowed" }, "`repeat` must be 1 or more"],
    ["a call that is none", 5, "a call must be an object"],
  ])("does not guess at %s", async (_, call, message) => {
    const { exitCode, err } = await policylayer("test policy.json", expecting(call));
    expect(exitCode).toBe(1);
    expect(err).toMatch(/^policy\.test\.json:\d+:\d+: error: /);
    expect(err).toContain(message);
  });

  it("refuses a clock that goes back, an empty list and what is no list", async () => {
    const back = expecting({ tool: "make", at: 5, expect: "allowed" }, { tool: "make", at: 4, expect: "allowed" });
    expect((await policylayer("test policy.json", back)).err).toContain("`at` is before the call above it");
    expect((await policylayer("test policy.json", expecting())).exitCode).toBe(1);
    expect((await policylayer("test policy.json", { "policy.test.json": {} })).err).toContain("must be a list");
    expect((await policylayer("test policy.json", { "policy.test.json": "[" })).exitCode).toBe(1);
  });

  it("wants to know the category when the policy asks for it", async () => {
    const line = "test by-category.json --expect e.json";
    const one = (more: object) => ({ "e.json": [{ tool: "list_notes", expect: "allowed", ...more }] });
    expect((await policylayer(line, one({}))).err).toContain("add a `category`, or give --tools");
    expect(await policylayer(line, one({ category: "Read" }))).toMatchObject({ exitCode: 0 });
    const listed = { ...one({}), "t.json": [{ name: "list_notes" }] };
    expect(await policylayer(`${line} --tools t.json`, listed)).toMatchObject({ exitCode: 0 });
    expect((await policylayer(`${line} --tools tools.json`, one({}))).err).toContain(
      "the list has no tool `list_notes`",
    );
  });
});

describe("policylayer convert", () => {
  const document = {
    version: "1",
    default: "allow",
    tools: { make: { limits: [{ counter: "often", window: "hour", max: 5, scope: "server", reset: "calendar" }] } },
  };

  it("prints the document, or writes it", async () => {
    const printed = await policylayer("convert other.yaml");
    expect(printed).toMatchObject({ exitCode: 0, err: "", out: `${JSON.stringify(document, null, 2)}\n` });
    const written = await policylayer("convert other.yaml -o new.json");
    expect(written).toMatchObject({ exitCode: 0, out: "", written: { "new.json": printed.out } });
    const several = await policylayer("convert other.yaml closed.yaml --out folder --scope grant");
    expect(Object.keys(several.written)).toEqual(["folder/other.json", "folder/closed.json"]);
    expect(several.written["folder/other.json"]).toContain('"scope": "grant"');
  });

  it("lists what could not be carried over, and ends with 1 when that denies something", async () => {
    const { exitCode, err, out } = await policylayer("convert closed.yaml");
    expect(exitCode).toBe(1);
    expect(err).toContain("closed.yaml:4:40: denied: `rate_limit` must be a count and a window");
    expect(JSON.parse(out).tools.make.action).toBe("deny");
    const [file] = (await policylayer("convert closed.yaml --json")).json().files;
    expect(file).toMatchObject({
      ok: false,
      notCarried: [{ path: "/tools/make/rules/0/rate_limit", effect: "denied" }],
    });
  });

  it("says where a file is no YAML", async () => {
    const { exitCode, err, out } = await policylayer("convert broken.yaml");
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: "" });
    expect(err).toMatch(/^broken\.yaml:\d+:\d+: error: /);
  });

  it("only checks a policy that is ours already", async () => {
    const ours = await policylayer("convert policy.json");
    expect(ours).toMatchObject({ exitCode: 0, out: JSON.stringify(limited, null, 2) });
    expect(ours.err).toContain("nothing to convert");
    expect(await policylayer("convert typo.json")).toMatchObject({ exitCode: 1, out: "" });
    // JSON is YAML as well: what has `rules` is the other format.
    const other = { version: "1", tools: { make: { rules: [{ name: "often", rate_limit: "5/hour" }] } } };
    expect(JSON.parse((await policylayer("convert o.json", { "o.json": other })).out)).toEqual(document);
  });
});

describe("policylayer classify", () => {
  const definitions = [
    { name: "delete_user", description: "Delete a user", more: "ignored" },
    { name: "ユーザー検索", description: "ユーザーを検索する" },
    { name: "run", input_schema: { type: "object", properties: { action: { enum: ["wipe"] } } } },
  ];
  const jsonl = definitions.map((definition) => JSON.stringify(definition)).join("\n");
  const parsed = (out: string) =>
    out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));

  it("answers each line of the input with a line, in order", async () => {
    for (const text of [jsonl, `${jsonl}\n`, `\ufeff\n${jsonl.replaceAll("\n", "\r\n\n")}\n\n`]) {
      const { exitCode, out, err } = await policylayer("classify -", { "-": text });
      expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
      const answers = parsed(out);
      expect(answers.map(({ name, category, severity }) => [name, category, severity])).toEqual([
        ["delete_user", "Destructive", "critical"],
        ["ユーザー検索", "Read", "low"],
        ["run", "Destructive", "critical"],
      ]);
      expect(Object.keys(answers[0])).toEqual(["name", "category", "severity", "confidence", "signals", "findings"]);
      expect(answers[2].signals[0]).toMatchObject({ source: "argument", quote: 'action: "wipe"' });
    }
    expect(await policylayer("classify none.jsonl", { "none.jsonl": "" })).toMatchObject({ exitCode: 0, out: "" });
  });

  it("takes an answer to tools/list, on one line or on many", async () => {
    const result = { tools: definitions };
    const envelope = { jsonrpc: "2.0", id: 1, result };
    for (const value of [result, envelope, definitions]) {
      const expected = (await policylayer("classify -", { "-": jsonl })).out;
      for (const text of [
        JSON.stringify(value),
        JSON.stringify(value, null, 2),
        `{"tools": [\n${jsonl.replaceAll("\n", ",\n")}]}`,
      ]) {
        expect((await policylayer("classify -", { "-": text })).out).toBe(expected);
      }
    }
    const one = JSON.stringify(definitions[0], null, 2);
    expect(parsed((await policylayer("classify -", { "-": one })).out)).toHaveLength(1);
  });

  it("skips nothing silently: a line it cannot answer is told with its number, and the rest is answered", async () => {
    const broken = `${jsonl}\n{"name": "x"\n{"nam": "y"}\n5\n{"name": ""}\n\n{"name": "list_users"}\n{"tools": [{}]}`;
    const { exitCode, out, err } = await policylayer("classify t.jsonl", { "t.jsonl": broken });
    expect(exitCode).toBe(1);
    expect(parsed(out).map(({ name }) => name)).toEqual([...definitions.map(({ name }) => name), "list_users"]);
    expect(err).toContain("t.jsonl:4: error: it is no JSON");
    expect(err).toContain("t.jsonl:5: error: a definition has no `name`");
    expect(err).toContain("t.jsonl:6: error: a definition must be an object");
    expect(err).toContain("t.jsonl:7: error: a definition has no `name`");
    expect(err).toContain("t.jsonl:10: error: tool 1 of the list has no `name`");
    expect(err).toContain("t.jsonl: 5 lines without an answer");
    // A first line that is broken is no beginning of a list.
    const first = await policylayer("classify t.jsonl", { "t.jsonl": `{"name"\n${jsonl}` });
    expect(first).toMatchObject({ exitCode: 1, err: expect.stringContaining("t.jsonl:1: error: it is no JSON") });
    expect(parsed(first.out)).toHaveLength(3);
  });

  it("answers with one value on --json", async () => {
    const answer = await policylayer("classify --json -", { "-": `${jsonl}\nx` });
    expect(answer).toMatchObject({ exitCode: 1, err: "" });
    expect(answer.json()).toMatchObject({
      ok: false,
      tools: [{ name: "delete_user" }, {}, {}],
      problems: [{ line: 4 }],
    });
  });
});

describe("the example policies", () => {
  it("are converted and tested by the command itself", async () => {
    const read = (file: string) => readFileSync(path.join(import.meta.dirname, "cases", file), "utf8");
    const { written } = await policylayer("convert t.yaml --out policy.json", { "t.yaml": read("tmux-claude.yaml") });
    const answer = await policylayer("test policy.json", {
      ...written,
      "policy.test.json": read("tmux-claude.test.json"),
    });
    expect(answer).toMatchObject({ exitCode: 0 });
    expect(answer.out).toContain("0 failed");
  });
});
