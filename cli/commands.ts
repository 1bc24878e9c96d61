import type { Answer } from "./answer.ts";
import type { Io } from "./io.ts";

/** What stood behind the command. */
export type Input = {
  files: string[];
  /** Flags that take a value. */
  values: Partial<Record<string, string>>;
  /** Flags that are there or not. */
  flags: Partial<Record<string, true>>;
};

export type Command = {
  /** What follows the name, as help shows it. */
  usage: string;
  about: string;
  files: { min: number; max: number };
  /** Flags besides --json and --help; `value` names what follows one. */
  flags: Record<string, { value?: string; about: string }>;
  /** A command's code is read when it is asked for: `--version` should not wait for a YAML parser. */
  load: () => Promise<(input: Input, io: Io) => Promise<Answer>>;
};

const tools = { value: "TOOLS", about: "a list of tools to compare with: the answer to tools/list, or an array" };
const any = Number.POSITIVE_INFINITY;
const braking: Pick<Command, "usage" | "files" | "flags"> = {
  usage: "--organisation | --server ID | --grant ID",
  files: { min: 0, max: 0 },
  flags: {
    organisation: { about: "everything of the organisation that the API key is of" },
    server: { value: "ID", about: "one server" },
    grant: { value: "ID", about: "one grant" },
    reason: { value: "TEXT", about: "why; on record, and needed to unfreeze" },
    url: { value: "URL", about: "the dashboard; POLICYLAYER_URL, or http://127.0.0.1:3000, when left out" },
  },
};

export const commands: Record<string, Command> = {
  validate: {
    usage: "FILE…",
    about: "say what is wrong with policies",
    files: { min: 1, max: any },
    flags: { tools, strict: { about: "warnings fail as well" } },
    load: async () => (await import("./validate.ts")).validate,
  },
  explain: {
    usage: "FILE",
    about: "say in plain sentences what a policy does; with --tools, what each tool can be used for",
    files: { min: 1, max: 1 },
    flags: { tools },
    load: async () => (await import("./explain.ts")).explain,
  },
  test: {
    usage: "FILE",
    about: "try calls on a policy and compare the decisions with what you expect",
    files: { min: 1, max: 1 },
    flags: {
      expect: { value: "FILE", about: "the expectations; <policy>.test.json beside the policy when left out" },
      tools: { ...tools, about: "a list of tools, for the categories of the calls" },
    },
    load: async () => (await import("./test-policy.ts")).testPolicy,
  },
  convert: {
    usage: "FILE…",
    about: "turn YAML policies of the Intercept proxy into policies of this language",
    files: { min: 1, max: any },
    flags: {
      out: { value: "FILE", about: "write there instead of printing; a folder when there are several files" },
      scope: { value: "SCOPE", about: "who shares the counters: server (as there), grant, session or organisation" },
    },
    load: async () => (await import("./convert.ts")).convert,
  },
  diff: {
    usage: "OLD NEW",
    about: "say in plain sentences what another policy would change",
    files: { min: 2, max: 2 },
    flags: { tools },
    load: async () => (await import("./diff.ts")).diff,
  },
  classify: {
    usage: "FILE",
    about: "say how dangerous tools are: a definition a line (or an answer to tools/list) in, an answer a line out",
    files: { min: 1, max: 1 },
    flags: {},
    load: async () => (await import("./classify.ts")).classify,
  },
  scan: {
    usage: "TARGET…",
    about: "list the tools of published servers: npm packages, started without a network (Linux), or URLs",
    files: { min: 0, max: any },
    flags: {
      file: { value: "FILE", about: "a list of targets, one a line" },
      out: {
        value: "FOLDER",
        about: "keep each listing there as JSON; targets that are there already are passed over",
      },
      facts: {
        value: "FOLDER",
        about: "keep there what a catalog may ship: names, arguments, categories, no sentences",
      },
      "at-once": { value: "NUMBER", about: "how many at once; 1 when left out" },
      again: { about: "list targets anew that are in --out already" },
      reclassify: { about: "start nothing: make --facts anew from the listings in --out" },
      registry: { value: "FILE|URL", about: "print the entries of an MCP registry (/v0/servers) instead, one a line" },
    },
    load: async () => (await import("./scan.ts")).scan,
  },
  verify: {
    usage: "EXPORT",
    about: "check an export of the evidence, offline, and name the first thing in it that is not as it was sealed",
    files: { min: 1, max: 1 },
    flags: {
      key: {
        value: "FILE",
        about: "the public key that must have signed it (Settings, Evidence), as PEM or base64url",
      },
      head: { value: "FILE|HASH", about: "a head that you kept: the export must hold it" },
      organisation: { value: "ID", about: "whose export it must be" },
      complete: { about: "records that are no longer kept are no excuse" },
    },
    load: async () => (await import("./verify.ts")).verify,
  },
  freeze: {
    ...braking,
    about: "refuse every call under an organisation, a server or a grant, at once (key in POLICYLAYER_API_KEY)",
    load: async () => (await import("./brake.ts")).freeze,
  },
  unfreeze: {
    ...braking,
    usage: `(${braking.usage}) --reason TEXT`,
    about: "release what was frozen",
    load: async () => (await import("./brake.ts")).unfreeze,
  },
};
