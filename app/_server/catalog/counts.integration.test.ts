import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { riskCategories, severityOf } from "../../../catalog/schema.ts";
import { freshDatabase, type TestDatabase } from "../../../e2e/harness/database.ts";
import { database } from "../../../prisma/client.ts";
import { setEnvironment } from "../test-world.ts";
import { addServer, addTools } from "./catalog-world.ts";
import { catalogTotals } from "./totals.ts";

let fresh: TestDatabase;

beforeAll(async () => {
  fresh = await freshDatabase();
  setEnvironment(fresh.url);
});

afterAll(async () => {
  await database().$disconnect();
  await fresh.drop();
});

/** A row of numbers that is the same each time: what fails once fails again. */
function chances(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

async function countedTotals() {
  const db = database();
  const tools = await db.catalogTool.findMany({ where: { state: "current" }, select: { category: true } });
  const servers = await db.catalogServer.findMany({ select: { sourceKind: true, evidence: true } });
  const of = (category: string) => tools.filter((tool) => tool.category === category).length;
  return {
    servers: servers.length,
    tools: tools.length,
    byCategory: Object.fromEntries(riskCategories.map((category) => [category, of(category)])),
    bySourceKind: Object.fromEntries(
      ["npm", "github", "registry", "url"].map((kind) => [
        kind,
        servers.filter((row) => row.sourceKind === kind).length,
      ]),
    ),
    byEvidence: Object.fromEntries(
      ["harvest", "snapshot", "registry"].map((name) => [name, servers.filter((row) => row.evidence === name).length]),
    ),
  };
}

/** What the triggers keep, beside the same made anew from servers and tools. */
async function expectInStep(): Promise<void> {
  const db = database();
  const totals = await catalogTotals();
  const { bySeverity, ...rest } = totals;
  expect(rest).toEqual(await countedTotals());
  expect(bySeverity.critical).toBe(totals.byCategory.Destructive + totals.byCategory.Financial);
  expect(severityOf.Destructive).toBe("critical");

  const wrongCounts = await db.$queryRaw`
    SELECT s."slug" FROM "CatalogServer" s LEFT JOIN "CatalogTool" t ON t."serverId" = s."id" AND t."state" = 'current'
    GROUP BY s."id" HAVING s."toolCount" <> count(t."id")
      OR s."readCount" <> count(*) FILTER (WHERE t."category" = 'Read')
      OR s."destructiveCount" <> count(*) FILTER (WHERE t."category" = 'Destructive')`;
  expect(wrongCounts).toEqual([]);
  const wrongWords = await db.$queryRaw`
    WITH anew AS (
      SELECT "word", count(*) FILTER (WHERE e."shelf" < 4096)::int AS "servers", count(*) FILTER (WHERE e."shelf" >= 4096)::int AS "tools"
      FROM "CatalogEntry" e, unnest(tsvector_to_array(ts_filter(e."vector", '{a,b}'))) AS "word" GROUP BY 1
    )
    SELECT * FROM anew FULL JOIN "CatalogWord" w USING ("word")
    WHERE (anew."servers", anew."tools") IS DISTINCT FROM (w."servers", w."tools")`;
  expect(wrongWords).toEqual([]);
  const before =
    await db.$queryRaw`SELECT "id"::text, "shelf", "rank", "nameKey", "kin", "vector"::text FROM "CatalogEntry" ORDER BY 1`;
  await db.$executeRaw`DELETE FROM "CatalogEntry"`;
  await db.$executeRaw`SELECT catalog_enter_servers(ARRAY (SELECT "id" FROM "CatalogServer"))::text`;
  await db.$executeRaw`SELECT catalog_enter_tools(ARRAY (SELECT "id" FROM "CatalogTool"))::text`;
  const anew =
    await db.$queryRaw`SELECT "id"::text, "shelf", "rank", "nameKey", "kin", "vector"::text FROM "CatalogEntry" ORDER BY 1`;
  expect(before).toEqual(anew);
}

describe("the numbers of the catalog", () => {
  it("are what counting says, after any row of changes, also those that are taken back", async () => {
    const chance = chances(20_261_123);
    const db = database();
    const pick = async () => {
      const servers = await db.catalogServer.findMany({ orderBy: { slug: "asc" }, select: { id: true } });
      return servers[chance(servers.length)]?.id ?? "";
    };
    const names = ["delete_file", "readFile", "pay_invoice", "run-query", "send.mail", "x"];
    const tools = () => Array.from({ length: chance(6) }, () => `${names[chance(names.length)]}_${chance(40)}`);
    let made = 0;
    const add = () => {
      made += 1;
      const source = `${["npm", "github", "url", "registry"][chance(4)]}:made-${made}`;
      const evidence = (["harvest", "snapshot", "registry"] as const)[chance(3)] ?? "harvest";
      return addServer({ source, name: `Made ${made}`, evidence, tools: tools() });
    };
    const changes: (() => Promise<unknown>)[] = [
      add,
      async () => addTools(await pick(), tools()),
      async () => db.catalogTool.updateMany({ where: { serverId: await pick() }, data: { state: "gone" } }),
      async () => db.catalogTool.updateMany({ where: { state: "gone" }, data: { state: "current" } }),
      async () => db.catalogTool.updateMany({ where: { serverId: await pick() }, data: { category: "Financial" } }),
      async () => db.catalogTool.deleteMany({ where: { serverId: await pick(), name: { contains: "file" } } }),
      async () =>
        db.catalogServer.update({
          where: { id: await pick() },
          data: { name: `Renamed ${chance(9)}`, evidence: "harvest" },
        }),
      async () => db.catalogServer.delete({ where: { id: await pick() } }),
      // What somebody else writes there is put right by the next change of its tools.
      async () => {
        const id = await pick();
        await db.catalogServer.update({ where: { id }, data: { toolCount: 999, readCount: 7 } });
        await addTools(id, ["read_once_more"]);
      },
      async () =>
        db
          .$transaction(async (tx) => {
            await tx.catalogTool.deleteMany();
            await tx.catalogServer.deleteMany();
            throw new Error("taken back");
          })
          .catch(() => {}),
    ];
    for (let at = 0; at < 5; at += 1) await add();
    for (let round = 0; round < 6; round += 1) {
      for (let at = 0; at < 15; at += 1) {
        if ((await db.catalogServer.count()) < 3) await add();
        await changes[chance(changes.length)]?.();
      }
      await expectInStep();
    }
    await db.catalogServer.deleteMany();
    await expectInStep();
    expect(await db.catalogWord.count()).toBe(0);
    expect(await db.catalogShelf.count()).toBe(0);
  });

  it("are what counting says when several write at once, and nobody waits for ever", async () => {
    const servers = await Promise.all(Array.from({ length: 4 }, (_, at) => addServer({ source: `npm:at-once-${at}` })));
    const words = ["alpha", "beta", "gamma", "delta"];
    await Promise.all(
      servers.flatMap(({ id }, at) =>
        words.map((_, turn) => {
          const order = [...words.slice(turn), ...words.slice(0, turn)];
          return addTools(
            id,
            (at % 2 === 0 ? order : [...order].reverse()).map((word) => `get_${word}_${turn}`),
          );
        }),
      ),
    );
    expect((await catalogTotals()).tools).toBe(64);
    await expectInStep();
  });
});
