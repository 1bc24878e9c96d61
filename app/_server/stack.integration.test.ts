// What an organisation's grants can reach: the API on a real Postgres, with a stand-in for the gateway.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../../e2e/harness/database.ts";
import { database } from "../../prisma/client.ts";
import {
  addMember,
  ask,
  foundServer,
  type StandInGateway,
  setEnvironment,
  signUp,
  startStandInGateway,
} from "./test-world.ts";

let fresh: TestDatabase;
let gateway: StandInGateway;
let owner: Awaited<ReturnType<typeof signUp>>;
let files: string;
let mail: string;

type Item = { name: string; server: { id: string; name: string }; severity: string; reach: string };
const namesIn = ({ items }: { items: Item[] }) => items.map(({ name }) => name);

beforeAll(async () => {
  fresh = await freshDatabase();
  setEnvironment(fresh.url);
  gateway = await startStandInGateway();
  owner = await signUp();
  files = await register("files", ["read_file", "delete_file", "write_file"], "npx", ["-y", "files-mcp@1.2.3"]);
  mail = await register("mail", ["list_mail", "delete_mail", "pay_invoice"]);
});

afterAll(async () => {
  await gateway?.stop();
  await database().$disconnect();
  await fresh?.drop();
});

async function must(method: string, path: string, body?: unknown, key = owner.apiKey) {
  const answer = await ask(method, path, { key, body });
  expect(answer.status, `${method} ${path} ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  return answer.body;
}

async function register(name: string, tools: string[], command?: string, args: string[] = [], key = owner.apiKey) {
  // Without words of its own, so that the names decide.
  gateway.answer = foundServer(tools, "");
  const where = command
    ? { transport: "stdio", command, args }
    : { transport: "http", url: "https://mail.example.com/mcp" };
  return (await must("POST", "/servers", { name, ...where }, key)).id as string;
}

async function grant(serverId: string, label: string, document: object | null, mode = "enforce") {
  const policyId =
    document && (await must("POST", `/servers/${serverId}/policies`, { name: `for ${label}`, document, mode })).id;
  const { id } = await must("POST", `/servers/${serverId}/grants`, { label, ...(policyId ? { policyId } : {}) });
  return { id, policyId } as { id: string; policyId: string };
}

const stack = (query = "") => must("GET", `/stack${query}`);
const toolIn = ({ items }: { items: Item[] }, name: string) => items.find((item) => item.name === name);

describe("an organisation's stack", () => {
  it("is empty for who has no server", async () => {
    const { apiKey } = await signUp();
    expect(await must("GET", "/stack", undefined, apiKey)).toEqual({
      items: [],
      nextCursor: null,
      totals: {
        servers: 0,
        tools: 0,
        matching: 0,
        unprotected: 0,
        bySeverity: { low: 0, medium: 0, high: 0, critical: 0 },
      },
      truncated: false,
    });
  });

  it("has the tools of all servers, the riskiest first, of which nobody reaches any without a grant", async () => {
    const all = await stack();
    expect(namesIn(all)).toEqual(["delete_file", "delete_mail", "pay_invoice", "write_file", "read_file", "list_mail"]);
    expect(all.totals).toMatchObject({ servers: 2, tools: 6, matching: 6, unprotected: 0 });
    expect(new Set((all.items as Item[]).map(({ reach }) => reach))).toEqual(new Set(["never"]));
  });

  it("says which grant reaches a tool, and how, by the version in force", async () => {
    await grant(files, "without", null);
    const { policyId } = await grant(files, "careful", {
      version: "1",
      default: "deny",
      tools: {
        read_file: {},
        write_file: { limits: [{ counter: "c", window: "minute", max: 5 }] },
        delete_file: { action: "require_approval" },
      },
    });
    const before = await stack();
    expect(toolIn(before, "delete_file")).toMatchObject({ reach: "with_approval", unprotected: false });
    expect(toolIn(before, "write_file")).toMatchObject({ reach: "under_conditions" });
    expect(toolIn(before, "read_file")).toMatchObject({
      reach: "freely",
      unprotected: false,
      grantCounts: { freely: 1, under_conditions: 0, with_approval: 0, never: 1 },
      grants: [
        { label: "careful", policyName: "for careful", reach: "freely", mode: "enforce", frozen: false },
        { label: "without", policyId: null, reach: "never", mode: null },
      ],
    });
    // A draft changes nothing, publishing it does.
    const document = { version: "1", default: "allow" };
    const { revision } = await must("PUT", `/policies/${policyId}/draft`, { document, seenRevision: 1 });
    expect(toolIn(await stack(), "delete_file")).toMatchObject({ reach: "with_approval" });
    await must("POST", `/policies/${policyId}/versions`, { seenRevision: revision });
    const after = await stack();
    expect(toolIn(after, "delete_file")).toMatchObject({ reach: "freely", unprotected: true });
    expect(after.totals.unprotected).toBe(1);
    // Worst first, and among these what is open.
    expect(namesIn(after)[0]).toBe("delete_file");
  });

  it("counts a policy that is only watched as no protection, and a revoked or expired grant as none", async () => {
    const watched = await grant(mail, "watched", { version: "1", default: "deny" }, "shadow");
    expect(toolIn(await stack(), "pay_invoice")).toMatchObject({
      reach: "freely",
      unprotected: true,
      grants: [{ label: "watched", mode: "shadow" }],
    });
    await must("DELETE", `/grants/${watched.id}`);
    expect(toolIn(await stack(), "pay_invoice")).toMatchObject({ reach: "never", grants: [] });
    const expiring = await grant(mail, "expiring", { version: "1", default: "allow" });
    await database().grant.update({ where: { id: expiring.id }, data: { expiresAt: new Date(Date.now() - 1_000) } });
    expect(toolIn(await stack(), "pay_invoice")).toMatchObject({ reach: "never", grants: [] });
  });

  it("says what a frozen grant reaches when it is released", async () => {
    const frozen = await grant(mail, "frozen", { version: "1", default: "allow" });
    await must("PATCH", `/grants/${frozen.id}`, { frozen: true });
    expect(toolIn(await stack(), "list_mail")).toMatchObject({
      reach: "freely",
      grants: [{ label: "frozen", frozen: true }],
    });
    await must("DELETE", `/grants/${frozen.id}`);
  });

  it("is filtered by severity, server, reach and words", async () => {
    expect(namesIn(await stack("?severity=critical"))).toEqual(["delete_file", "delete_mail", "pay_invoice"]);
    expect(namesIn(await stack(`?serverId=${mail}`))).toEqual(["delete_mail", "pay_invoice", "list_mail"]);
    expect(namesIn(await stack("?reach=freely"))).toEqual(["delete_file", "write_file", "read_file"]);
    expect(namesIn(await stack("?unprotected=true"))).toEqual(["delete_file"]);
    expect(namesIn(await stack("?q=MAIL%20pay"))).toEqual(["pay_invoice"]);
    const { totals } = await stack("?q=nothing-like-it");
    expect(totals).toMatchObject({ tools: 6, matching: 0 });
  });

  it("goes by the owner's own category", async () => {
    const tools = (await must("GET", `/servers/${mail}`)).tools as { name: string; definitionHash: string }[];
    const definitionHash = tools.find(({ name }) => name === "list_mail")?.definitionHash;
    const path = `/servers/${mail}/tools/override`;
    await must("PATCH", path, { name: "list_mail", definitionHash, category: "Financial" });
    expect(toolIn(await stack("?severity=critical"), "list_mail")).toMatchObject({
      category: "Financial",
      classified: { category: "Read" },
      override: { fallen: false },
    });
    await must("PATCH", path, { name: "list_mail", definitionHash, category: null });
  });

  it("leads to the catalog where the server is known there", async () => {
    expect(toolIn(await stack(), "read_file")).toMatchObject({ catalogPath: null });
    const serverRow = {
      slug: "files-mcp",
      name: "files",
      source: "npm:files-mcp",
      sourceKind: "npm",
      evidence: "snapshot",
    };
    const { id: serverId } = await database().catalogServer.create({ data: serverRow });
    const judged = { category: "Read", severity: "low", confidence: 1, signals: [] };
    await database().catalogTool.create({ data: { serverId, name: "read_file", position: 0, ...judged } });
    const all = await stack();
    expect(toolIn(all, "read_file")).toMatchObject({ catalogPath: "/catalog/files-mcp/read_file" });
    expect(toolIn(all, "write_file")).toMatchObject({ catalogPath: "/catalog/files-mcp" });
    expect(toolIn(all, "list_mail")).toMatchObject({ catalogPath: null });
  });

  it("has a recommended policy for each server, with what the catalog knows besides", async () => {
    const recommended = async () => {
      const { document, ...rest } = await must("GET", `/servers/${files}/recommended`);
      return { ...rest, document: JSON.parse(document) };
    };
    const parameter = { name: "_callerRole", types: null, required: false, declared: false };
    await database().catalogTool.updateMany({ where: { name: "read_file" }, data: { parameters: [parameter] } });
    expect(await recommended()).toMatchObject({
      catalogPath: "/catalog/files-mcp",
      tools: [
        { name: "read_file", category: "Read", severity: "low" },
        { name: "delete_file" },
        { name: "write_file" },
      ],
      document: {
        default: "deny",
        hide: ["delete_file"],
        all_tools: { deny_if: [{ conditions: [{ path: "args._callerRole", op: "exists", value: true }] }] },
        tools: { read_file: {}, write_file: { limits: [{ max: 30, window: "minute" }] } },
      },
    });
    const stranger = await signUp();
    expect((await ask("GET", `/servers/${files}/recommended`, { key: stranger.apiKey })).status).toBe(404);
  });

  it("is its own organisation's alone, and every role may read it", async () => {
    const stranger = await signUp();
    const viewer = await addMember(owner, "viewer");
    expect((await must("GET", "/stack", undefined, viewer.apiKey)).totals.tools).toBe(6);
    expect((await must("GET", "/stack", undefined, stranger.apiKey)).totals.tools).toBe(0);
    expect((await ask("GET", `/stack?serverId=${files}`, { key: stranger.apiKey })).status).toBe(404);
    expect((await ask("GET", "/stack")).status).toBe(401);
    expect((await ask("GET", "/stack?reach=everywhere", { key: owner.apiKey })).status).toBe(400);
  });

  it("is paged without a gap or a repetition, and quick with thousands of tools", async () => {
    const { apiKey, organisation } = await signUp();
    const big = await database().server.create({
      data: { organisationId: organisation.id, name: "big", transport: "http", url: "https://big.example.com" },
    });
    const severities = ["low", "medium", "high", "critical"];
    await database().tool.createMany({
      data: Array.from({ length: 4_000 }, (_, at) => ({
        serverId: big.id,
        name: `tool_${at}`,
        position: at,
        definition: JSON.stringify({ name: `tool_${at}`, inputSchema: { type: "object" } }),
        definitionHash: randomUUID(),
        category: "Execute",
        severity: severities[at % 4] ?? "low",
        confidence: 1,
        signals: [],
      })),
    });
    const globs = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`tool_${at}*`, {}]));
    const document = { version: "1", default: "deny", tools: globs };
    for (const label of ["a", "b", "c"]) {
      const { id } = await must("POST", `/servers/${big.id}/policies`, { name: label, document }, apiKey);
      await must("POST", `/servers/${big.id}/grants`, { label, policyId: id }, apiKey);
    }
    await must("GET", "/stack", undefined, apiKey);
    const startedAt = performance.now();
    const names: string[] = [];
    let cursor: string | null = "";
    let pages = 0;
    do {
      const page: { items: Item[]; nextCursor: string | null } = await must(
        "GET",
        `/stack?severity=high&limit=200${cursor && `&cursor=${cursor}`}`,
        undefined,
        apiKey,
      );
      names.push(...namesIn(page));
      cursor = page.nextCursor;
      pages += 1;
    } while (cursor !== null);
    const ms = (performance.now() - startedAt) / pages;
    console.log(`a page of 200 out of 4,000 tools under three policies of 50 globs: ${Math.round(ms)} ms`);
    expect([names.length, new Set(names).size, pages]).toEqual([1_000, 1_000, 5]);
    expect(ms).toBeLessThan(2_000);
    expect(await must("GET", "/stack?cursor=nonsense", undefined, apiKey)).toMatchObject({ items: [] });
  });
});
