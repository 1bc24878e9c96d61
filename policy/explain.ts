import type { Policy } from "./compile.ts";
import { approvalTimeoutS } from "./evaluate.ts";
import { isGlob } from "./glob.ts";
import { type Path, pointerOf } from "./pointer.ts";
import type { ApprovalGroup, Limit, PolicyDocument, ToolRule } from "./schema.ts";
import { checkShape } from "./shape.ts";
import { rulesOf } from "./warn.ts";
import { asLimit, conditionsWords, durationWords, limitWords, valueWords } from "./words.ts";

/** One rule of a document in words. */
export type Explanation = {
  /** JSON Pointer to what the sentence says. */
  pointer: string;
  /** Like: vm_create_image: at most 10 calls in any minute for each grant. Without a period. */
  sentence: string;
};

const nothingAllowed = "this is no policy document, so nothing is allowed";

/**
 * What a policy says, one plain sentence for each rule, in the order of the language: what holds for all first. Never
 * throws: of something that is no document it says so.
 */
export function explain(policy: Policy | PolicyDocument): Explanation[] {
  try {
    const document = "hides" in policy ? policy.document : policy;
    if (!("document" in checkShape(document))) return [{ pointer: "", sentence: nothingAllowed }];
    return [...explainDocument(document), ...rulesOf(document).flatMap(({ path, rule }) => explainRule(rule, path))];
  } catch {
    return [{ pointer: "", sentence: nothingAllowed }];
  }
}

const defaultWords = { allow: "allowed", deny: "denied", hide: "hidden, and denied when called" } as const;

function explainDocument(document: PolicyDocument): Explanation[] {
  const said: Explanation[] = [];
  if (document.description !== undefined) {
    said.push({ pointer: "/description", sentence: `described as ${valueWords(document.description)}` });
  }
  if (document.timezone !== undefined) {
    said.push({ pointer: "/timezone", sentence: `hours and weekdays are those of ${document.timezone}` });
  }
  said.push({ pointer: "/default", sentence: `every tool that nothing names: ${defaultWords[document.default]}` });
  for (const [index, name] of (document.hide ?? []).entries()) {
    const subject = subjectOf(["tools", name]);
    said.push({ pointer: `/hide/${index}`, sentence: `${subject}: hidden, and denied when called` });
  }
  return said;
}

function explainRule(rule: ToolRule, path: Path): Explanation[] {
  const subject = subjectOf(path);
  const said: Explanation[] = [];
  const say = (at: Path, words: string) =>
    said.push({ pointer: pointerOf([...path, ...at]), sentence: `${subject}: ${words}` });

  if (rule.action !== undefined) say(["action"], actionWords(rule));
  else if (isEmpty(rule)) say([], path[0] === "all_tools" ? "nothing besides" : "allowed");
  if (rule.reason !== undefined && rule.action !== "deny" && rule.action !== "require_approval") {
    say(["reason"], `the reason given is ${valueWords(rule.reason)}`);
  }
  for (const [index, { conditions, on_deny }] of (rule.require ?? []).entries()) {
    const words = conditions.length === 0 ? "a requirement that always holds" : conditionsWords(conditions, "every");
    say(["require", index], `${conditions.length === 0 ? "" : "only when "}${words}${toldWords(on_deny, "else")}`);
  }
  for (const [index, { conditions, on_deny }] of (rule.deny_if ?? []).entries()) {
    const when = conditions.length === 0 ? "always" : `when ${conditionsWords(conditions, "any")}`;
    say(["deny_if", index], `denied ${when}${toldWords(on_deny)}`);
  }
  for (const [index, limit] of (rule.limits ?? []).entries()) say(["limits", index], quotaWords(limit, path));
  if (rule.rate_limit) say(["rate_limit"], quotaWords(asLimit(rule.rate_limit), path));
  for (const [index, group] of (rule.approve_if ?? []).entries()) say(["approve_if", index], approvalWords(group));
  return said;
}

/** Whether a rule says nothing, so that its tools are simply allowed. */
function isEmpty(rule: ToolRule): boolean {
  const parts = [rule.require, rule.deny_if, rule.limits, rule.approve_if];
  return rule.rate_limit === undefined && parts.every((part) => (part ?? []).length === 0);
}

function subjectOf([place, name]: Path): string {
  if (place === "all_tools") return "every tool, besides its own rule";
  if (place === "categories") return `${name} tools that \`tools\` does not name`;
  if (/^\*+$/.test(String(name))) return "every tool";
  return isGlob(String(name)) ? `tools like ${name}` : String(name);
}

function actionWords(rule: ToolRule): string {
  const { action, reason } = rule;
  switch (action) {
    case "deny":
      return `denied${toldWords(reason)}`;
    case "hide":
      return "hidden, and denied when called";
    case "require_approval": {
      const shown = reason === undefined ? "" : `, who reads ${valueWords(reason)}`;
      return `each call waits up to ${durationWords(approvalTimeoutS)} for a person${shown}`;
    }
    default:
      return isEmpty(rule) ? "allowed" : "allowed within the following";
  }
}

function toldWords(text: string | undefined, when = ""): string {
  return text === undefined ? "" : `; ${when === "" ? "" : `${when} `}the caller reads ${valueWords(text)}`;
}

function quotaWords(limit: Limit, [place, name]: Path): string {
  const sharesRule = place !== "tools" || isGlob(String(name));
  const together = sharesRule && limit.key !== "tool.name" ? ", all these tools together" : "";
  return `${limitWords(limit)}${together}${toldWords(limit.on_deny)}`;
}

function approvalWords({ conditions, message, timeout }: ApprovalGroup): string {
  const when = conditions.length === 0 ? "for each call" : `when ${conditionsWords(conditions, "any")}`;
  const shown = message === undefined ? "" : `, who reads ${valueWords(message)}`;
  return `waits up to ${durationWords(timeout ?? approvalTimeoutS)} for a person${shown}, ${when}`;
}
