import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../e2e/harness/database.ts";
import { database } from "./client.ts";
import { announceChange, configChannel } from "./epoch.ts";

let fresh: TestDatabase;
let listener: pg.Client;
const heard: unknown[] = [];

beforeAll(async () => {
  fresh = await freshDatabase();
  process.env.DATABASE_URL = fresh.url;
  listener = new pg.Client({ connectionString: fresh.url });
  await listener.connect();
  listener.on("notification", ({ channel, payload }) => heard.push([channel, JSON.parse(payload ?? "")]));
  await listener.query(`LISTEN ${configChannel}`);
});

afterAll(async () => {
  await listener.end();
  await database().$disconnect();
  await fresh.drop();
});

describe("announcing a change", () => {
  it("raises the epoch and tells the gateways which, with the transaction", async () => {
    const epoch = await database().$transaction((tx) => announceChange(tx, { kind: "grant", id: "some-id" }));
    expect(epoch).toBe(1n);
    await listener.query("SELECT 1"); // the notice is on its way before this answer
    expect(heard).toEqual([["policylayer_config", { epoch: "1", kind: "grant", id: "some-id" }]]);
  });

  it("says nothing when the transaction is taken back", async () => {
    const attempt = database().$transaction(async (tx) => {
      await announceChange(tx, { kind: "policy", id: "other-id" });
      throw new Error("taken back");
    });
    await expect(attempt).rejects.toThrow("taken back");
    await listener.query("SELECT 1");
    expect(heard).toHaveLength(1);
    expect(await database().configEpoch.findMany()).toEqual([{ id: 1, epoch: 1n }]);
  });
});
