import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { administer } from "../e2e/harness/database.ts";
import { deploy } from "./migrate.ts";

describe("a PostgreSQL of somebody's own", () => {
  it("on which we may not create the extension that the search needs is told apart from one that is broken", async () => {
    const name = `limited_${randomUUID().slice(0, 8)}`;
    await administer(`CREATE ROLE "${name}" LOGIN PASSWORD 'x'`);
    await administer(`CREATE DATABASE "${name}"`);
    try {
      const url = new URL(process.env.DATABASE_URL ?? "");
      url.pathname = `/${name}`;
      const owners = url.href;
      await administer(`GRANT ALL ON SCHEMA public TO "${name}"`, owners);
      [url.username, url.password] = [name, "x"];
      await expect(deploy(url.href)).rejects.toThrow(/CREATE EXTENSION pg_trgm/);
      await administer("CREATE EXTENSION pg_trgm", owners);
      expect(await deploy(url.href)).toContain("20261123023000_catalog_search");
    } finally {
      await administer(`DROP DATABASE "${name}" WITH (FORCE)`);
      await administer(`DROP ROLE "${name}"`);
    }
  });
});
