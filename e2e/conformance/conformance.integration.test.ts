// The official suite, check by check: through the gateway it finds what it finds without, in both eras.
import { spawn } from "node:child_process";
import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { internalToken, readSecretKeys } from "../../prisma/secrets.ts";
import { freshDatabase, type TestDatabase } from "../harness/database.ts";
import { type Accepted, openHouse, type TestHouse } from "../harness/house.ts";
import { enforced } from "../harness/live.ts";
import { type RunningGateway, startGateway, testSecretKey } from "../harness/processes.ts";
import { count, differences, failing, type Results, table } from "./results.ts";
import { openShim } from "./shim.ts";
import { openSuite, type Revision, revisions, type Suite } from "./suite.ts";

const fixture = fileURLToPath(new URL("fixture/server.mjs", import.meta.url));
const startedAt = Date.now();
const rows: (string | number)[][] = [];
const closing: (() => unknown)[] = [];

let suite: Suite;
let database: TestDatabase;
let house: TestHouse;
let gateway: RunningGateway;
let scratch: string;

const allowAll = { version: "1", default: "allow" };

/** The fixture keeps state, such as a tool that comes and goes: every run has one of its own. */
async function startFixture(): Promise<string> {
  const child = spawn(process.execPath, [fixture], {
    env: { ...process.env, PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  closing.push(() => child.kill("SIGKILL"));
  const [line] = await new Promise<Buffer[]>((resolve, reject) => {
    child.stdout.once("data", (chunk: Buffer) => resolve([chunk]));
    child.once("close", () => reject(new Error("the fixture ended")));
  });
  return String(line).trim();
}

/** What the owner accepts who registers a server: what the gateway finds when it looks. */
async function acceptedOf(url: string): Promise<Accepted> {
  const response = await fetch(`${gateway.adminUrl}/internal/inspect`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${internalToken(readSecretKeys(testSecretKey))}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ transport: "http", url }),
  });
  return (await response.json()) as Accepted;
}

/** Puts the gateway before a server, with the settings that a server has when it is registered if `accepted` is given. */
async function register(url: string, toolNames: Iterable<string>, document: unknown, accepted?: Accepted) {
  const tools = Object.fromEntries([...toolNames].map((name) => [name, "Read"]));
  const serverId = await house.addServer({ url, tools, ...(accepted && { accepted }) });
  const grant = await house.addGrant(serverId, await house.addPolicy(serverId, document));
  await enforced(house);
  return { url: `${gateway.url}${grant.path}`, token: grant.token };
}

/** The server leg on a fixture of its own, straight or through the gateway with a policy. */
async function serverLeg(revision: Revision, name: string, document: object | null): Promise<Results> {
  const url = await startFixture();
  const outDir = path.join(scratch, revision, name);
  if (document === null) return suite.testServer(revision, url.replace("127.0.0.1", "localhost"), outDir);
  const accepted = await acceptedOf(url);
  const through = await register(
    url,
    accepted.tools.map(({ name }) => name),
    document,
    accepted,
  );
  const shim = await openShim(through.url, through.token);
  const results = await suite.testServer(revision, shim.url, outDir);
  shim.close();
  return results;
}

function note(leg: string, revision: string, direct: Results, through: Results, verdict: string): void {
  const [one, other] = [count(direct), count(through)];
  const passed = (side: typeof one) => `${side.passed} passed, ${side.failed} failed`;
  rows.push([leg, revision, one.scenarios, one.checks, passed(one), passed(other), verdict]);
}

beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), "policylayer-conformance-"));
  [suite, database] = await Promise.all([openSuite(), freshDatabase()]);
  house = await openHouse(database.url);
  gateway = await startGateway({ databaseUrl: database.url });
}, 180_000);

afterAll(async () => {
  await gateway?.stop();
  for (const close of closing.splice(0)) await close();
  await house?.close();
  await database?.drop();
  await rm(scratch, { recursive: true, force: true });
  const head = ["leg", "revision", "scenarios", "checks", "direct", "through the gateway", "verdict"];
  console.log(`\n${table(head, rows)}\n\n${((Date.now() - startedAt) / 1_000).toFixed(1)} s\n`);
});

describe.each(revisions)("a server of %s behind the gateway", (revision) => {
  let direct: Results;

  it("passes and fails the same checks as without, when everything is allowed", async () => {
    const [alone, through] = await Promise.all([
      serverLeg(revision, "direct", null),
      serverLeg(revision, "gateway", allowAll),
    ]);
    direct = alone;
    const different = differences(alone, through);
    note("server", revision, alone, through, Object.keys(different).length === 0 ? "identical" : "DIFFERS");
    expect(different).toEqual({});
    // What the comparison stands on: the fixture itself passes all that the revision requires.
    const required = await suite.required(revision);
    expect(required.size).toBeGreaterThanOrEqual(30);
    for (const scenario of required) expect([...alone.keys()]).toContain(scenario);
    expect(failing(alone).filter((scenario) => required.has(scenario))).toEqual([]);
  }, 120_000);

  it("changes in the checks of one tool, when that tool is hidden, and in no other", async () => {
    const through = await serverLeg(revision, "hidden", { ...allowAll, hide: ["test_simple_text"] });
    const different = differences(direct, through);
    const changed = Object.keys(different).sort();
    note("server, one tool hidden", revision, direct, through, `${changed.join(", ")} changed`);
    // The one scenario in which the suite calls it.
    expect(changed).toEqual(["tools-call-simple-text"]);
    for (const { through: got } of Object.values(different)) {
      for (const check of got) expect(check).toMatch(/=(FAILURE|SKIPPED|WARNING)$/);
    }
  }, 120_000);
});

/** The scenarios of the client leg in which no authorization server takes part. */
const clientScenarios: Record<Revision, string[]> = {
  "2025-11-25": [
    "initialize",
    "tools_call",
    "elicitation-sep1034-client-defaults",
    "sse-retry",
    "json-schema-2020-12-preservation",
  ],
  "2026-07-28": [
    ...["tools_call", "request-metadata", "sep-2322-client-request-state", "http-standard-headers"],
    ...["http-custom-headers", "http-invalid-tool-headers", "json-schema-ref-no-deref"],
    "json-schema-2020-12-preservation",
  ],
};

const cases = revisions.flatMap((revision) => clientScenarios[revision].map((scenario) => ({ revision, scenario })));

describe.concurrent("a client behind the gateway", { timeout: 150_000 }, () => {
  it.each(cases)("passes the same checks of $revision $scenario as without", async ({ revision, scenario }) => {
    const outDir = path.join(scratch, `client-${revision}-${scenario}`);
    const listed = `${outDir}.jsonl`;
    await appendFile(listed, "");
    const direct = await suite.testClient(revision, scenario, path.join(outDir, "direct"), { LISTED: listed });
    const tools = (await readFile(listed, "utf8")).split("\n").filter(Boolean);
    const names = tools.map((line) => (JSON.parse(line) as { name: string }).name);
    const registrar = await openRegistrar((url) => register(url, names, allowAll));
    const through = await suite.testClient(revision, scenario, path.join(outDir, "gateway"), { REGISTRAR: registrar });
    const different = differences(direct, through);
    const verdict = Object.keys(different).length === 0 ? "identical" : "DIFFERS";
    note(`client ${scenario}`, revision, direct, through, verdict);
    expect(different).toEqual({});
    expect(count(direct)).toMatchObject({ failed: 0 });
  });
});

/** Where a client that was told of a server asks for the gateway in front of it. */
async function openRegistrar(answer: (url: string) => Promise<object>): Promise<string> {
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { url } = JSON.parse(Buffer.concat(chunks).toString()) as { url: string };
    response.end(JSON.stringify(await answer(url)));
  });
  closing.push(() => server.close());
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
