import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  type BatchLine,
  batchText,
  canonicalJson,
  type EndLine,
  type ExportLine,
  endLineText,
  endText,
  exportText,
  format,
  noHash,
  publicPem,
  readKey,
  type SignedHead,
  sealLink,
  sha256,
  signerOf,
} from "./format.ts";
import { droppedLine, type VerifyOptions, verifyExport, type Way } from "./verify.ts";

const signer = signerOf(randomBytes(32).toString("base64url"));
const stranger = signerOf(randomBytes(32).toString("base64url"));
const at = (n: number) => new Date(Date.UTC(2026, 10, 1) + n * 1_000).toISOString();

type Made = { lines: string[]; heads: SignedHead[] };

/** An honest export: so many links of so many records each. */
function made(
  links: number,
  each: number,
  { organisationId = "org-a", by = signer, keptFrom = at(0), from = 0 } = {},
): Made {
  const chain: { head: SignedHead; index: string[]; records: string[] }[] = [];
  for (let link = 0; link < links; link++) {
    const records = Array.from({ length: each }, (_, i) =>
      canonicalJson({ kind: "call", organisationId, id: `${organisationId}-${link}-${i}`, tool: "echo", at: at(link) }),
    );
    const previousHash = chain.at(-1)?.head.hash ?? noHash;
    const about = {
      organisationId,
      sequence: link + 1,
      previousHash,
      firstAt: at(link),
      lastAt: at(link),
      sealedAt: at(link),
    };
    chain.push({ ...sealLink(records, about, by), records });
  }
  const anchor = chain[from - 1]?.head ?? null;
  const shown = chain.slice(from);
  const first: ExportLine = {
    ...{ kind: "export", format, organisationId, from: null, to: null, keptFrom, anchor, exportedAt: at(999) },
  };
  const last = chain.at(-1)?.head;
  const end: Omit<EndLine, "key" | "signature"> = {
    ...{ kind: "end", format, organisationId, from: null, to: null, keptFrom, anchorHash: anchor?.hash ?? noHash },
    ...{ sequence: last?.sequence ?? 0, hash: last?.hash ?? noHash, records: shown.length * each, exportedAt: at(999) },
  };
  const lines = [
    exportText(first),
    ...shown.flatMap(({ head, index, records }) => {
      const batch: BatchLine = { kind: "batch", head, index };
      return [batchText(batch), ...records];
    }),
    endLineText({ ...end, key: by.key, signature: by.sign(endText(end)) }),
  ];
  return { lines, heads: chain.map(({ head }) => head) };
}

const keys = [signer.key];

async function wayOf(lines: string[], options: VerifyOptions = { keys }) {
  const answer = await verifyExport(lines, options);
  return answer.ok ? "honest" : answer.broken;
}

const honest = made(4, 5);
/** The line (from 0) of a record. */
const lineOf = (link: number, place: number) => 1 + (link - 1) * 6 + place;
const without = (from: number, count = 1) => honest.lines.toSpliced(from, count);

describe("an honest export", () => {
  it("of 10,000 records passes, and says how much it is", async () => {
    const answer = await verifyExport(made(20, 500).lines, { keys });
    expect(answer).toMatchObject({ ok: true, verified: { links: 20, records: 10_000, dropped: 0, keys } });
  });

  it("passes with a head that was held back, and goes on from a signed one", async () => {
    const [, second] = honest.heads;
    expect(await wayOf(honest.lines, { keys, held: { sequence: 2, hash: second?.hash ?? "" } })).toBe("honest");
    const later = made(4, 5, { from: 2 });
    expect(await verifyExport(later.lines, { keys })).toMatchObject({
      ok: true,
      verified: { links: 2, anchored: true },
    });
  });

  it("passes when records of old links were dropped, unless all of them are wanted", async () => {
    const dropped = made(4, 5, { keptFrom: at(2) });
    dropped.lines[2] = droppedLine(sha256(dropped.lines[2] ?? ""));
    expect(await verifyExport(dropped.lines, { keys })).toMatchObject({ ok: true, verified: { dropped: 1 } });
    expect(await wayOf(dropped.lines, { keys, complete: true })).toMatchObject({
      way: "missing",
      sequence: 1,
      place: 1,
    });
  });

  it("of nothing passes", async () => {
    expect(await verifyExport(made(0, 0).lines, { keys })).toMatchObject({ ok: true, verified: { head: null } });
  });
});

const cases: [name: string, lines: () => string[], way: Way, more: object][] = [
  [
    "a record that was changed",
    () => honest.lines.with(lineOf(2, 3), (honest.lines[lineOf(2, 3)] ?? "").replace("echo", "ecHo")),
    "changed",
    { sequence: 2, place: 3, line: lineOf(2, 3) + 1, recordId: "org-a-1-2" },
  ],
  ["a record that was removed", () => without(lineOf(3, 2)), "missing", { sequence: 3, place: 2 }],
  ["the last record of a link", () => without(lineOf(3, 5)), "missing", { sequence: 3, place: 5 }],
  [
    "two records in each other's place",
    () =>
      honest.lines
        .with(lineOf(1, 2), honest.lines[lineOf(1, 4)] ?? "")
        .with(lineOf(1, 4), honest.lines[lineOf(1, 2)] ?? ""),
    "reordered",
    { sequence: 1, place: 2, recordId: "org-a-0-3" },
  ],
  [
    "a record that was added",
    () => honest.lines.toSpliced(lineOf(2, 2), 0, '{"id":"new"}'),
    "added",
    { sequence: 2, place: 2, recordId: "new" },
  ],
  [
    "a record that was added at the end of a link",
    () => honest.lines.toSpliced(lineOf(2, 5) + 1, 0, '{"id":"new"}'),
    "added",
    { sequence: 2, place: 6 },
  ],
  [
    "a record twice",
    () => honest.lines.toSpliced(lineOf(2, 2), 0, honest.lines[lineOf(2, 1)] ?? ""),
    "added",
    { sequence: 2 },
  ],
  [
    "a record that says it was dropped",
    () => honest.lines.with(lineOf(2, 1), droppedLine(sha256(honest.lines[lineOf(2, 1)] ?? ""))),
    "missing",
    { sequence: 2, place: 1 },
  ],
  ["a link that was removed", () => without(lineOf(2, 0), 6), "missing", { sequence: 2, place: null }],
  [
    "two links in each other's place",
    () => [
      ...honest.lines.slice(0, 7),
      ...honest.lines.slice(13, 19),
      ...honest.lines.slice(7, 13),
      ...honest.lines.slice(19),
    ],
    "reordered",
    { sequence: 2 },
  ],
  ["an end that was cut off", () => honest.lines.slice(0, -1), "cut_off", { sequence: 4 }],
  ["a last link that was cut off", () => honest.lines.slice(0, lineOf(4, 0)), "cut_off", { sequence: 3 }],
  ["the middle of a link", () => honest.lines.slice(0, lineOf(4, 3)), "cut_off", { sequence: 4, place: 3 }],
  ["a last link that is left out before the end", () => without(lineOf(4, 0), 6), "cut_off", { sequence: 4 }],
  ["something after the end", () => [...honest.lines, '{"id":"new"}'], "added", {}],
  [
    "links after an older export's end",
    () => [...honest.lines.slice(0, -1), made(3, 5).lines.at(-1) ?? ""],
    "added",
    {},
  ],
  [
    "another export's first line",
    () => [JSON.stringify({ ...JSON.parse(honest.lines[0] ?? ""), keptFrom: at(9) }), ...honest.lines.slice(1)],
    "changed",
    {},
  ],
  ["a head that was changed", () => withHead((head) => ({ ...head, sealedAt: at(7) })), "changed", { sequence: 2 }],
  [
    "a head that was changed with its hash",
    () => withHead((head) => rehashed({ ...head, sealedAt: at(7) })),
    "bad_signature",
    { sequence: 2 },
  ],
  [
    "a signature that is no signature",
    () => withHead((head) => ({ ...head, signature: "x" })),
    "bad_signature",
    { sequence: 2 },
  ],
  ["a head signed by a stranger", () => withHead((head) => resigned(head)), "unknown_key", { sequence: 2 }],
  ["all of it signed by a stranger", () => made(4, 5, { by: stranger }).lines, "unknown_key", { sequence: 1 }],
  [
    "a link of another organisation",
    () => [...honest.lines.slice(0, 7), ...made(4, 5, { organisationId: "org-b" }).lines.slice(7)],
    "wrong_organisation",
    { sequence: 2 },
  ],
  [
    "another organisation's links under our first line",
    () => [honest.lines[0] ?? "", ...made(4, 5, { organisationId: "org-b" }).lines.slice(1)],
    "wrong_organisation",
    { sequence: 1 },
  ],
  [
    "a link of another history",
    () => [...honest.lines.slice(0, 7), ...made(4, 4).lines.slice(6)],
    "other_history",
    { sequence: 2 },
  ],
  ["an empty file", () => [], "unreadable", {}],
  ["something else", () => ["hello"], "unreadable", {}],
];

function withHead(change: (head: SignedHead) => SignedHead): string[] {
  const at = lineOf(2, 0);
  const batch = JSON.parse(honest.lines[at] ?? "") as BatchLine;
  return honest.lines.with(at, batchText({ ...batch, head: change(batch.head) }));
}

function rehashed(head: SignedHead): SignedHead {
  const { hash: _, key, signature, ...plain } = head;
  return { ...plain, hash: sha256(canonicalJson(plain)), key, signature };
}

function resigned(head: SignedHead): SignedHead {
  const { hash, key: _, signature: __, ...plain } = head;
  return { ...plain, hash, key: stranger.key, signature: stranger.sign(canonicalJson(plain)) };
}

describe("what is found", () => {
  it.each(cases)("is %s", async (_name, lines, way, more) => {
    expect(await wayOf(lines())).toMatchObject({ way, ...more });
  });

  it("is an older export, by a head that was held back", async () => {
    const last = honest.heads.at(-1);
    const older = made(2, 5).lines;
    expect(await wayOf(older, { keys, held: { sequence: 4, hash: last?.hash ?? "" } })).toMatchObject({
      way: "cut_off",
      sequence: 3,
    });
    expect(await wayOf(older, { keys, held: { sequence: null, hash: last?.hash ?? "" } })).toMatchObject({
      way: "cut_off",
    });
  });

  it("is a chain that was made anew with the stolen key, by a head that was held back", async () => {
    const held = { sequence: 2, hash: honest.heads[1]?.hash ?? "" };
    expect(await wayOf(made(4, 4).lines, { keys, held })).toMatchObject({ way: "other_history", sequence: 2 });
  });

  it("is an export of somebody else", async () => {
    expect(await wayOf(honest.lines, { keys, organisationId: "org-b" })).toMatchObject({ way: "wrong_organisation" });
  });

  it("is one byte, wherever it is", async () => {
    const text = made(2, 2).lines.join("\n");
    for (let i = 0; i < text.length; i += 7) {
      const byte = text[i] === "x" ? "y" : "x";
      expect(await wayOf(`${text.slice(0, i)}${byte}${text.slice(i + 1)}`.split("\n")), `at ${i}`).not.toBe("honest");
    }
  });
});

describe("a key", () => {
  it("is read as it stands, from JSON and from PEM", () => {
    const { key } = signer;
    for (const text of [key, `${key}\n`, JSON.stringify({ key }), publicPem(key)]) expect(readKey(text)).toBe(key);
    for (const text of ["", "x", "{}", "{", "-----BEGIN PUBLIC KEY-----"]) expect(readKey(text)).toBeNull();
  });
});
