// Verifies an export line by line, in constant memory but for one link at a time, and names the first thing that is wrong.
import {
  type BatchLine,
  batchText,
  type EndLine,
  type ExportLine,
  endLineText,
  endText,
  exportText,
  format,
  hashOfLines,
  headText,
  isSigned,
  noHash,
  type SignedHead,
  sha256,
} from "./format.ts";

/** In which way something is broken. */
export type Way =
  | "changed"
  | "missing"
  | "reordered"
  | "added"
  | "cut_off"
  | "bad_signature"
  | "unknown_key"
  | "wrong_organisation"
  | "other_history"
  | "unreadable";

export type Broken = {
  way: Way;
  /** 1-based, in the file. */
  line: number;
  sequence: number | null;
  /** Which record of its link, 1-based; null when it is the link itself. */
  place: number | null;
  recordId: string | null;
  message: string;
};

export type Verified = {
  organisationId: string;
  links: number;
  records: number;
  /** Records that retention has dropped: only their hashes are there. */
  dropped: number;
  /** The last link; null when there is none. */
  head: { sequence: number; hash: string } | null;
  anchored: boolean;
  keys: string[];
};

export type Held = { sequence: number | null; hash: string };

export type VerifyOptions = {
  /** Public keys that are trusted; with none, the export's own key counts, which proves less. */
  keys?: readonly string[];
  /** A head that was kept elsewhere. */
  held?: Held | null;
  organisationId?: string | null;
  /** Records that retention has dropped are no excuse. */
  complete?: boolean;
};

type Numbered = { number: number; text: string };
class Found extends Error {
  constructor(readonly broken: Broken) {
    super(broken.message);
  }
}

/** @param lines Of the export, without their line feeds. */
export async function verifyExport(
  lines: AsyncIterable<string> | Iterable<string>,
  options: VerifyOptions = {},
): Promise<{ ok: true; verified: Verified } | { ok: false; broken: Broken }> {
  try {
    return { ok: true, verified: await new Verifying(options).run(numbered(lines)) };
  } catch (thrown) {
    if (thrown instanceof Found) return { ok: false, broken: thrown.broken };
    throw thrown;
  }
}

async function* numbered(lines: AsyncIterable<string> | Iterable<string>): AsyncGenerator<Numbered> {
  let number = 0;
  for await (const text of lines) {
    number += 1;
    yield { number, text };
  }
}

/** More lines than a link should have are kept to tell what was added, but not without end. */
const surplusMax = 2_000;

class Verifying {
  private readonly options: VerifyOptions;
  private first: ExportLine | null = null;
  private previous = { sequence: 0, hash: noHash };
  private readonly keys = new Set<string>();
  private links = 0;
  private records = 0;
  private dropped = 0;
  private heldSeen = false;
  private line = 0;

  constructor(options: VerifyOptions) {
    this.options = options;
  }

  async run(lines: AsyncGenerator<Numbered>): Promise<Verified> {
    let batch: { line: BatchLine; number: number; records: Numbered[] } | null = null;
    let end: EndLine | null = null;
    for await (const numberedLine of lines) {
      const { number, text } = numberedLine;
      this.line = number;
      if (end) throw this.found("added", "There is something after the end.");
      const kind = kindOf(text);
      if (!this.first) {
        this.first = this.begin(text);
      } else if (kind === "batch" || kind === "end") {
        if (batch) this.checkRecords(batch.line, batch.number, batch.records, false);
        batch = null;
        if (kind === "end") {
          end = parse<EndLine>(text);
          this.checkEnd(end, text);
          continue;
        }
        const line = parse<BatchLine>(text);
        if (!isBatch(line) || !isWritten(text, () => batchText(line)))
          throw this.found("unreadable", "This link cannot be read.");
        if (line.head.sequence !== this.previous.sequence + 1) await this.outOfOrder(line.head, lines);
        this.checkHead(line);
        batch = { line, number, records: [] };
      } else if (!batch) {
        throw this.found("added", "A record is in no link.", null, null, idOf(text));
      } else if (batch.records.length <= batch.line.head.count + surplusMax) {
        batch.records.push(numberedLine);
      }
    }
    this.line += 1;
    if (!this.first) throw this.found("unreadable", "The file is empty.");
    if (batch) this.checkRecords(batch.line, batch.number, batch.records, true);
    if (!end) throw this.found("cut_off", "The export has no end: it was cut off.", this.previous.sequence);
    this.checkHeld();
    const { organisationId, anchor } = this.first;
    return {
      organisationId,
      links: this.links,
      records: this.records,
      dropped: this.dropped,
      head: this.previous.sequence === 0 ? null : { ...this.previous },
      anchored: anchor !== null,
      keys: [...this.keys],
    };
  }

  private begin(text: string): ExportLine {
    const first = kindOf(text) === "export" ? parse<ExportLine>(text) : null;
    if (!first || typeof first.organisationId !== "string" || !isWritten(text, () => exportText(first))) {
      throw this.found("unreadable", `The file does not begin as an export of ${format} does.`);
    }
    const wanted = this.options.organisationId;
    if (wanted && wanted !== first.organisationId) {
      throw this.found("wrong_organisation", `The export is of the organisation ${first.organisationId}.`);
    }
    const { anchor } = first;
    if (anchor) {
      if (anchor.organisationId !== first.organisationId)
        throw this.found("wrong_organisation", "It goes on from a link of another organisation.", anchor.sequence);
      this.checkSignature(anchor, "The head that it goes on from");
      this.previous = { sequence: anchor.sequence, hash: anchor.hash };
      this.noteHeld(anchor);
    }
    return first;
  }

  private checkHead({ head, index }: BatchLine): void {
    const { sequence, organisationId } = head;
    if (organisationId !== this.first?.organisationId)
      throw this.found("wrong_organisation", `Link ${sequence} is of another organisation.`, sequence);
    this.checkSignature(head, `Link ${sequence}`);
    if (head.previousHash !== this.previous.hash)
      throw this.found("other_history", `Link ${sequence} does not follow the one before it.`, sequence);
    if (hashOfLines(index) !== head.indexHash || index.length !== head.count)
      throw this.found("changed", `The list of hashes of link ${sequence} was changed.`, sequence);
    this.noteHeld(head);
  }

  private checkSignature(head: SignedHead, what: string): void {
    const text = headText(head);
    if (sha256(text) !== head.hash) throw this.found("changed", `${what} was changed.`, head.sequence);
    if (!isSigned(text, head.key, head.signature))
      throw this.found("bad_signature", `${what} has a signature that is not of its key.`, head.sequence);
    this.checkKey(head.key, what, head.sequence);
  }

  private checkKey(key: string, what: string, sequence: number | null): void {
    const { keys = [] } = this.options;
    if (keys.length > 0 && !keys.includes(key))
      throw this.found("unknown_key", `${what} is signed by a key that you do not trust.`, sequence);
    this.keys.add(key);
  }

  /** A link is not the next one: whether the next one comes later, or not at all. */
  private async outOfOrder({ sequence }: SignedHead, rest: AsyncGenerator<Numbered>): Promise<never> {
    const due = this.previous.sequence + 1;
    const at = this.line;
    if (sequence <= this.previous.sequence) {
      throw this.found("reordered", `Link ${sequence} is there again, or behind a later one.`, sequence);
    }
    for await (const { text } of rest) {
      if (kindOf(text) !== "batch" || parse<BatchLine>(text)?.head?.sequence !== due) continue;
      this.line = at;
      throw this.found("reordered", `Link ${sequence} stands where link ${due} belongs.`, due);
    }
    this.line = at;
    throw this.found("missing", `Link ${due} is missing.`, due);
  }

  private checkRecords({ head, index }: BatchLine, batchLine: number, lines: Numbered[], atEnd: boolean): void {
    const { sequence, recordsHash } = head;
    const mayDrop = head.firstAt < (this.first?.keptFrom ?? "");
    let dropped = 0;
    const hashes = lines.map(({ text }) => {
      const hash = droppedHash(text);
      if (hash === null) return sha256(text);
      dropped += 1;
      return hash;
    });
    const at = index.findIndex((hash, i) => hashes[i] !== hash);
    const place = at === -1 ? index.length : at;
    this.line = lines[place]?.number ?? (lines.at(-1)?.number ?? batchLine) + 1;
    const here = lines[place]?.text;
    const id = here === undefined ? null : idOf(here);
    if (at !== -1) {
      const [due, actual] = [index[at] ?? "", hashes[at]];
      const isDueLater = hashes.indexOf(due, at) !== -1;
      const isActualLater = actual !== undefined && index.indexOf(actual, at) !== -1;
      const where = `Record ${at + 1} of link ${sequence}`;
      const found = (way: Way, message: string) => this.found(way, message, sequence, at + 1, id);
      if (actual === undefined && atEnd) throw found("cut_off", `${where} is not there: the export was cut off.`);
      if (actual === undefined) throw found("missing", `${where} is missing.`);
      if (isDueLater && isActualLater) throw found("reordered", `${where} stands in another place.`);
      if (isActualLater) throw found("missing", `${where} is missing.`);
      if (isDueLater) throw found("added", `${where} was added.`);
      throw found("changed", `${where} was changed.`);
    }
    if (lines.length > index.length) {
      throw this.found("added", `Link ${sequence} has a record that was added.`, sequence, place + 1, id);
    }
    const first = lines.findIndex(({ text }) => droppedHash(text) !== null);
    if (dropped > 0 && (!mayDrop || this.options.complete)) {
      this.line = lines[first]?.number ?? this.line;
      const why = mayDrop ? "is no longer kept." : "is left out although it should still be kept.";
      throw this.found("missing", `Record ${first + 1} of link ${sequence} ${why}`, sequence, first + 1);
    }
    if (dropped === 0 && hashOfLines(lines.map(({ text }) => text)) !== recordsHash) {
      throw this.found("changed", `The records of link ${sequence} are not those that were signed.`, sequence);
    }
    this.previous = { sequence, hash: head.hash };
    this.links += 1;
    this.records += lines.length;
    this.dropped += dropped;
  }

  private checkEnd(end: EndLine | null, text: string): void {
    const { first, previous } = this;
    if (!end || typeof end.signature !== "string" || !isWritten(text, () => endLineText(end)))
      throw this.found("unreadable", "The end cannot be read.");
    if (end.organisationId !== first?.organisationId)
      throw this.found("wrong_organisation", "The end is of another organisation's export.");
    if (!isSigned(endText(end), end.key, end.signature))
      throw this.found("bad_signature", "The end has a signature that is not of its key.");
    this.checkKey(end.key, "The end", null);
    if (end.sequence > previous.sequence)
      throw this.found("cut_off", `The export went on to link ${end.sequence}.`, previous.sequence + 1);
    if (end.sequence !== previous.sequence || end.hash !== previous.hash || end.records !== this.records)
      throw this.found("added", "The end is of a shorter export.", end.sequence);
    const anchorHash = first?.anchor?.hash ?? noHash;
    const isSame =
      end.anchorHash === anchorHash &&
      end.keptFrom === first?.keptFrom &&
      end.exportedAt === first.exportedAt &&
      end.from === first.from &&
      end.to === first.to;
    if (!isSame) throw this.found("changed", "The first line is not the one that the end was signed for.");
  }

  private noteHeld({ sequence, hash }: SignedHead): void {
    const { held } = this.options;
    if (!held) return;
    if (held.hash === hash) this.heldSeen = true;
    else if (held.sequence === sequence)
      throw this.found("other_history", `Link ${sequence} is not the one that you hold the head of.`, sequence);
  }

  private checkHeld(): void {
    const { held } = this.options;
    if (!held || this.heldSeen) return;
    const { sequence } = this.previous;
    const beforeIt = held.sequence !== null && this.first?.anchor && held.sequence < this.first.anchor.sequence;
    if (beforeIt) return;
    throw this.found(
      "cut_off",
      held.sequence === null
        ? "The head that you hold is not in it: it was cut off at the end, or is of another history."
        : `You hold the head of link ${held.sequence}, and it ends with link ${sequence}: it was cut off at the end.`,
      sequence + 1,
    );
  }

  private found(
    way: Way,
    message: string,
    sequence: number | null = null,
    place: number | null = null,
    recordId: string | null = null,
  ): Found {
    return new Found({ way, line: this.line, sequence, place, recordId, message });
  }
}

function kindOf(text: string): string | null {
  const kind = /^\{"kind":"(\w+)"/.exec(text)?.[1];
  if (kind !== undefined) return kind === "batch" || kind === "end" || kind === "export" ? kind : "record";
  return "record";
}

function parse<T>(text: string): T | null {
  try {
    return JSON.parse(text) as T;
  } catch {
    return null;
  }
}

/** Whether a line is what we would write: anything else in it would be signed by nobody. */
function isWritten(text: string, written: () => string): boolean {
  try {
    return written() === text;
  } catch {
    return false;
  }
}

function isBatch(line: BatchLine | null): line is BatchLine {
  return (
    line !== null &&
    typeof line.head === "object" &&
    line.head !== null &&
    Number.isInteger(line.head.sequence) &&
    Array.isArray(line.index)
  );
}

/** Written in one way only, so that nothing can hide in it. */
function droppedHash(text: string): string | null {
  return /^\{"hash":"([0-9a-f]{64})","kind":"dropped"\}$/.exec(text)?.[1] ?? null;
}

export function droppedLine(hash: string): string {
  return `{"hash":"${hash}","kind":"dropped"}`;
}

function idOf(text: string): string | null {
  const id = parse<{ id?: unknown }>(text)?.id;
  return typeof id === "string" ? id : null;
}
