import { browserName } from "@/app/_client/browser-name.ts";
import { auditActions } from "@/app/api/v1/audit-actions.ts";

/** What was done, in words; a code that is not known any more as it is. */
export function actionWords(action: string): string {
  return (auditActions as Record<string, string>)[action] ?? action;
}

/** `api_key` and "made the API key" as they begin a line. */
export function sentenceCase(words: string): string {
  const text = words.replaceAll("_", " ").replace(/^api key$/, "API key");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** `frozenAt` as a person reads it. */
export function fieldWords(field: string): string {
  return sentenceCase(field.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`));
}

export type FieldChange = { field: string; before: unknown; after: unknown };

/** Field by field; `undefined` on a side that does not speak of it. */
export function changesOf(
  before: Readonly<Record<string, unknown>> | null,
  after: Readonly<Record<string, unknown>> | null,
): FieldChange[] {
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return fields
    .map((field) => ({ field, before: before?.[field], after: after?.[field] }))
    .filter(({ before: was, after: is }) => !isNothing(was) || !isNothing(is));
}

/** Not worth a line unless the other side has something. */
function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

const timeForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$/;

/** As a person reads it; of a browser, which one it was. */
export function valueWords(value: unknown, field = ""): string {
  if (field === "browser" && typeof value === "string") return browserName(value);
  if (value === undefined || value === null) return "nothing";
  if (value === true) return "yes";
  if (value === false) return "no";
  if (typeof value === "string") {
    if (value === "") return "empty";
    return timeForm.test(value) ? new Date(value).toLocaleString("en-GB") : value;
  }
  if (Array.isArray(value) && value.every((item) => typeof item === "string" || typeof item === "number"))
    return value.join(", ");
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}
