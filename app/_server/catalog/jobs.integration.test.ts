// Jobs on the catalog: the API on a real Postgres, and runners whose world is a stand-in.
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Harvest } from "../../../catalog/harvest.ts";
import { freshDatabase, type TestDatabase } from "../../../e2e/harness/database.ts";
import { database } from "../../../prisma/client.ts";
import { addMember, ask, setEnvironment, signUp } from "../test-world.ts";
import { type JobRunner, startJobRunner } from "./job-runner.ts";
import { type JobWorld, Later, type RegistryPage } from "./job-work.ts";

let fresh: TestDatabase;
let owner: Awaited<ReturnType<typeof signUp>>;
let runners: JobRunner[] = [];

beforeAll(async () => {
  fresh = await freshDatabase();
  setEnvironment(fresh.url);
  owner = await signUp();
});

afterAll(async () => {
  await database().$disconnect();
  await fresh?.drop();
});

beforeEach(() => database().catalogJob.deleteMany());
afterEach(async () => {
  for (const runner of runners) await runner.stop();
  runners = [];
});

const post = (body: object, key = owner.apiKey) => ask("POST", "/catalog/jobs", { key, body });
async function queue(body: object, key = owner.apiKey): Promise<string> {
  const answer = await post(body, key);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body.id;
}
const read = async (id: string, key = owner.apiKey) => (await ask("GET", `/catalog/jobs/${id}`, { key })).body;

async function until(id: string, ...statuses: string[]) {
  for (let i = 0; i < 200; i += 1) {
    const job = await read(id);
    if (statuses.includes(job.status)) return job;
    await sleep(25);
  }
  throw new Error(`the job is ${JSON.stringify(await read(id))}`);
}

const found = (source: string): Harvest => ({
  ok: true,
  source,
  name: source,
  packageName: null,
  version: "1.0.0",
  repository: null,
  homepage: null,
  licence: null,
  description: null,
  protocolVersion: null,
  serverInfo: null,
  instructions: null,
  at: new Date().toISOString(),
  ms: 1,
  tools: [{ name: "a", definition: "{}", definitionHash: "x" }],
  leftOut: [],
  isolation: null,
});

type World = Omit<JobWorld, "progress">;

/** A world where everything works, except what a test says; and what was asked of it. */
function worldWhere(changes: Partial<World> = {}) {
  const asked: string[] = [];
  const world: World = {
    async harvest(target) {
      asked.push(target.kind === "npm" ? target.package : target.url);
      return found(`npm:${asked.at(-1)}`);
    },
    async readRegistry(_url, cursor): Promise<RegistryPage> {
      asked.push(`page ${cursor}`);
      return pageOf(cursor);
    },
    recordHarvest: async () => ({ slug: "a", added: 1, changed: 0, removed: 0, events: 2 }),
    importEntries: async (entries) => ({ added: entries.length, updated: 0, unchanged: 0 }),
    ...changes,
  };
  return { world, asked };
}

const lastPage = 5;
function pageOf(cursor: string | null): RegistryPage {
  const page = Number(cursor ?? 0);
  const entry = { source: `registry:${page}`, name: `${page}`, description: null, version: null, repository: null };
  return {
    ok: true,
    entries: [{ ...entry, packages: [], remotes: [], status: "active" }],
    nextCursor: page + 1 < lastPage ? String(page + 1) : null,
    problems: [],
  };
}

function run(world: World): JobRunner {
  const runner = startJobRunner({ databaseUrl: fresh.url, world, pollMs: 200, retryMs: 50 });
  runners.push(runner);
  return runner;
}

/** Never answers; says when it was asked, and when it was called off. */
function hanging() {
  const said = { asked: 0, calledOff: 0 };
  const harvest: World["harvest"] = (_target, signal) => {
    said.asked += 1;
    return new Promise((_, reject) => {
      signal.addEventListener("abort", () => {
        said.calledOff += 1;
        reject(signal.reason);
      });
    });
  };
  return { said, harvest };
}

describe("a job on the catalog", () => {
  it("is done by itself, and says what came of it", async () => {
    const { world, asked } = worldWhere();
    run(world);
    const id = await queue({ kind: "npm", target: "npm:@scope/files@1.2.3" });
    expect(await until(id, "done")).toMatchObject({
      kind: "npm",
      target: "@scope/files@1.2.3",
      done: 1,
      total: 1,
      message: "Listed 1 tool.",
      result: { slug: "a", tools: 1, added: 1, events: 2, version: "1.0.0" },
      startedAt: expect.any(String),
      endedAt: expect.any(String),
    });
    expect(asked).toEqual(["@scope/files"]);
  });

  it("fails with the gateway's words", async () => {
    const failed = { ok: false, source: "npm:x", code: "exited", message: "It ended.", version: null, ms: 1 } as const;
    run(worldWhere({ harvest: async () => ({ ...failed, isolation: null }) }).world);
    const id = await queue({ kind: "url", target: "https://mcp.example.com/mcp" });
    expect(await until(id, "failed")).toMatchObject({ message: "It ended.", result: null });
  });

  it("that trips over a fault of ours ends, tells nothing of it, and the next one is done", async () => {
    let first = true;
    const { world } = worldWhere({
      recordHarvest: async () => {
        if (!first) return { slug: "a", added: 0, changed: 0, removed: 0, events: 0 };
        first = false;
        throw new Error("secret");
      },
    });
    const [broken, next] = [await queue({ kind: "npm", target: "x" }), await queue({ kind: "npm", target: "y" })];
    run(world);
    expect((await until(broken, "failed")).message).not.toContain("secret");
    await until(next, "done");
  });

  it("reads a registry page by page", async () => {
    const { world, asked } = worldWhere();
    run(world);
    const id = await queue({ kind: "registry", target: "https://registry.example.com/v0/servers" });
    expect(await until(id, "done")).toMatchObject({
      done: lastPage,
      total: lastPage,
      result: { added: lastPage, updated: 0, unchanged: 0, unreadable: 0 },
      message: "Read 5 entries.",
    });
    expect(asked).toEqual(["page null", "page 1", "page 2", "page 3", "page 4"]);
  });

  it("imports a list that is handed in, and keeps it no longer than needed", async () => {
    run(worldWhere().world);
    const servers = Array.from({ length: 450 }, (_, at) => ({ name: `a/${at}` }));
    const id = await queue({
      kind: "registry",
      target: "my list.json",
      document: { servers: [...servers, { name: 7 }] },
    });
    expect(await until(id, "done")).toMatchObject({ done: 450, total: 450, result: { added: 450, unreadable: 1 } });
    expect(await database().catalogJob.findUnique({ where: { id } })).toMatchObject({ input: null });
  });

  it("waits while no gateway runs, or while it is busy, and goes on when that is over", async () => {
    let tries = 0;
    const busy = {
      ok: false,
      source: "npm:x",
      code: "busy",
      message: "",
      version: null,
      ms: 1,
      isolation: null,
    } as const;
    const { world } = worldWhere({
      async harvest() {
        tries += 1;
        if (tries < 8) throw new Later("Waiting for a gateway to run.");
        return tries < 10 ? busy : found("npm:x");
      },
    });
    run(world);
    await until(await queue({ kind: "npm", target: "x" }), "done");
    expect(tries).toBe(10);
  });

  it("that leads in a circle ends", async () => {
    run(worldWhere({ readRegistry: async () => ({ ...pageOf(null), nextCursor: "again" }) as RegistryPage }).world);
    const id = await queue({ kind: "registry", target: "https://registry.example.com/v0/servers" });
    expect((await until(id, "failed")).message).toContain("circle");
  });
});

describe("cancelling", () => {
  it("stops what runs at once, and the next one begins", async () => {
    const { said, harvest } = hanging();
    run(worldWhere({ harvest }).world);
    const id = await queue({ kind: "npm", target: "x" });
    const next = await queue({ kind: "npm", target: "y" });
    await until(id, "running");
    while (said.asked === 0) await sleep(10);
    const startedAt = performance.now();
    expect((await ask("DELETE", `/catalog/jobs/${id}`, { key: owner.apiKey })).status).toBe(204);
    expect(await read(id)).toMatchObject({ status: "cancelled", endedAt: expect.any(String) });
    while (said.calledOff === 0) await sleep(5);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await until(next, "running");
    expect(await read(id)).toMatchObject({ status: "cancelled" });
  });

  it("keeps what waits from ever beginning, and does nothing to what has ended", async () => {
    const id = await queue({ kind: "npm", target: "x" });
    const cancel = () => ask("DELETE", `/catalog/jobs/${id}`, { key: owner.apiKey });
    expect((await cancel()).status).toBe(204);
    const { world, asked } = worldWhere();
    run(world);
    const done = await queue({ kind: "npm", target: "y" });
    await until(done, "done");
    expect(asked).toEqual(["y"]);
    expect((await ask("DELETE", `/catalog/jobs/${done}`, { key: owner.apiKey })).status).toBe(204);
    expect((await read(done)).status).toBe("done");
  });
});

describe("a restart", () => {
  it("takes up what was running, a registry where it was", async () => {
    const before = worldWhere();
    const stuck = new Promise<RegistryPage>(() => {});
    const hanging = {
      ...before.world,
      readRegistry: (url: string, cursor: string | null, signal: AbortSignal) =>
        cursor === "3" ? stuck : before.world.readRegistry(url, cursor, signal),
    };
    const first = run(hanging);
    const id = await queue({ kind: "registry", target: "https://registry.example.com/v0/servers" });
    while (before.asked.length < 3 || (await read(id)).done < 3) await sleep(10);
    await first.stop();
    expect(await read(id)).toMatchObject({ status: "running", done: 3 });

    const after = worldWhere();
    run(after.world);
    expect(await until(id, "done")).toMatchObject({ done: lastPage, result: { added: lastPage } });
    expect(after.asked).toEqual(["page 3", "page 4"]);
  });

  it("does not begin for ever what never gets any further", async () => {
    const id = await queue({ kind: "npm", target: "x" });
    await database().catalogJob.update({ where: { id }, data: { status: "running", attempts: 5 } });
    const { world, asked } = worldWhere();
    run(world);
    expect((await until(id, "failed")).message).toContain("5 times");
    expect(asked).toEqual([]);
  });
});

describe("several web processes", () => {
  it("do each job once", async () => {
    const { world, asked } = worldWhere();
    for (let i = 0; i < 4; i += 1) run(world);
    const ids = [];
    for (let i = 0; i < 12; i += 1) ids.push(await queue({ kind: "npm", target: `p${i}` }));
    for (const id of ids) await until(id, "done");
    expect(asked.sort()).toEqual(ids.map((_, i) => `p${i}`).sort());
  });

  it("take over when the one at work loses its connection, which stops what it did", async () => {
    const one = hanging();
    run(worldWhere({ harvest: one.harvest }).world);
    const id = await queue({ kind: "npm", target: "x" });
    while (one.said.asked === 0) await sleep(10);
    const { world, asked } = worldWhere();
    run(world);
    await sleep(300);
    expect(asked).toEqual([]);
    const client = new pg.Client({ connectionString: fresh.url });
    await client.connect();
    // The one that holds the lock; the other may get it, or the first one again.
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = ${0x706c6379} AND granted`,
    );
    await client.end();
    while (one.said.calledOff === 0) await sleep(10);
    for (let i = 0; i < 100 && asked.length === 0 && one.said.asked < 2; i += 1) await sleep(20);
    expect(asked.length + one.said.asked).toBe(2);
    expect(["running", "done"]).toContain((await read(id)).status);
  });
});

describe("who may add to the catalog", () => {
  it("is an admin of the organisation that signed up first, and others hear why not", async () => {
    const stranger = await signUp();
    for (const body of [
      { kind: "npm", target: "x" },
      { kind: "url", target: "https://mcp.example.com/mcp" },
      { kind: "registry", target: "https://registry.example.com/v0/servers" },
    ]) {
      const answer = await post(body, stranger.apiKey);
      expect([answer.status, answer.body.code]).toEqual([403, "catalog_not_yours"]);
      expect(answer.body.detail).toContain("signed up first");
    }
    for (const role of ["policy_manager", "viewer"] as const) {
      const { apiKey } = await addMember(owner, role);
      expect((await post({ kind: "npm", target: "x" }, apiKey)).body.code).toBe("forbidden");
      expect((await ask("GET", "/catalog/jobs", { key: apiKey })).status).toBe(403);
    }
    expect((await post({ kind: "npm", target: "x" }, undefined)).status).toBe(201);
    expect((await ask("POST", "/catalog/jobs", { body: { kind: "npm", target: "x" } })).status).toBe(401);
    expect((await ask("GET", "/me", { key: stranger.apiKey })).body.mayFillCatalog).toBe(false);
    expect((await ask("GET", "/me", { key: owner.apiKey })).body.mayFillCatalog).toBe(true);
  });

  it("sees the jobs of the own organisation alone", async () => {
    const id = await queue({ kind: "npm", target: "x" });
    const stranger = await signUp();
    expect((await ask("GET", "/catalog/jobs", { key: stranger.apiKey })).body.items).toEqual([]);
    for (const method of ["GET", "DELETE"]) {
      expect((await ask(method, `/catalog/jobs/${id}`, { key: stranger.apiKey })).status).toBe(404);
    }
    expect((await read(id)).status).toBe("queued");
  });
});

describe("what is asked for", () => {
  it.each([
    [{ kind: "npm", target: "--registry=https://evil.example" }],
    [{ kind: "npm", target: "../../etc" }],
    [{ kind: "npm", target: "https://evil.example/x.tgz" }],
    [{ kind: "npm", target: "file:x" }],
    [{ kind: "url", target: "file:///etc/passwd" }],
    [{ kind: "url", target: "npm:x" }],
    [{ kind: "url", target: "https://user:secret@mcp.example.com/" }],
    [{ kind: "url", target: "https://mcp.example.com/?api_key=secret" }],
    [{ kind: "url", target: "https://mcp.example.com/#secret" }],
    [{ kind: "registry", target: "ftp://registry.example.com/" }],
    [{ kind: "registry", target: "x", document: "no JSON" }],
    [{ kind: "registry", target: "x", document: { servers: [] } }],
    [{ kind: "registry", target: "x", document: { servers: [{ name: 7 }] } }],
    [{ kind: "git", target: "x" }],
    [{ kind: "npm", target: "x", document: {} }],
  ])("is refused when it is not what it should be: %j", async (body) => {
    expect((await post(body)).status).toBe(422);
    expect(await database().catalogJob.count()).toBe(0);
  });

  it("is done once at a time", async () => {
    const id = await queue({ kind: "npm", target: "x" });
    const again = await post({ kind: "npm", target: "x" });
    expect([again.status, again.body.code, again.body.id]).toEqual([409, "job_waiting", id]);
    await ask("DELETE", `/catalog/jobs/${id}`, { key: owner.apiKey });
    await queue({ kind: "npm", target: "x" });
    const both = await Promise.all([post({ kind: "npm", target: "y" }), post({ kind: "npm", target: "y" })]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
  });

  it("is listed newest first, page by page", async () => {
    const ids = [];
    for (let i = 0; i < 5; i += 1) ids.unshift(await queue({ kind: "npm", target: `p${i}` }));
    const page = async (cursor = "") =>
      (await ask("GET", `/catalog/jobs?limit=2${cursor && `&cursor=${cursor}`}`, { key: owner.apiKey })).body;
    const listed: string[] = [];
    for (let next: string | null = ""; next !== null; ) {
      const { items, nextCursor }: { items: { id: string }[]; nextCursor: string | null } = await page(next);
      listed.push(...items.map(({ id }) => id));
      next = nextCursor;
    }
    expect(listed).toEqual(ids);
  });
});
