import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { claimDataDir, readSecrets } from "./data-dir.ts";
import { identityOf } from "./processes.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), "policylayer-data-"));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

describe("the secrets of an installation", () => {
  it("are made once, for their owner's eyes only", () => {
    const made = readSecrets(dir, {});
    expect(Buffer.from(made.SECRET_KEY, "base64url")).toHaveLength(32);
    expect(readSecrets(dir, {})).toEqual(made);
    expect(statSync(path.join(dir, "secrets.json")).mode & 0o777).toBe(0o600);
  });

  it("come from the environment where it has them", () => {
    expect(readSecrets(dir, { SECRET_KEY: "given", NEXTAUTH_SECRET: "" })).toMatchObject({
      SECRET_KEY: "given",
      NEXTAUTH_SECRET: readSecrets(dir, {}).NEXTAUTH_SECRET,
    });
  });

  it("get what an older installation did not have, and keep the rest", () => {
    const { EVIDENCE_KEY: _, ...older } = readSecrets(dir, {});
    writeFileSync(path.join(dir, "secrets.json"), JSON.stringify(older));
    const made = readSecrets(dir, {});
    expect(made).toMatchObject(older);
    expect(Buffer.from(made.EVIDENCE_KEY, "base64url")).toHaveLength(32);
    expect(readSecrets(dir, {})).toEqual(made);
  });

  it("are never made anew over a file that cannot be read", () => {
    writeFileSync(path.join(dir, "secrets.json"), '{"SECRET_KEY": "cut o');
    expect(() => readSecrets(dir, {})).toThrow("cannot be read");
  });

  it("are never made anew beside the database of lost ones", () => {
    mkdirSync(path.join(dir, "postgres"));
    writeFileSync(path.join(dir, "postgres", "PG_VERSION"), "18\n");
    expect(() => readSecrets(dir, {})).toThrow("secrets.json is gone");
    expect(existsSync(path.join(dir, "secrets.json"))).toBe(false);
  });
});

describe("claiming a data directory", () => {
  const pidFile = () => path.join(dir, "start.pid");

  it("is refused while another process has it", () => {
    writeFileSync(pidFile(), `${process.ppid} ${identityOf(process.ppid)}\n`);
    expect(() => claimDataDir(dir)).toThrow(`already running on ${dir} (process ${process.ppid})`);
  });

  it("succeeds after one that was killed, and tells of it", () => {
    writeFileSync(pidFile(), "999999999 1\n");
    expect(claimDataDir(dir)).toEqual({ leftovers: true });
  });

  it("succeeds when the number belongs to another process by now", () => {
    writeFileSync(pidFile(), `${process.ppid} 1\n`);
    expect(claimDataDir(dir)).toEqual({ leftovers: true });
  });

  it("succeeds in a new place", () => {
    const place = path.join(dir, "new");
    expect(claimDataDir(place)).toEqual({ leftovers: false });
  });
});
