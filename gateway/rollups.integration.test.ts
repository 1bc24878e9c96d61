// What is rolled up equals what counting the calls gives, whatever became of the way there.
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../e2e/harness/database.ts";
import { newDecisionId } from "./decision-id.ts";
import { openJournal } from "./journal.ts";
import type { DecisionRecord, OutcomeRecord } from "./journal-records.ts";
import { openRecord } from "./record.ts";

const log = { debug() {}, info() {}, warn() {}, error() {} };
let dirs: string[];
let database: TestDatabase;
let client: pg.Client;
beforeEach(async () => {
  dirs = [0, 1].map(() => mkdtempSync(join(tmpdir(), "rollups-")));
  database = await freshDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await database.drop();
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
});

const organisationId = randomUUID();
const serverIds = [randomUUID(), randomUUID()];
const grantIds = [randomUUID(), randomUUID(), null];
const outcomes = ["answered", "tool_error", "upstream_error", "not_sent", "unknown"] as const;

function oneOf<T>(values: readonly T[]): T {
  return values[Math.floor(Math.random() * values.length)] as T;
}

function decision(): DecisionRecord {
  const at = Date.now() - Math.floor(Math.random() * 5 * 60 * 60 * 1_000);
  const code = oneOf(["allowed", "allowed", "denied", "approval_required", "unknown_tool"]);
  return {
    ...{
      kind: "decision",
      id: newDecisionId(at),
      at,
      organisationId,
      serverId: oneOf(serverIds),
      grantId: oneOf(grantIds),
    },
    ...{
      sessionId: null,
      method: "tools/call",
      tool: oneOf(["a", "b", "x".repeat(256)]),
      policyId: null,
      policyVersion: null,
    },
    ...{
      code,
      rule: oneOf(["/default", `/tools/${"y".repeat(5_000)}`]),
      message: "",
      wouldDeny: code !== "allowed" && code !== "unknown_tool" && Math.random() < 0.5,
    },
    ...{ argumentKeys: [], clientName: null, reserve: [], gatewayMs: Math.random() * 3 },
  };
}

function outcome(id: string): OutcomeRecord {
  const upstreamMs = Math.random() < 0.8 ? Math.random() * 1_000 : null;
  return {
    ...{ kind: "outcome", id, at: Date.now(), outcome: oneOf(outcomes), upstreamStatus: 200, upstreamMs },
    ...{ gatewayMs: Math.random() * 5, gaveBack: false },
  };
}

/** Each pair has to be the same rows: what is rolled up, and the same counted. */
const pairs = [1, 24].flatMap((hours): [rolledUp: string, counted: string][] => {
  const at = `date_trunc('${hours === 1 ? "hour" : "day"}', "at", 'UTC') AS "at"`;
  const nil = "'00000000-0000-0000-0000-000000000000'";
  const grant = `coalesce("grantId", ${nil}) AS "grantId"`;
  return [
    [
      `SELECT "at", "serverId", "grantId", "code", "calls", "trials", "answered", "toolErrors", "upstreamErrors", "notSent", "unknown"
       FROM "CallCount" WHERE "hours" = ${hours} ORDER BY 1, 2, 3, 4`,
      `SELECT ${at}, "serverId", ${grant}, "code", count(*)::int AS "calls", count(*) FILTER (WHERE "wouldDeny")::int AS "trials",
         count(*) FILTER (WHERE "outcome" = 'answered')::int AS "answered", count(*) FILTER (WHERE "outcome" = 'tool_error')::int AS "toolErrors",
         count(*) FILTER (WHERE "outcome" = 'upstream_error')::int AS "upstreamErrors", count(*) FILTER (WHERE "outcome" = 'not_sent')::int AS "notSent",
         count(*) FILTER (WHERE "outcome" = 'unknown')::int AS "unknown" FROM "Call" GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
    ],
    [
      `SELECT "at", "serverId", "grantId", "tool", "calls", "refused", "asked", "errors" FROM "CallTool" WHERE "hours" = ${hours} ORDER BY 1, 2, 3, 4`,
      `SELECT ${at}, "serverId", ${grant}, CASE WHEN "code" = 'unknown_tool' THEN '' ELSE "tool" END AS "tool", count(*)::int AS "calls",
         count(*) FILTER (WHERE "code" NOT IN ('allowed', 'approval_required') AND NOT "wouldDeny")::int AS "refused",
         count(*) FILTER (WHERE "code" = 'approval_required' AND NOT "wouldDeny")::int AS "asked",
         count(*) FILTER (WHERE "outcome" IN ('tool_error', 'upstream_error'))::int AS "errors"
       FROM "Call" GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
    ],
    [
      `SELECT "at", "serverId", "grantId", "code", "rule", "calls" FROM "CallRule" WHERE "hours" = ${hours} ORDER BY 1, 2, 3, 4, 5`,
      `SELECT ${at}, "serverId", "of" AS "grantId", "code", left("rule", 300) AS "rule", count(*)::int AS "calls"
       FROM "Call" CROSS JOIN LATERAL (VALUES (${nil}::uuid), ("grantId")) g("of")
       WHERE "code" <> 'allowed' AND "of" IS NOT NULL GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5`,
    ],
    [
      `SELECT "at", "serverId", "bucket", "gateway", "upstream" FROM "CallLatency"
       WHERE "hours" = ${hours} AND ("gateway" <> 0 OR "upstream" <> 0) ORDER BY 1, 2, 3`,
      `SELECT ${at}, "serverId", "Call_bucket"(ms) AS "bucket", sum(g)::int AS "gateway", sum(u)::int AS "upstream"
       FROM "Call" CROSS JOIN LATERAL (VALUES ("gatewayMs", 1, 0), ("upstreamMs", 0, 1)) m(ms, g, u) WHERE ms IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
    ],
  ];
});

async function expectEqual(): Promise<void> {
  for (const [rolledUp, counted] of pairs) {
    expect((await client.query(rolledUp)).rows).toEqual((await client.query(counted)).rows);
  }
}

describe("what is rolled up of the calls", () => {
  it("equals counting them, when two gateways ship at once, batches come twice and outcomes come late", async () => {
    let made = 0;
    for (let round = 0; round < 4; round++) {
      await Promise.all(
        dirs.map(async (dir) => {
          const journal = await openJournal({ dir, log });
          const record = await openRecord({
            journal,
            databaseUrl: database.url,
            log,
            flushMs: 15,
            batchBytesMax: 4_000,
          });
          for (let n = 0; n < 60; n++) {
            const one = decision();
            await journal.append(one);
            made += 1;
            const awaits = one.code === "allowed" || one.wouldDeny;
            // Some outcomes come in the same batch, some in another, some never: those are unknown at the next start.
            if (awaits && Math.random() < 0.8) {
              if (Math.random() < 0.5) await new Promise((done) => setTimeout(done, 10));
              await journal.conclude(outcome(one.id), one);
            }
          }
          await record.close();
          await journal.close();
          // As after a crash: what was shipped is shipped again.
          if (round % 2 === 0) rmSync(join(dir, "shipped.json"), { force: true });
        }),
      );
      await expectEqual();
    }
    const journals = await Promise.all(dirs.map((dir) => openJournal({ dir, log })));
    const records = await Promise.all(
      journals.map((journal) => openRecord({ journal, databaseUrl: database.url, log })),
    );
    await expect.poll(() => records.every((record) => record.figures().pending === 0)).toBe(true);
    for (const record of records) await record.close();
    for (const journal of journals) await journal.close();
    const { rows } = await client.query(
      `SELECT count(*)::int AS "calls", count(*) FILTER (WHERE "outcome" = 'pending')::int AS "pending" FROM "Call"`,
    );
    expect(rows).toEqual([{ calls: made, pending: 0 }]);
    await expectEqual();
  });
});
