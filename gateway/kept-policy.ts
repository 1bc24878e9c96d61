// A published version as the gateway keeps it. A compiled rule takes tens of kilobytes and most are never asked, so what is kept of
// each is its packed text; a rule is compiled when a call is decided by it, and forgotten again when others were asked since.
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { compilePattern } from "../policy/check.ts";
import { assemble, compileRule, type GroupRule, type Policy, type Rule } from "../policy/compile.ts";
import type { KnownNames } from "../policy/look-alikes.ts";
import { readInSteps } from "../policy/parse.ts";
import { type Path, pointerOf } from "../policy/pointer.ts";
import type { LimitRule } from "../policy/quota.ts";
import type { PolicyDocument, ToolRule } from "../policy/schema.ts";
import type { Log } from "./log.ts";
import { atOnce, inSlices } from "./slices.ts";

/** What the compiled rules of all policies may take together, by the estimate of `weightOf`. */
const compiledBytesMax = 24 * 1024 * 1024;

/**
 * A version of a policy. It is read and checked when somebody first asks for its policy, or before that by `open`; what cannot be
 * read has none, so nothing is allowed.
 */
export class KeptVersion {
  readonly version: number;
  private readonly fields: object;
  private readonly log: Log;
  /** The packed document until it was read. */
  private state: Packed | { policy: Policy | null };

  /** @param document Null when there is no such version. */
  constructor(
    { policyId, version, document }: { policyId: string; version: number; document: string | null },
    log: Log,
  ) {
    this.version = version;
    this.fields = { policyId, version };
    this.log = log;
    this.state = document === null ? { policy: null } : pack(document);
    if (document === null) log.error(this.fields, `a policy version is missing; ${consequence}`);
  }

  get isOpen(): boolean {
    return "policy" in this.state;
  }

  /** Null when the version cannot be enforced. */
  get policy(): Policy | null {
    if ("policy" in this.state) return this.state.policy;
    const policy = this.readAtOnce(this.state);
    this.state = { policy };
    return policy;
  }

  /** Reads it with breaks in between, so that calls do not wait for it. Never rejects. */
  async open(): Promise<void> {
    if ("policy" in this.state) return;
    const policy = await inSlices(this.reading(this.state)).catch((cause: unknown) => this.failed(cause));
    // A call may have asked for it meanwhile.
    if (!this.isOpen) this.state = { policy };
  }

  private *reading(packed: Packed): Generator<undefined, Policy | null> {
    const read = yield* readInSteps(unpack(packed));
    yield;
    if (read.ok) return yield* keepRules(read.document);
    this.log.error({ ...this.fields, problems: read.problems.slice(0, 5) }, trouble);
    return null;
  }

  private readAtOnce(packed: Packed): Policy | null {
    try {
      return atOnce(this.reading(packed));
    } catch (cause) {
      return this.failed(cause);
    }
  }

  private failed(cause: unknown): null {
    this.log.error({ ...this.fields, cause: String(cause) }, trouble);
    return null;
  }
}

const consequence = "where it is in force calls are denied, and beside another it is not tried";
const trouble = `a policy version cannot be enforced; ${consequence}`;

/** A policy of a checked document whose rules are compiled when they are asked. */
function* keepRules(checked: PolicyDocument): Generator<undefined, Policy> {
  const { text, places } = written(checked);
  yield;
  const packed = pack(text);
  yield;
  return withDocument(rulesKeptIn(packed, text, places), packed);
}

function rulesKeptIn(packed: Packed, text: string, places: readonly [number, number][]): Omit<Policy, "document"> {
  // Read anew: a name cut out of the author's text would keep all of that text in memory.
  const document = JSON.parse(text) as PolicyDocument;
  const ranges = new Map(rulesIn(document).map((rule, nth) => [rule, places[nth]]));
  return assemble(document, (path, rule) => {
    const [from, to] = ranges.get(rule) ?? [0, 0];
    return new KeptRule(packed, path, from, to, rule.action ?? "allow");
  });
}

/** A function of its own: what is made beside a getter stays in memory as long as it. */
function withDocument(policy: Omit<Policy, "document">, packed: Packed): Policy {
  return {
    ...policy,
    get document() {
      return JSON.parse(unpack(packed)) as PolicyDocument;
    },
  };
}

function rulesIn({ all_tools, categories, tools }: PolicyDocument): ToolRule[] {
  return [...(all_tools ? [all_tools] : []), ...Object.values(categories ?? {}), ...Object.values(tools ?? {})];
}

/** The document without white space, and where each rule stands in it, in the order of `rulesIn`. */
function written(document: PolicyDocument): { text: string; places: [from: number, to: number][] } {
  const places = new Map<unknown, [from: number, to: number]>(rulesIn(document).map((rule) => [rule, [0, 0]]));
  const parts: string[] = [];
  let length = 0;
  const write = (part: string) => {
    parts.push(part);
    length += part.length;
  };
  /** One member of an object. @param body Writes its value. */
  const member = (nth: number, name: string, body: () => void) => {
    write(`${nth === 0 ? "" : ","}${JSON.stringify(name)}:`);
    body();
  };
  const rule = (value: unknown) => {
    const from = length;
    write(JSON.stringify(value));
    places.set(value, [from, length]);
  };
  write("{");
  for (const [nth, [field, value]] of Object.entries(document).entries()) {
    member(nth, field, () => {
      if (field === "all_tools") return rule(value);
      if (field !== "categories" && field !== "tools") return write(JSON.stringify(value));
      write("{");
      for (const [at, [name, one]] of Object.entries(value).entries()) member(at, name, () => rule(one));
      write("}");
    });
  }
  write("}");
  return { text: parts.join(""), places: [...places.values()] };
}

/** A rule that is compiled when more than its action is asked for. */
class KeptRule implements Rule {
  readonly action: Rule["action"];
  private readonly packed: Packed;
  private readonly path: Path;
  private readonly from: number;
  private readonly to: number;
  compiled: Rule | null = null;
  /** Whether it was asked since somebody last looked for rules to forget. */
  isAsked = false;

  constructor(packed: Packed, path: Path, from: number, to: number, action: Rule["action"]) {
    this.packed = packed;
    this.path = path;
    this.from = from;
    this.to = to;
    this.action = action;
  }

  get pointer(): string {
    return this.compiled?.pointer ?? pointerOf(this.path);
  }
  get reason(): string | undefined {
    return this.rule().reason;
  }
  get require(): readonly GroupRule[] {
    return this.rule().require;
  }
  get denyIf(): readonly GroupRule[] {
    return this.rule().denyIf;
  }
  get approveIf(): readonly GroupRule[] {
    return this.rule().approveIf;
  }
  get limits(): readonly LimitRule[] {
    return this.rule().limits;
  }
  get names(): KnownNames | null {
    return this.rule().names;
  }

  private rule(): Rule {
    this.isAsked = true;
    if (this.compiled !== null) return this.compiled;
    const text = unpack(this.packed).slice(this.from, this.to);
    const patterns = new Map<string, ReturnType<typeof compilePattern>>();
    const get = (pattern: string) => {
      if (!patterns.has(pattern)) patterns.set(pattern, compilePattern(pattern));
      return patterns.get(pattern) ?? undefined;
    };
    const compiled = compileRule(JSON.parse(text) as ToolRule, this.path, { get });
    const regexes = [...patterns.values()].reduce((sum, pattern) => sum + (pattern?.programSize() ?? 0), 0);
    this.compiled = compiled;
    compiledRules.add(this, weightOf(text.length, regexes));
    return compiled;
  }
}

/** About the bytes that a compiled rule takes, measured: each instruction of a regex is an object with a few others. */
function weightOf(textLength: number, instructions: number): number {
  return 2_000 + 10 * textLength + 750 * instructions;
}

/** The rules that are compiled now. When they take too much, those go that nobody asked since the last time. */
class CompiledRules {
  private held: { rule: KeptRule; weight: number }[] = [];
  private weight = 0;

  add(rule: KeptRule, weight: number): void {
    this.held.push({ rule, weight });
    this.weight += weight;
    if (this.weight <= compiledBytesMax) return;
    this.forget((one) => one.isAsked && one !== rule);
    // All of them are in use: who is asked again is compiled again.
    if (this.weight > compiledBytesMax / 2) this.forget((_, nth) => nth % 2 === 0);
  }

  private forget(stays: (rule: KeptRule, nth: number) => boolean): void {
    const staying = this.held.filter(({ rule }, nth) => stays(rule, nth));
    const kept = new Set(staying.map(({ rule }) => rule));
    for (const { rule } of this.held) {
      rule.isAsked = false;
      if (!kept.has(rule)) rule.compiled = null;
    }
    this.held = staying;
    this.weight = staying.reduce((sum, { weight }) => sum + weight, 0);
  }
}

const compiledRules = new CompiledRules();

/** Rules of one policy are often asked one after another. */
let lastUnpacked: { packed: Packed; text: string } | null = null;

/**
 * A string and not bytes: small blocks of memory outside of the heap, each taken between larger ones that are given back at once,
 * leave holes that nothing fits into.
 */
type Packed = { readonly deflated: string };

function pack(text: string): Packed {
  return { deflated: deflateRawSync(text, { level: 1 }).toString("latin1") };
}

function unpack(packed: Packed): string {
  if (lastUnpacked?.packed !== packed) {
    lastUnpacked = { packed, text: inflateRawSync(Buffer.from(packed.deflated, "latin1")).toString("utf8") };
  }
  return lastUnpacked.text;
}
