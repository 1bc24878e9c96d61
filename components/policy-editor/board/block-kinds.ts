import { Ban, Braces, Clock, Gauge, Hand, ListChecks, Wallet } from "lucide-react";
import { argumentPaths } from "../../../policy/argument-paths.ts";
import type { Block, BlockKind } from "../../../policy/blocks.ts";
import type { EditorTool } from "../editor-tool.ts";

/** The blocks of the palette. */
export const blockKinds: readonly {
  kind: BlockKind;
  label: string;
  short: string;
  hint: string;
  Icon: typeof Gauge;
}[] = [
  { kind: "rate_limit", label: "Rate limit", short: "Rate limit", hint: "So many calls in a time", Icon: Gauge },
  {
    kind: "spend_limit",
    label: "Spend limit",
    short: "Spend limit",
    hint: "Adds up a number in the arguments",
    Icon: Wallet,
  },
  {
    kind: "must_be",
    label: "Argument must be…",
    short: "Must be…",
    hint: "Refuses calls with anything else",
    Icon: ListChecks,
  },
  {
    kind: "must_not_be",
    label: "Argument must not be…",
    short: "Must not be…",
    hint: "Refuses calls with it",
    Icon: Ban,
  },
  {
    kind: "hours",
    label: "Only during hours",
    short: "Hours",
    hint: "Refuses calls at other times",
    Icon: Clock,
  },
  {
    kind: "ask_when",
    label: "Ask a person when…",
    short: "Ask when…",
    hint: "Such calls wait for somebody",
    Icon: Hand,
  },
];

export function kindWords(kind: BlockKind): (typeof blockKinds)[number] {
  const found = blockKinds.find((each) => each.kind === kind);
  if (!found) throw new Error(`no block ${kind}`);
  return found;
}

export const blockIcons: Record<Block["kind"], typeof Gauge> = {
  rate_limit: Gauge,
  spend_limit: Wallet,
  must_be: ListChecks,
  must_not_be: Ban,
  hours: Clock,
  ask_when: Hand,
  custom: Braces,
};

/**
 * Why a block would make no sense on a tool, or null. A tool whose schema says nothing takes any block: only the person
 * can know.
 */
export function whyNot(
  kind: BlockKind,
  { name, inputSchema }: Pick<EditorTool, "name" | "inputSchema">,
): string | null {
  if (kind === "rate_limit" || kind === "hours" || kind === "ask_when" || !listsArguments(inputSchema)) return null;
  const paths = argumentPaths(inputSchema);
  if (paths.length === 0) return `${name} takes no arguments`;
  if (kind !== "spend_limit" || paths.some(({ types }) => types === null || types.includes("number"))) return null;
  return `${name} takes no number to add up`;
}

function listsArguments(schema: unknown): boolean {
  if (typeof schema !== "object" || schema === null || !("properties" in schema)) return false;
  const open = "additionalProperties" in schema && schema.additionalProperties !== false;
  return !open && !["allOf", "anyOf", "oneOf", "$ref", "patternProperties"].some((word) => word in schema);
}
