import { describe, expect, it } from "vitest";
import { serverFactsSchema } from "../catalog/facts.ts";
import type { Harvest, HarvestTarget } from "../catalog/harvest.ts";
import { readRegistryPage } from "../catalog/registry.ts";
import type { Input } from "./commands.ts";
import { scan } from "./scan.ts";

const isolation = {
  network: "none" as const,
  interfaces: [{ name: "lo", up: false, receivedBytes: 0, sentBytes: 0 }],
  memoryMaxBytes: 1,
  timeMaxMs: 60_000,
  processesMax: 1,
  survivors: 0,
};
const tool = (name: string) => {
  return {
    name,
    definition: JSON.stringify({ name, description: "Does it at once." }),
    definitionHash: "a".repeat(64),
  };
};
function listing(source: string, tools: string[]): Harvest {
  const name = source.replace(/^\w+:/, "");
  const about = {
    repository: null,
    homepage: null,
    licence: "MIT",
    description: "Words",
    protocolVersion: "2025-06-18",
  };
  const said = {
    serverInfo: {},
    instructions: null,
    at: "2026-11-23T00:00:00.000Z",
    ms: 1_500,
    leftOut: [],
    isolation,
  };
  return { ok: true, source, name, packageName: name, version: "1.0.0", ...about, ...said, tools: tools.map(tool) };
}

/** Runs a scan in a world of its own. `asked` are the targets that were started. */
async function scanning(
  input: Partial<Input>,
  files: Record<string, string> = {},
  answer?: (source: string) => Harvest,
) {
  const asked: string[] = [];
  const written: Record<string, string> = {};
  const said = { out: "", err: "" };
  const all = () => ({ ...files, ...written });
  const io = {
    read: async (file: string) => {
      const text = all()[file];
      return text === undefined
        ? { ok: false as const, message: "there is no such file" }
        : { ok: true as const, text };
    },
    lines: async function* () {},
    write: async () => null,
    out: (text: string) => {
      said.out += text;
    },
    err: (text: string) => {
      said.err += text;
    },
    colours: { out: false, err: false },
  };
  const world = {
    harvest: async (target: HarvestTarget) => {
      const source = target.kind === "npm" ? `npm:${target.package}` : `url:${target.url}`;
      asked.push(source);
      return answer?.(source) ?? listing(source, ["get_it", "delete_it"]);
    },
    registryPage: async (_: string, cursor: string | null) => {
      const page = Number(cursor ?? 0);
      const json = {
        servers: [{ name: `com.example/s${page}` }],
        metadata: page < 2 ? { nextCursor: `${page + 1}` } : {},
      };
      return { ok: true as const, ...readRegistryPage(json) };
    },
    list: async (folder: string | undefined) =>
      Object.keys(all()).flatMap((file) =>
        folder && file.startsWith(`${folder}/`) ? [file.slice(folder.length + 1)] : [],
      ),
    write: async (file: string, text: string) => {
      if (file.startsWith("nowhere/")) return `cannot write ${file}: no space left`;
      written[file] = text;
      return null;
    },
    signal: new AbortController().signal,
    close: async () => {},
  };
  const result = await scan({ files: [], values: {}, flags: {}, ...input }, io, world);
  return { ...result, asked, written, progress: said.err };
}

describe("policylayer scan", () => {
  it("shows the tools of a package, riskiest first, and what held meanwhile", async () => {
    const { exitCode, out, progress } = await scanning({ files: ["@acme/mcp"] });
    expect(exitCode).toBe(0);
    expect(out).toBe(`@acme/mcp 1.0.0
  critical  Destructive  delete_it
  low       Read         get_it

1 of 1 answered, with 2 tools; the longest took 1.5 s
1 were started apart: interfaces lo, 0 of them up, 0 bytes in or out, 0 processes left
`);
    expect(progress).toBe("npm:@acme/mcp: 2 tools, 1.5 s\n");
  });

  it("takes a list of targets, and goes on where it stopped", async () => {
    const list = {
      "list.txt": "# ours\na-mcp\nb-mcp@1.0.0 # pinned\n\nhttps://c.example/mcp\n",
      "kept/a-mcp.json": "{}",
    };
    const once = await scanning({ values: { file: "list.txt", out: "kept" } }, list);
    expect(once.asked).toEqual(["npm:b-mcp", "url:https://c.example/mcp"]);
    expect(Object.keys(once.written)).toEqual(["kept/b-mcp.json", "kept/c-example-mcp.json"]);
    expect(once.out).toContain("1 were listed before and passed over");
    const again = await scanning({ values: { file: "list.txt", out: "kept" }, flags: { again: true } }, list);
    expect(again.asked).toHaveLength(3);
  });

  it("keeps facts apart from words", async () => {
    const { written } = await scanning({ files: ["a-mcp"], values: { out: "kept", facts: "facts" } });
    expect(written["kept/a-mcp.json"]).toContain("Does it at once.");
    const text = written["facts/a-mcp.json"] ?? "";
    expect(text).not.toMatch(/Does it|Words/);
    expect(text.split("\n").filter((line) => line.startsWith('    {"name"'))).toHaveLength(2); // one tool a line
    expect(serverFactsSchema.parse(JSON.parse(text))).toMatchObject({ slug: "a-mcp", tools: [{}, {}] });
  });

  it("classifies anew what was kept, without starting anything", async () => {
    const kept = { "kept/a-mcp.json": JSON.stringify(listing("npm:a-mcp", ["get_it"])), "kept/notes.txt": "x" };
    const { exitCode, asked, written } = await scanning(
      { values: { out: "kept", facts: "facts" }, flags: { reclassify: true } },
      kept,
    );
    expect([exitCode, asked, Object.keys(written)]).toEqual([0, [], ["facts/a-mcp.json"]]);
  });

  it("fails when one did not answer, and says why", async () => {
    const failed: Harvest = {
      ok: false,
      source: "npm:a-mcp",
      code: "exited",
      message: "It ended.",
      version: "1.0.0",
      ms: 10,
      isolation,
    };
    const { exitCode, out, json, written } = await scanning(
      { files: ["a-mcp"], values: { out: "kept", facts: "facts" } },
      {},
      () => failed,
    );
    expect(exitCode).toBe(1);
    expect(out).toContain("the others: 1 exited");
    expect(json).toMatchObject({ ok: false, asked: 1, answered: 0, troubles: { exited: 1 } });
    expect(Object.keys(written)).toEqual(["kept/a-mcp.json"]);
  });

  it("cannot be used in ways that make no sense, nor write where it may not", async () => {
    for (const input of [
      {},
      { files: ["--x y"] },
      { files: ["a"], values: { "at-once": "0" } },
      { flags: { reclassify: true as const } },
      { values: { file: "missing.txt" } },
      { files: ["a"], values: { out: "nowhere" } },
    ]) {
      expect((await scanning(input)).exitCode).toBe(2);
    }
  });

  it("prints the entries of a registry, all pages of it", async () => {
    const { out, exitCode } = await scanning({ values: { registry: "https://registry.example/v0/servers" } });
    expect(exitCode).toBe(0);
    expect(
      out
        ?.trim()
        .split("\n")
        .map((line) => JSON.parse(line).name),
    ).toEqual([0, 1, 2].map((at) => `com.example/s${at}`));
    const file = { "pages.json": JSON.stringify([{ servers: [{ name: "a/b" }, {}] }, { servers: [{ name: "a/c" }] }]) };
    const read = await scanning({ values: { registry: "pages.json" } }, file);
    expect(read).toMatchObject({ exitCode: 1, err: expect.stringContaining("Server 2 of the page is left out") });
    expect(read.out?.match(/"a\/[bc]"/g)).toEqual(['"a/b"', '"a/c"']);
  });
});
