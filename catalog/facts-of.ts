// From a listing to what the catalog may ship of it: facts, and none of the server's sentences.
import { classify } from "./classify.ts";
import { annotationFactsSchema, type ServerFacts, type SignalFact, type ToolFacts } from "./facts.ts";
import type { HarvestedTool, Listed } from "./harvest.ts";
import { parametersOf } from "./parameters.ts";
import type { Classification, Signal, ToolDefinition } from "./schema.ts";
import { slugOf } from "./slug.ts";

const factLengthMax = 200;
const wordsOfQuoteMax = 6;

/** What is known of a server that has listed its tools, classified as it is done today. */
export function serverFactsOf(listed: Listed): ServerFacts {
  const { packageName, version, repository, homepage, licence, protocolVersion } = listed;
  const known = { packageName, version, repository, homepage, licence, protocolVersion };
  return {
    slug: slugOf(listed.source),
    name: listed.name,
    source: listed.source,
    ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== null && value.length <= factLengthMax)),
    seen: listed.at.slice(0, 10),
    tools: listed.tools.map(factsOfListed),
  };
}

function factsOfListed({ definition, definitionHash }: HarvestedTool): ToolFacts {
  const parsed = JSON.parse(definition) as ToolDefinition;
  return toolFactsOf(parsed, { definitionHash, classification: classify(parsed) });
}

/**
 * The facts of one tool.
 *
 * @param definition The parsed definition. Only its name has been looked at.
 */
export function toolFactsOf(
  definition: unknown,
  { definitionHash, classification }: { definitionHash: string; classification: Classification },
): ToolFacts {
  const { name, inputSchema, annotations } = definition as ToolDefinition;
  const hints = hintsOf(annotations);
  const { category, severity, confidence, signals, findings } = classification;
  return {
    name,
    presence: "listed",
    parameters: parametersOf(inputSchema),
    ...(hints && { annotations: hints }),
    definitionHash,
    category,
    severity,
    confidence,
    signals: signals.map(signalFactOf),
    findings: [...new Set(findings.map(({ code }) => code))],
  };
}

/** Names, arguments and hints may be quoted; a title or a description is the server's own sentence, also that of an argument. */
function signalFactOf(signal: Signal): SignalFact {
  const { source, quote } = signal;
  if (source === "title" || source === "description") return { ...signal, quote: null };
  const [, argument, words = ""] = (source === "argument" && /^(.+?): "(.*)"$/s.exec(quote)) || [];
  const kept = argument !== undefined && /\s/.test(words) ? argument : quote;
  return { ...signal, quote: kept.split(/\s+/).length > wordsOfQuoteMax ? null : kept };
}

const hintNames = Object.keys(annotationFactsSchema.shape) as (keyof typeof annotationFactsSchema.shape)[];

function hintsOf(annotations: unknown): ToolFacts["annotations"] | null {
  if (typeof annotations !== "object" || annotations === null) return null;
  const given = annotations as Record<string, unknown>;
  const hints = hintNames.filter((name) => Object.hasOwn(given, name) && typeof given[name] === "boolean");
  return hints.length === 0 ? null : Object.fromEntries(hints.map((name) => [name, given[name] as boolean]));
}
