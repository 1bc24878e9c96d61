import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  batchText,
  endLineText,
  endText,
  exportText,
  format,
  noHash,
  publicPem,
  sealLink,
  signerOf,
} from "../evidence/format.ts";
import { processIo } from "./io.ts";
import { run } from "./run.ts";

const dir = mkdtempSync(path.join(tmpdir(), "policylayer-verify-"));
afterAll(() => rmSync(dir, { recursive: true }));

const signer = signerOf(Buffer.alloc(32, 5).toString("base64url"));
const at = "2026-11-01T00:00:00.000Z";
const records = ['{"id":"one"}', '{"id":"two"}'];
const { head, index } = sealLink(
  records,
  { organisationId: "o", sequence: 1, previousHash: noHash, firstAt: at, lastAt: at, sealedAt: at },
  signer,
);
const about = { organisationId: "o", from: null, to: null, keptFrom: at, exportedAt: at };
const end = {
  kind: "end" as const,
  format,
  ...about,
  anchorHash: noHash,
  sequence: 1,
  hash: head.hash,
  records: 2,
} as const;
const honest = [
  exportText({ kind: "export", format, ...about, anchor: null }),
  batchText({ kind: "batch", head, index }),
  ...records,
  endLineText({ ...end, key: signer.key, signature: signer.sign(endText(end)) }),
];

function file(name: string, text: string): string {
  const place = path.join(dir, name);
  writeFileSync(place, text);
  return place;
}

async function verify(lines: string[], ...more: string[]) {
  const said = { out: "", err: "" };
  const io = {
    ...processIo(),
    out: (text: string) => {
      said.out += text;
    },
    err: (text: string) => {
      said.err += text;
    },
    colours: { out: false, err: false },
  };
  const exitCode = await run(["verify", file("export.jsonl", `${lines.join("\n")}\n`), ...more], io, "1");
  return { exitCode, ...said };
}

describe("policylayer verify", () => {
  it("passes an honest export, and says when the key was not given", async () => {
    const key = file("key.pem", publicPem(signer.key));
    expect(await verify(honest, "--key", key, "--head", head.hash)).toMatchObject({ exitCode: 0, err: "" });
    const untrusted = await verify(honest);
    expect(untrusted.out).toContain("2 in 1 link");
    expect(untrusted.err).toContain("the key came with the export");
    expect(JSON.parse((await verify(honest, "--json")).out)).toMatchObject({ ok: true, trusted: false, records: 2 });
  });

  it("names the first broken record, where it is and in which way", async () => {
    const answer = await verify(honest.with(3, '{"id":"twO"}'));
    expect(answer.exitCode).toBe(1);
    expect(answer.err).toContain("export.jsonl:4: changed: Record 2 of link 1 was changed. (twO)");
    const { broken } = JSON.parse((await verify(honest.toSpliced(2, 1), "--json")).out);
    expect(broken).toMatchObject({ way: "missing", line: 3, sequence: 1, place: 1 });
  });

  it("finds an older export by a head that was kept, and a stranger's key", async () => {
    const kept = file("head.json", JSON.stringify({ ...head, sequence: 2, hash: "a".repeat(64) }));
    expect((await verify(honest, "--head", kept)).err).toContain("cut off: You hold the head of link 2");
    const stranger = file("stranger", signerOf(Buffer.alloc(32, 6).toString("base64url")).key);
    expect((await verify(honest, "--key", stranger)).err).toContain("unknown key");
  });

  it("says what it cannot read", async () => {
    expect(await verify(honest, "--key", path.join(dir, "gone"))).toMatchObject({ exitCode: 2 });
    expect((await verify(honest, "--key", file("no", "hello"))).err).toContain("holds no Ed25519 public key");
    expect((await verify(honest, "--head", file("no", "hello"))).err).toContain("holds no head");
  });
});
