import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { type ServerFacts, serverFactsSchema } from "./facts.ts";
import { slugOf } from "./slug.ts";

const folder = path.join(import.meta.dirname, "data/servers");
const files = readdirSync(folder).sort();
const texts = files.map((file) => readFileSync(path.join(folder, file), "utf8"));
const servers = texts.map((text): ServerFacts => serverFactsSchema.parse(JSON.parse(text)));

/** Made by hand from its source, in our own words; the others are listed by our harvester. */
const written = new Set(["tmux-claude"]);
const fileBytesMax = 400_000;
const allBytesMax = 8_000_000;
const wordsMax = 6;

describe("the shipped snapshot", () => {
  it("holds at least 100 servers, each under the one slug of its source", () => {
    expect(servers.length).toBeGreaterThanOrEqual(101);
    expect(servers.map(({ slug }) => `${slug}.json`)).toEqual(files);
    expect(new Set(servers.map(({ source }) => source)).size).toBe(servers.length);
    for (const { slug, source } of servers) if (!written.has(slug)) expect(slugOf(source)).toBe(slug);
  });

  it("has tools for each, under one name each", () => {
    for (const { slug, tools } of servers) {
      expect(tools.length, slug).toBeGreaterThan(0);
      expect(new Set(tools.map(({ name }) => name)).size, slug).toBe(tools.length);
    }
  });

  it("says of what was harvested which version it was, and which definition", () => {
    for (const { slug, version, packageName, source, tools } of servers.filter((one) => !written.has(one.slug))) {
      expect([slug, version, `npm:${packageName}`]).toEqual([slug, expect.stringMatching(/^\d+\.\d+\.\d+/), source]);
      for (const { definitionHash } of tools) expect(definitionHash, slug).toMatch(/^[0-9a-f]{64}$/);
    }
  });

  it("holds facts and no sentence of anybody else's", () => {
    for (const server of servers.filter(({ slug }) => !written.has(slug))) {
      for (const tool of server.tools) {
        expect(tool.summary, `${server.slug} ${tool.name}`).toBeUndefined();
        for (const { source, quote } of tool.signals) {
          if (source === "title" || source === "description") expect(quote, server.slug).toBeNull();
        }
      }
      const sentences = stringsIn(server).filter((text) => text.split(/\s+/).length > wordsMax);
      expect(sentences, server.slug).toEqual([]);
    }
  });

  it("stays small enough to be read and shipped", () => {
    for (const [at, text] of texts.entries()) expect(text.length, files[at]).toBeLessThan(fileBytesMax);
    expect(texts.reduce((sum, text) => sum + text.length, 0)).toBeLessThan(allBytesMax);
  });
});

function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}
