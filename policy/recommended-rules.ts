// What we recommend for tools, by what they can do. A page shows it for one tool, a starting point for a whole server.
import type { ToolParameter } from "../catalog/facts.ts";
import { type RiskCategory, type Severity, severities, severityOf } from "../catalog/schema.ts";
import { argumentPaths } from "./argument-paths.ts";
import { argumentRules } from "./argument-rules.ts";
import { firstLimit } from "./blocks.ts";
import { isGlob } from "./glob.ts";
import { parsePath } from "./path.ts";
import { documentBytesMax, type Group, type Limit, type PolicyDocument, type ToolRule, toolsMax } from "./schema.ts";
import { schemaOf } from "./schema-of.ts";

export type StartingTool = {
  name: string;
  category: RiskCategory;
  severity: Severity;
  inputSchema?: unknown;
  /** Where there is no input schema; of a tool that has one, those that it reads and does not declare still count. */
  parameters?: readonly ToolParameter[];
};

/** What becomes of a tool's calls. */
export type Recommendation = "allow" | "limit" | "approve" | "hide";

export function recommendationFor({ category, severity }: StartingTool): Recommendation {
  if (category === "Destructive") return "hide";
  if (category === "Financial" || category === "Other" || severity === "critical") return "approve";
  return stricter(severity, severityOf[category]) === "low" ? "allow" : "limit";
}

/** The rule of a tool that is not hidden, without what `deniedArguments` adds. */
export function recommendedRule(tool: StartingTool): ToolRule {
  if (recommendationFor(tool) === "allow") return {};
  if (recommendationFor(tool) !== "limit") return { action: "require_approval" };
  const limits = [limitFor(`${tool.name}_rate`, stricter(tool.severity, severityOf[tool.category]))];
  return tool.category === "Execute" ? { ...argumentRules(schemaFor(tool)), limits } : { limits };
}

export function limitFor(counter: string, severity: Severity): Limit {
  const { max, window } = firstLimit[severity];
  return { counter, window, max, scope: "grant" };
}

function stricter(one: Severity, other: Severity): Severity {
  return severities.indexOf(one) > severities.indexOf(other) ? one : other;
}

/**
 * The arguments that no caller may send to a tool: a role of its own choosing, and what the server reads though no tool
 * declares it.
 *
 * @param tools All tools of the server, or the one that is asked about. What one tool reads, the others may read as well, so
 *   a denial is for all of them unless one declares an argument of that name.
 */
export function deniedArguments(tools: readonly StartingTool[]): {
  ofAll: Group[];
  of: (tool: StartingTool) => Group[];
} {
  const declared = tools.map((tool) => argumentPaths(schemaFor(tool)).map(({ path }) => path));
  const named = new Set(declared.flat());
  const roles = [...named].filter(isRole);
  const undeclared = tools.flatMap(undeclaredPaths);
  const ofAll = [...new Set([...roles, ...undeclared.filter((path) => isRole(path) || !named.has(path))])];
  return {
    ofAll: ofAll.map(denial),
    of: (tool) => [...new Set(undeclaredPaths(tool))].filter((path) => !ofAll.includes(path)).map(denial),
  };
}

/** A caller that names its own role can name any. */
function isRole(path: string): boolean {
  return /^args\._*(?:caller|requester|actor)_?role$/i.test(path);
}

function undeclaredPaths({ parameters = [] }: StartingTool): string[] {
  const paths = parameters.filter(({ declared }) => declared === false).map(({ name }) => `args.${name}`);
  return paths.filter((path) => parsePath(path).ok);
}

function denial(path: string): Group {
  const reason = isRole(path) ? "A caller may not name its own role." : "The tool does not declare this argument.";
  return { conditions: [{ path, op: "exists", value: true }], on_deny: reason };
}

function schemaFor({ inputSchema, parameters }: StartingTool): unknown {
  return inputSchema === undefined && parameters !== undefined ? schemaOf(parameters) : inputSchema;
}

/** The groups before what the rule already denies. */
export function withDenials(rule: ToolRule, groups: readonly Group[]): ToolRule {
  const { action, deny_if = [], ...rest } = rule;
  if (groups.length === 0) return rule;
  return { ...(action === undefined ? {} : { action }), deny_if: [...groups, ...deny_if], ...rest };
}

export type WrittenPolicy = { text: string; document: PolicyDocument };

/** A document as it is shown and pasted. */
export function written(document: PolicyDocument): WrittenPolicy {
  return { text: JSON.stringify(document, null, 2), document };
}

/** Whether a rule under this name is about this tool alone. */
export function isNameable(name: string): boolean {
  return name !== "" && !isGlob(name);
}

export function isTooLarge(text: string): boolean {
  return new TextEncoder().encode(text).length > documentBytesMax;
}

const order: readonly Recommendation[] = ["allow", "limit", "approve", "hide"];

/** The document for as many of the tools as a document holds; those past it are denied by default. */
export function fitting(
  tools: readonly StartingTool[],
  documentOf: (tools: readonly StartingTool[]) => PolicyDocument,
): WrittenPolicy {
  const named = new Map<string, StartingTool>();
  for (const tool of tools.filter(({ name }) => isNameable(name))) {
    const other = named.get(tool.name);
    const isWorse = other === undefined || strictness(tool) > strictness(other);
    if (isWorse) named.set(tool.name, tool);
  }
  for (let fitted = [...named.values()].slice(0, toolsMax); ; fitted = fitted.slice(0, Math.floor(fitted.length / 2))) {
    const policy = written(documentOf(fitted));
    if (fitted.length === 0 || !isTooLarge(policy.text)) return policy;
  }
}

/** Of two tools with one name the worse counts: nobody can tell which of them is called. */
function strictness(tool: StartingTool): number {
  const { category, severity } = tool;
  return order.indexOf(recommendationFor(tool)) * 10 + severities.indexOf(stricter(severity, severityOf[category]));
}
