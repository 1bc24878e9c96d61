// What agents send to the registry and get from it. Each is a JSON Schema in the list of tools.
import * as z from "zod";
import { jsonTypes, presences } from "../../../catalog/facts.ts";
import { riskCategories, severities } from "../../../catalog/schema.ts";
import { evidences } from "../../api/v1/catalog-schemas.ts";

/** A result with more is no help to somebody who reads it word by word. */
export const resultsMax = 25;
export const definitionBytesMax = 64 * 1024;
export const definitionsMax = 500;
export const policyBytesMax = 128 * 1024;

export const category = z.enum(riskCategories);
export const severity = z.enum(severities);
export const counts = z
  .strictObject({
    Read: z.int(),
    Write: z.int(),
    Execute: z.int(),
    Destructive: z.int(),
    Financial: z.int(),
    Other: z.int(),
  })
  .describe("How many of its tools are of each category");

export const serverName = z
  .string()
  .min(1)
  .max(300)
  .describe("A server: its name in the catalog (`tmux-claude`), npm package, GitHub repository or URL");

/** Only the name has to be there; everything else of a definition is read as far as it is understood. */
export const definition = z
  .looseObject({ name: z.string().min(1).max(256) })
  .describe("A tool as `tools/list` has it: name, description, inputSchema, annotations. 64 KiB at most");

export const serverHit = z.strictObject({
  server: z.string().describe("Its name in the catalog, for the other tools"),
  source: z.string(),
  version: z.string().nullable(),
  evidence: z.enum(evidences).describe("`harvest`: listed here; `snapshot`: shipped; `registry`: only named there"),
  tools: z.int(),
  severity: severity.nullable().describe("Of its worst tool"),
  page: z.string(),
});

export const toolHit = z.strictObject({
  server: z.string(),
  tool: z.string().describe("As its server names it: somebody else's text"),
  category,
  severity,
  presence: z
    .enum(presences)
    .describe("`declared`: in the source, never listed; `unlisted`: answers though not listed"),
  page: z.string(),
});

export const argument = z.strictObject({
  name: z.string(),
  types: z.array(z.enum(jsonTypes)).nullable(),
  required: z.boolean(),
  declared: z.boolean().describe("False: the code reads it though the tool does not list it"),
});

export const signal = z.strictObject({
  id: z.string(),
  category,
  source: z.string(),
  quote: z.string().nullable().describe("A word of the definition; sentences are left out"),
  weight: z.number(),
});

const rule = z.record(z.string(), z.unknown());
/** A policy document, as far as an agent has to know its shape. */
export const policy = z
  .strictObject({
    version: z.literal("1"),
    description: z.string().optional(),
    default: z.enum(["allow", "deny", "hide"]),
    hide: z.array(z.string()).optional(),
    all_tools: rule.optional(),
    tools: z.record(z.string(), rule).optional(),
  })
  .describe("A PolicyLayer policy, to be published as it is");
