import * as z from "zod";
import {
  approvalGroupSchema,
  conditionSchema,
  groupSchema,
  limitSchema,
  policyDocumentSchema,
  rateLimitSchema,
  toolRuleSchema,
  toolsMax,
  windowSchema,
} from "./schema.ts";

/** Names the language, not a place: every installation serves the same text. */
export const policySchemaId = "urn:policylayer:schema:policy-v1";

type Node = Record<string, unknown>;

/**
 * The document as JSON Schema (draft-07, which editors know best). It refuses no document that `parsePolicy` takes. What only
 * the parser sees: duplicate keys, counters used twice, regexes, the grammar of paths and the names of time zones.
 */
export function policyJsonSchema(): Node {
  const schema = z.toJSONSchema(policyDocumentSchema, {
    target: "draft-7",
    reused: "ref",
    override: ({ zodSchema, jsonSchema }) => {
      const extra = extras.get(zodSchema);
      if (extra) add(jsonSchema as Node, extra);
    },
  });
  return { $schema: schema.$schema, $id: policySchemaId, title: "PolicyLayer policy, version 1", ...schema };
}

type Extra = { description: string; fields?: Record<string, string>; more?: Node };

function add(node: Node, { description, fields = {}, more }: Extra): void {
  node.description = description;
  const properties = node.properties as Record<string, Node> | undefined;
  for (const [name, words] of Object.entries(fields)) {
    const field = properties?.[name];
    if (field) field.description = words;
  }
  Object.assign(node, more);
}

const typedValue = (ops: string[], value: Node): Node => ({
  if: { required: ["op"], properties: { op: { enum: ops } } },
  // biome-ignore lint/suspicious/noThenProperty: it is JSON Schema's
  then: { properties: { value } },
});

// The schemas of schema.ts, by identity; what is said of a rule is said once.
const extras = new Map<z.core.$ZodType, Extra>([
  [
    policyDocumentSchema,
    {
      description: "What one grant may do on one MCP server.",
      fields: {
        version: 'Always "1".',
        description: "For people.",
        timezone: "IANA name in which `time.hour` and `time.weekday` are read; UTC when absent.",
        default: "What happens to a tool that nothing below names.",
        hide: "Names and globs that are gone from `tools/list` and denied when called.",
        categories: "Rules by risk category, for tools that `tools` does not name.",
        tools: "Rules by tool name or glob. The exact name first, else the glob with the most literal characters.",
      },
    },
  ],
  [
    toolRuleSchema,
    {
      description: "What is asked of the calls of a tool. Empty: allowed without conditions.",
      fields: {
        action: "Short form for the whole tool; `allow` when absent.",
        reason: "Shown to the agent when `action` denies, and to the approver.",
        require: "Every group must hold, else the call is denied.",
        deny_if: "Any group that holds denies the call.",
        approve_if: "Any group that holds parks the call for a person.",
        limits: "Quotas.",
      },
    },
  ],
  [
    groupSchema,
    {
      description: "Conditions that must hold together. Without conditions it always holds.",
      fields: { conditions: "All of them must hold.", on_deny: "What the agent reads." },
    },
  ],
  [
    approvalGroupSchema,
    {
      description: "Conditions that together park the call for a person. Without conditions it always does.",
      fields: {
        conditions: "All of them must hold.",
        message: "What the approver reads.",
        timeout: "Seconds to wait; 300 when absent.",
      },
    },
  ],
  [
    conditionSchema,
    {
      description: "One comparison. A value of the wrong type counts against the caller.",
      fields: {
        path: "`args.<field>`, `args.<list>[*].<field>`, `tool.name`, `grant.label`, `time.hour` and the like.",
        value: "What it is compared with; its type follows from `op`.",
      },
      more: {
        allOf: [
          typedValue(["lt", "lte", "gt", "gte"], { type: "number" }),
          typedValue(["in", "not_in"], { type: "array" }),
          typedValue(["exists"], { type: "boolean" }),
          typedValue(["regex"], { type: "string" }),
        ],
      },
    },
  ],
  [
    limitSchema,
    {
      description: "A quota: no window ever holds more than `max`.",
      fields: {
        counter: "Name, unique within its rule.",
        max: "Highest total inside a window.",
        scope: "Who shares the counter; `grant` when absent.",
        increment: "How much a call adds; 1 when absent.",
        increment_from: "Path to the number that a call adds.",
        key: "Path; one counter for each value of it.",
        reset: "`sliding` (any interval) when absent; `calendar` starts with the UTC minute, hour, day or month.",
        on_deny: "What the agent reads.",
      },
      more: {
        not: { required: ["increment", "increment_from"] },
        if: { required: ["reset"], properties: { reset: { const: "calendar" } } },
        // biome-ignore lint/suspicious/noThenProperty: it is JSON Schema's
        then: { properties: { window: { type: "string" } } },
      },
    },
  ],
  [
    rateLimitSchema,
    {
      description: "Short form for one limit of each session.",
      fields: { max: "Highest number of calls in a window." },
    },
  ],
  [windowSchema, { description: "A window by name, or a whole number of seconds." }],
  [toolsSchema(), { description: "Rules by tool name or glob.", more: { maxProperties: toolsMax } }],
]);

function toolsSchema(): z.core.$ZodType {
  return policyDocumentSchema.shape.tools.unwrap();
}
