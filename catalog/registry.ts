// Reads pages of the official MCP registry's `/v0/servers`, in the shapes it has had: flat entries, entries wrapped in `server` with
// the registry's own notes in `_meta`, snake case and camel case. What it names is not believed to be anything but names.
import * as z from "zod";
import { packageNamePattern } from "./harvest.ts";

/** An entry as we read it. */
export const registryEntrySchema = z.object({
  /** `npm:<package>` where the entry names exactly one npm package; else `registry:<name>`. */
  source: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  version: z.string().nullable(),
  repository: z.string().nullable(),
  packages: z.array(z.object({ registryType: z.string(), identifier: z.string(), version: z.string().nullable() })),
  remotes: z.array(z.object({ type: z.string(), url: z.string() })),
  /** `active`, `deprecated`, `deleted`, or whatever else it says. */
  status: z.string(),
});
export type RegistryEntry = z.infer<typeof registryEntrySchema>;

export type RegistryPage = {
  entries: RegistryEntry[];
  nextCursor: string | null;
  /** What could not be read: a sentence for each entry, or one for the whole page. */
  problems: string[];
};

const entriesMax = 5_000;
const listMax = 50;
const textLengthMax = 2_000;
const nameLengthMax = 200;
const cursorLengthMax = 1_000;
const problemsMax = 100;

const text = z.string().max(100_000);
const optionalText = text.nullish().catch(null);
const address = z
  .string()
  .max(textLengthMax)
  .refine((url) => /^https?:\/\//i.test(url) && URL.canParse(url))
  .nullish()
  .catch(null);
const list = z.array(z.unknown()).nullish().catch(null);

const entrySchema = z.looseObject({
  name: z
    .string()
    .min(1)
    .max(nameLengthMax)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a name is shown in lists, and kept in a table that takes no NUL
    .regex(/^[^\u0000-\u0020\u007f]+$/),
  description: optionalText,
  version: optionalText,
  version_detail: z.looseObject({ version: optionalText }).nullish().catch(null),
  repository: z.looseObject({ url: address }).nullish().catch(null),
  status: optionalText,
  packages: list,
  remotes: list,
});
const packageSchema = z.looseObject({
  registryType: optionalText,
  registry_type: optionalText,
  registry_name: optionalText,
  identifier: optionalText,
  name: optionalText,
  version: optionalText,
});
const remoteSchema = z.looseObject({ type: optionalText, transport_type: optionalText, url: address });
const wrapperSchema = z.looseObject({ server: z.record(z.string(), z.unknown()), _meta: z.unknown().optional() });
const metadataSchema = z.looseObject({ nextCursor: optionalText, next_cursor: optionalText });

/** Reads one page. Never throws: what cannot be read is told, and the rest is read all the same. */
export function readRegistryPage(json: unknown): RegistryPage {
  const page = Object(json) as Record<string, unknown>;
  const listed = Array.isArray(json) ? json : page.servers;
  if (!Array.isArray(listed)) {
    return { entries: [], nextCursor: null, problems: ["The page has no list of servers."] };
  }
  const problems: string[] = [];
  const problem = (sentence: string) => {
    if (problems.length < problemsMax) problems.push(sentence);
  };
  if (listed.length > entriesMax) problem(`Only the first ${entriesMax} of ${listed.length} servers are read.`);
  const entries = listed.slice(0, entriesMax).flatMap((raw, at) => {
    const entry = entryOf(raw);
    if (typeof entry !== "string") return [entry];
    problem(`Server ${at + 1} of the page is left out: ${entry}.`);
    return [];
  });
  return { entries, nextCursor: cursorOf(page, problem), problems };
}

function cursorOf(page: Record<string, unknown>, problem: (sentence: string) => void): string | null {
  const metadata = metadataSchema.safeParse(page.metadata ?? page).data;
  const cursor = metadata?.nextCursor || metadata?.next_cursor || null;
  if (cursor === null || cursor.length <= cursorLengthMax) return cursor;
  problem("The page's cursor is too long to be one.");
  return null;
}

/** The entry, or why there is none. */
function entryOf(raw: unknown): RegistryEntry | string {
  const wrapped = wrapperSchema.safeParse(raw).data;
  const found = entrySchema.safeParse(wrapped?.server ?? raw);
  if (!found.success) return "it has no name that can be shown";
  const { name, description, repository, version, version_detail } = found.data;
  const packages = (found.data.packages ?? []).slice(0, listMax).flatMap(packageOf);
  const remotes = (found.data.remotes ?? []).slice(0, listMax).flatMap(remoteOf);
  const ofNpm = [
    ...new Set(packages.filter(({ registryType }) => registryType === "npm").map((one) => one.identifier)),
  ];
  const [only] = ofNpm;
  return {
    source:
      only !== undefined && ofNpm.length === 1 && packageNamePattern.test(only) ? `npm:${only}` : `registry:${name}`,
    name,
    description: bounded(description),
    version: bounded(version ?? version_detail?.version),
    repository: repository?.url ?? null,
    packages,
    remotes,
    status: bounded(found.data.status ?? statusIn(wrapped?._meta ?? Object(raw)._meta)) ?? "active",
  };
}

/** `registryType` and `identifier` were `registry_type`, and before that `registry_name` and `name`. */
function packageOf(raw: unknown): RegistryEntry["packages"] {
  const found = packageSchema.safeParse(raw).data;
  const registryType = found?.registryType ?? found?.registry_type ?? found?.registry_name;
  const identifier = found?.identifier ?? found?.name;
  if (!registryType || !identifier || registryType.length > nameLengthMax || identifier.length > textLengthMax)
    return [];
  return [{ registryType: registryType.toLowerCase(), identifier, version: bounded(found?.version) }];
}

function remoteOf(raw: unknown): RegistryEntry["remotes"] {
  const found = remoteSchema.safeParse(raw).data;
  const type = found?.type ?? found?.transport_type;
  return type && found?.url ? [{ type: type.slice(0, nameLengthMax), url: found.url }] : [];
}

/** `_meta["io.modelcontextprotocol.registry/official"].status`: where the official one keeps it. */
function statusIn(meta: unknown): string | null {
  const notes = Object.values(Object(meta) as Record<string, unknown>).map((note) => Object(note).status as unknown);
  const status = notes.find((one) => typeof one === "string");
  return typeof status === "string" ? status : null;
}

function bounded(words: string | null | undefined): string | null {
  if (!words) return null;
  return words.replace(/\0|\p{Surrogate}/gu, "\uFFFD").slice(0, textLengthMax);
}
