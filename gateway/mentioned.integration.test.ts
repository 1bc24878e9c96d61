// What is recorded of calls besides the decision, by a real gateway for real clients: values of arguments, and what a version
// beside the enforced one would have answered.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connectLegacy, type McpClient } from "../e2e/harness/clients.ts";
import { freshDatabase, type TestDatabase } from "../e2e/harness/database.ts";
import { type GrantRow, openHouse, type TestHouse } from "../e2e/harness/house.ts";
import { type RunningGateway, startGateway, testSecretKey } from "../e2e/harness/processes.ts";
import { openCallArguments } from "../prisma/call-arguments.ts";
import { readSecretKeys } from "../prisma/secrets.ts";

const echoPath = fileURLToPath(new URL("../e2e/servers/echo-http.ts", import.meta.url));
const keys = readSecretKeys(testSecretKey);
const secret = "sk-live-4242-do-not-log";

let database: TestDatabase;
let house: TestHouse;
let gateway: RunningGateway;
let echoUrl: string;
let serverId: string;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  house = await openHouse(database.url);
  gateway = await startGateway({ databaseUrl: database.url });
  const echo = spawn(process.execPath, ["--import", "tsx", echoPath], { stdio: ["ignore", "pipe", "inherit"] });
  closing.push(() => echo.kill("SIGKILL"));
  [echoUrl] = await once(createInterface(echo.stdout), "line");
});

afterAll(async () => {
  for (const close of closing.splice(0)) await close();
  await gateway?.stop();
  await house?.close();
  await database?.drop();
});

beforeEach(async () => {
  serverId = await house.addServer({ url: echoUrl, tools: { echo: "Read", fail: "Read" } });
});

/** The gateway enforces what it was told of when it has acknowledged it. */
async function enforced(): Promise<void> {
  await expect
    .poll(
      async () =>
        (await house.client.query('SELECT 1 FROM "Gateway", "ConfigEpoch" c WHERE "Gateway"."epoch" = c."epoch"'))
          .rowCount,
    )
    .toBeGreaterThan(0);
}

async function connect(grant: GrantRow): Promise<McpClient> {
  await enforced();
  const client = await connectLegacy(`${gateway.url}${grant.path}`, grant.token);
  closing.unshift(() => client.close().catch(() => {}));
  return client;
}

type Recorded = {
  id: string;
  code: string;
  argumentKeys: string[];
  sealedArguments: string | null;
  shadowVersion: number | null;
  shadowCode: string | null;
  shadowRule: string | null;
};

/** The calls of a grant, in order, once there are so many. */
async function recorded(grant: GrantRow, count: number): Promise<Recorded[]> {
  const read = async () =>
    (await house.client.query<Recorded>('SELECT * FROM "Call" WHERE "grantId" = $1 ORDER BY "id"', [grant.id])).rows;
  await expect.poll(async () => (await read()).length, { timeout: 5_000 }).toBe(count);
  return read();
}

const opened = ({ sealedArguments, id }: Recorded) =>
  sealedArguments === null ? null : openCallArguments(keys, sealedArguments, id);

/** Every byte that the gateway keeps on disk. */
async function onDisk(): Promise<string> {
  const names = await readdir(gateway.dataDir, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile());
  // Some are there only until they take another one's place.
  const read = (name: string) => readFile(name, "latin1").catch(() => "");
  return (await Promise.all(files.map((file) => read(path.join(file.parentPath, file.name))))).join("");
}

const asking = (...paths: string[]) => ({
  version: "1",
  default: "allow",
  all_tools: { deny_if: [{ conditions: paths.map((one) => ({ path: one, op: "eq", value: "never" })) }] },
});

describe("the values of arguments on record", () => {
  it("are those that policies mention, sealed in the database and on disk, and no others", async () => {
    const grant = await house.addGrant(serverId, await house.addPolicy(serverId, asking("args.text", "args.o.deep")));
    const client = await connect(grant);
    await client.call("echo", { text: secret, other: `${secret}-other`, o: { deep: 7, beside: secret } });
    await client.call("echo", { text: "t".repeat(300) });
    await client.call("echo", { other: secret });
    const [first, long, none] = await recorded(grant, 3);
    if (!first || !long || !none) throw new Error("a call is missing");
    expect(opened(first)).toEqual({
      paths: ["args.o.deep", "args.text"],
      values: [
        ["text", { value: secret }],
        ["o", { fields: [["deep", { value: 7 }]] }],
      ],
    });
    expect(opened(long)?.values).toEqual([["text", { withheld: "too_long", type: "string" }]]);
    expect(none).toMatchObject({ argumentKeys: ["other"], sealedArguments: null });
    expect(openCallArguments(keys, first.sealedArguments ?? "", long.id)).toBeNull();

    const disk = await onDisk();
    expect(disk).toContain(first.id);
    expect(disk).toContain(first.sealedArguments);
    const rows = JSON.stringify((await house.client.query('SELECT * FROM "Call"')).rows);
    for (const place of [disk, rows, gateway.output()]) expect(place).not.toContain(secret);
  });

  it("are also those that only an old version or another policy of the server mentions, known or new", async () => {
    const policyId = await house.addPolicy(serverId, asking("args.old"));
    const grant = await house.addGrant(serverId, policyId);
    await house.publish(policyId, asking("args.text"));
    const client = await connect(grant);
    await client.call("echo", { old: 1, text: "a", other: 2 });
    await house.addPolicy(serverId, asking("args.other"));
    await enforced();
    await client.call("echo", { old: 1, text: "a", other: 2 });
    // A gateway that starts later reads all versions at once.
    await gateway.stop();
    gateway = await startGateway({ databaseUrl: database.url, dataDir: gateway.dataDir });
    await (await connect(grant)).call("echo", { old: 1, text: "a", other: 2 });
    const paths = (await recorded(grant, 3)).map((one) => opened(one)?.paths);
    expect(paths).toEqual([
      ["args.old", "args.text"],
      ["args.old", "args.other", "args.text"],
      ["args.old", "args.other", "args.text"],
    ]);
  });

  it("are none from the next call on when the owner turns it off, until it is on again", async () => {
    const grant = await house.addGrant(serverId, await house.addPolicy(serverId, asking("args.text")));
    const client = await connect(grant);
    for (const logArgumentValues of [true, false, true]) {
      await house.change("server", serverId, { logArgumentValues });
      await enforced();
      await client.call("echo", { text: "a" });
    }
    const kept = (await recorded(grant, 3)).map(({ sealedArguments }) => sealedArguments !== null);
    expect(kept).toEqual([true, false, true]);
  });
});

describe("a version beside the enforced one", () => {
  const limited = (max: number) => ({
    version: "1",
    default: "deny",
    tools: { echo: { limits: [{ counter: "n", window: "hour", max }] } },
  });
  /** Publishes without enforcing. */
  async function tryBeside(policyId: string, document: unknown, version: number): Promise<void> {
    await house.client.query('INSERT INTO "PolicyVersion" ("policyId", "version", "document") VALUES ($1, $2, $3)', [
      policyId,
      version,
      typeof document === "string" ? document : JSON.stringify(document),
    ]);
    await house.change("policy", policyId, { shadowVersion: version, shadowSince: new Date() });
    await enforced();
  }

  it("is on record and changes no answer, counts for itself through a crash, and is enforced once promoted", async () => {
    const policyId = await house.addPolicy(serverId, limited(3));
    const grant = await house.addGrant(serverId, policyId);
    await tryBeside(policyId, limited(2), 2);
    let client = await connect(grant);
    expect((await client.call("echo", { text: "a" })).isError).toBeFalsy();
    // What is on record is shipped; what it holds of its limits is read again.
    await recorded(grant, 1);
    await gateway.kill9();
    gateway = await startGateway({ databaseUrl: database.url, dataDir: gateway.dataDir });
    client = await connect(grant);
    const refused: boolean[] = [];
    for (let nth = 0; nth < 3; nth += 1) refused.push((await client.call("echo", { text: "a" })).isError === true);
    expect(refused).toEqual([false, false, true]);
    const calls = await recorded(grant, 4);
    expect(calls.map(({ code, shadowCode }) => [code, shadowCode])).toEqual([
      ["allowed", "allowed"],
      ["allowed", "allowed"],
      ["allowed", "rate_limited"],
      ["rate_limited", "rate_limited"],
    ]);
    expect(calls[2]).toMatchObject({ shadowVersion: 2, shadowRule: "/tools/echo/limits/0" });

    await tryBeside(policyId, { version: "1", default: "hide" }, 3);
    expect(await client.listTools()).toContain("echo");
    await house.change("policy", policyId, { activeVersion: 3, shadowVersion: null, shadowSince: null });
    await enforced();
    expect(await client.listTools()).not.toContain("echo");
    await expect(client.call("echo", { text: "a" })).rejects.toThrow("Unknown tool");
    expect((await recorded(grant, 5))[4]).toMatchObject({ code: "hidden", shadowVersion: null, shadowCode: null });
  });

  it("that cannot be evaluated is passed over", async () => {
    const policyId = await house.addPolicy(serverId, { version: "1", default: "allow" });
    const grant = await house.addGrant(serverId, policyId);
    await tryBeside(policyId, '{"version":"1","default":"perhaps"}', 2);
    const client = await connect(grant);
    expect((await client.call("echo", { text: "a" })).isError).toBeFalsy();
    expect((await recorded(grant, 1))[0]).toMatchObject({ code: "allowed", shadowVersion: null });
    expect(gateway.output()).toContain("it is not tried");
  });
});
