// What is asked of a harvest and what it answers: a server's tools as they were listed once, or why there are none. Used by the
// gateway that harvests, the command line, and the web that records it.
import * as z from "zod";

/** Why a server's tools could not be listed, and the words for it. A message may say more. */
export const harvestTroubles = {
  unreadable: "The target cannot be read.",
  commands_refused: "This installation starts no programs: ALLOW_STDIO is not set.",
  isolation_unavailable: "This machine cannot cut a program off from the network, so it is not started.",
  not_a_package: "There is no such package, or no such version of it.",
  install_failed: "The package could not be installed.",
  too_large: "The package is larger than what is installed here.",
  no_command: "The package has no command to start.",
  exited: "The server ended before it listed its tools.",
  did_not_answer: "The server runs, but never answered.",
  timed_out: "The server answered, but not in time.",
  out_of_memory: "The server used more memory than it may, and was ended.",
  too_much_output: "The server wrote more than anyone reads, and was ended.",
  not_mcp: "What answers does not speak MCP.",
  too_many_tools: "The server lists more tools than anyone reads.",
  unreachable: "Nothing answers at that address.",
  unauthorized: "The server does not let us in.",
  address_refused: "That address is not one that is connected to.",
  busy: "Other servers are being listed. Try again.",
  cancelled: "It was called off.",
  failed: "It failed.",
} as const;
export type HarvestTrouble = keyof typeof harvestTroubles;
const troubleCodes = Object.keys(harvestTroubles) as [HarvestTrouble, ...HarvestTrouble[]];

/** As npm names packages; nothing that its command line could take for a flag, a folder, a file or an address. */
export const packageNamePattern = /^(?!.*\.(?:tgz|tar|tar\.gz)$)(?:@[a-z0-9][a-z0-9._~-]*\/)?[a-z0-9][a-z0-9._~-]*$/i;
/** An exact version or a tag, such as `latest`. */
export const packageVersionPattern = /^(?!.*\.(?:tgz|tar|tar\.gz)$)[a-z0-9][a-z0-9.+_-]{0,127}$/i;

export const harvestTargetSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("npm"),
    package: z.string().max(214).regex(packageNamePattern),
    version: z.string().regex(packageVersionPattern).optional(),
  }),
  z.strictObject({
    kind: z.literal("url"),
    url: z.url({ protocol: /^https?$/ }).max(2_000),
    headers: z.record(z.string(), z.string()).optional(),
  }),
]);
export type HarvestTarget = z.infer<typeof harvestTargetSchema>;

/** What held while a package's program ran, as it was looked up and not as it was meant to be. */
export const isolationSchema = z.strictObject({
  network: z.literal("none"),
  /** All network interfaces that the program had, looked up when it had listed its tools. */
  interfaces: z.array(
    z.strictObject({
      name: z.string(),
      up: z.boolean(),
      receivedBytes: z.int().nonnegative(),
      sentBytes: z.int().nonnegative(),
    }),
  ),
  /** Of all its processes together. */
  memoryMaxBytes: z.int().positive(),
  /** Of one start. */
  timeMaxMs: z.int().positive(),
  /** How long the longest start really took, until nothing of it was left. */
  ranMs: z.int().nonnegative().optional(),
  /** Threads count as well. */
  processesMax: z.int().positive(),
  /** Processes that were left after the end. */
  survivors: z.int().nonnegative(),
});
export type Isolation = z.infer<typeof isolationSchema>;

export const harvestedToolSchema = z.strictObject({
  name: z.string(),
  /** JSON text, as the server sent it. */
  definition: z.string(),
  /** SHA-256 (hex) of its canonical form. */
  definitionHash: z.string(),
});
export type HarvestedTool = z.infer<typeof harvestedToolSchema>;

const listedSchema = z.strictObject({
  ok: z.literal(true),
  /** `npm:<package>` or `url:<address>`. */
  source: z.string(),
  name: z.string(),
  packageName: z.string().nullable(),
  version: z.string().nullable(),
  repository: z.string().nullable(),
  homepage: z.string().nullable(),
  licence: z.string().nullable(),
  /** The publisher's words. */
  description: z.string().nullable(),
  protocolVersion: z.string().nullable(),
  serverInfo: z.unknown(),
  instructions: z.string().nullable(),
  /** RFC 3339. */
  at: z.iso.datetime(),
  /** From the request to the answer. */
  ms: z.int().nonnegative(),
  tools: z.array(harvestedToolSchema),
  /** Tools that are left out because they cannot be named without doubt: the code says why. */
  leftOut: z.array(z.strictObject({ code: z.string(), tool: z.string().nullable() })),
  /** Null for a URL. */
  isolation: isolationSchema.nullable(),
});

const troubledSchema = z.strictObject({
  ok: z.literal(false),
  source: z.string(),
  code: z.enum(troubleCodes),
  message: z.string(),
  version: z.string().nullable(),
  ms: z.int().nonnegative(),
  isolation: isolationSchema.nullable(),
});

export const harvestSchema = z.discriminatedUnion("ok", [listedSchema, troubledSchema]);
export type Harvest = z.infer<typeof harvestSchema>;
export type Listed = z.infer<typeof listedSchema>;

/** Of a URL without what stands behind the path, which may be somebody's key. */
export function sourceOf(target: HarvestTarget): string {
  if (target.kind === "npm") return `npm:${target.package}`;
  const { origin, pathname } = new URL(target.url);
  return `url:${origin}${pathname === "/" ? "" : pathname}`;
}

/** Reads `package`, `package@version`, `npm:package` or a URL, as a person types them. */
export function readHarvestTarget(text: string): HarvestTarget | null {
  const word = text.trim();
  if (/^https?:\/\//i.test(word)) return orNull({ kind: "url", url: word });
  const [, name, version] = /^(?:npm:)?(@?[^@]+)(?:@(.+))?$/s.exec(word) ?? [];
  return orNull({ kind: "npm", package: name, ...(version !== undefined && { version }) });
}

function orNull(target: unknown): HarvestTarget | null {
  return harvestTargetSchema.safeParse(target).data ?? null;
}
