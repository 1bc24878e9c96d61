import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../../../e2e/harness/database.ts";
import { database } from "../../../prisma/client.ts";
import { setEnvironment } from "../test-world.ts";
import { addServer } from "./catalog-world.ts";
import { relatedServers, relatedTools } from "./related.ts";

let fresh: TestDatabase;

beforeAll(async () => {
  fresh = await freshDatabase();
  setEnvironment(fresh.url);
  await addServer({ source: "npm:files", tools: ["delete_file", "read_file", "deleteFolder"] });
  await addServer({ source: "npm:drive", tools: ["removeFile", "list_files", "share_file"] });
  await addServer({ source: "npm:disk", tools: ["delete-files", "get_weather"] });
  await addServer({ source: "npm:people", tools: ["delete_user", "create_user"] });
  await addServer({ source: "npm:weather", tools: ["get_forecast"] });
  for (let at = 0; at < 10; at += 1) await addServer({ source: `npm:copy-${at}`, tools: ["get_forecast"] });
});

afterAll(async () => {
  await database().$disconnect();
  await fresh.drop();
});

const files = { slug: "files" };

describe("tools that are related", () => {
  it("do the same to the same things, then something of the kind to them, then the same to others; and it is said what", async () => {
    const related = await relatedTools({ server: files, name: "delete_file" });
    expect(related.map(({ server, name, why }) => `${server.slug}/${name}: ${why}`)).toEqual([
      "disk/delete-files: also deletes files",
      "drive/removeFile: also removes files",
      "people/delete_user: deletes users",
    ]);
  });

  it("are of other servers, one of each, and not six times the same", async () => {
    const related = await relatedTools({ server: { slug: "weather" }, name: "get_forecast" });
    const slugs = related.map(({ server }) => server.slug);
    expect(new Set(slugs).size).toBe(slugs.length);
    expect(slugs).not.toContain("weather");
    expect(related.filter(({ name }) => name === "get_forecast")).toHaveLength(3);
  });

  it("are the same at each look", async () => {
    const look = () => relatedTools({ server: files, name: "read_file" });
    expect(await look()).toEqual(await look());
  });

  it("are none for a tool or server that nobody knows", async () => {
    expect(await relatedTools({ server: files, name: "nothing" })).toEqual([]);
    expect(await relatedTools({ server: files, name: "\0" })).toEqual([]);
    expect(await relatedTools({ server: { slug: "nobody" }, name: "x" })).toEqual([]);
    expect(await relatedServers("nobody")).toEqual([]);
    expect(await relatedServers("\0")).toEqual([]);
  });
});

describe("servers that are related", () => {
  it("have tools that do the same, most in common first, and what is said is true of them", async () => {
    const related = await relatedServers("files");
    expect(related.map(({ slug, why }) => `${slug}: ${why}`).slice(0, 2)).toEqual([
      "disk: also deletes files",
      "drive: also removes files and lists files",
    ]);
    expect(related.map(({ slug }) => slug)).not.toContain("files");
  });

  it("are none for one without tools", async () => {
    await addServer({ source: "npm:empty" });
    expect(await relatedServers("empty")).toEqual([]);
  });
});
