import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { bytesIn } from "./npm.ts";

afterEach(() => vi.unstubAllEnvs());

it("a folder is as large as what lies in it", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "policylayer-npm-"));
  try {
    await writeFile(path.join(folder, "one"), Buffer.alloc(300_000, 1));
    const bytes = await bytesIn(folder);
    expect(bytes).toBeGreaterThanOrEqual(300_000);
    expect(bytes).toBeLessThan(400_000);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it("a folder that cannot be measured counts as too large", async () => {
  expect(await bytesIn("/no/such/folder")).toBe(Number.POSITIVE_INFINITY);
  vi.stubEnv("PATH", "/no/such/path");
  expect(await bytesIn(tmpdir())).toBe(Number.POSITIVE_INFINITY);
});
