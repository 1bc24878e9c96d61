import { parsePolicy } from "../../policy/parse.ts";
import { type Condition, operators } from "../../policy/schema.ts";
import { suggestion } from "../../policy/suggest.ts";
import { cut } from "./fields.ts";
import type { Notes, Place } from "./notes.ts";

/** A condition of a rule as it is written, its value read. */
export type Written = { path: string; op: string; value: unknown };

/**
 * A condition on the arguments, as conditions of a `require` group; or a sentence on why it cannot be carried over.
 *
 * There, an argument that is missing fails every condition but `exists: false`, and two values are equal when they are the
 * same number or print the same. Here `neq` and `not_in` hold for what is missing, and equality is exact.
 */
export function argumentConditions(written: Written, place: Place, notes: Notes): Condition[] | string {
  const { path, op, value } = written;
  const known = operators.find((name) => name === op);
  if (known === undefined) return `there is no operator \`${cut(op)}\`; ${suggestion(op, operators)}`;
  const steps = path.slice("args.".length).split(".");
  // There, a step is always the field of an object.
  if (steps.some((step) => /^\d+$/.test(step))) return `\`${cut(path)}\` never reaches into a list there, so it denies`;
  if (path.includes("[")) return `\`${cut(path)}\` names a field with brackets there, which a path cannot say here`;

  const conditions: Condition[] = [];
  if (known === "neq" || known === "not_in") {
    if (known === "not_in" && !Array.isArray(value)) return "`not_in` needs a list as `value`";
    const values = known === "neq" ? [value] : (value as unknown[]);
    if (values.some(printsLikeOthers)) {
      return `\`${known}\` compares lists, maps and texts that look like them by how they print, which cannot be said here`;
    }
    conditions.push({ path, op: "exists", value: true });
    const all = [...new Set(values.flatMap(alike))];
    conditions.push(all.length === 1 ? { path, op: "neq", value: all[0] } : { path, op: "not_in", value: all });
    const sentence = "an argument that is null counts as missing here, so `neq` and `not_in` refuse it";
    notes.addOnce(place, "stricter", sentence);
  } else {
    conditions.push({ path, op: known, value });
    if (known === "exists" && value === false && steps.length > 1) {
      const sentence = "`exists: false` refuses a text or a list on the way to a nested argument here";
      notes.addOnce(place, "stricter", sentence);
    }
    const isOne = known === "eq" || known === "contains";
    const compared = isOne ? [value] : known === "in" && Array.isArray(value) ? value : [];
    if (compared.some((one) => alike(one).length > 1 || printsLikeOthers(one))) {
      const sentence = "`eq`, `in` and `contains` compare exactly here: the text `5` is not the number 5";
      notes.addOnce(place, "stricter", sentence);
    }
  }
  const refused = refusalOf(conditions);
  return refused === null ? conditions : refused;
}

/** What the policy language has against conditions; null when nothing. */
function refusalOf(conditions: readonly Condition[]): string | null {
  const document = { version: "1", default: "deny", tools: { tool: { require: [{ conditions }] } } };
  const parsed = parsePolicy(JSON.stringify(document));
  return parsed.ok ? null : (parsed.problems.find(({ severity }) => severity === "error")?.message ?? "it is refused");
}

/** Lists and maps have many spellings that print the same. */
function printsLikeOthers(value: unknown): boolean {
  if (typeof value === "string") return value.startsWith("[") || value.startsWith("map[");
  return typeof value === "object" && value !== null;
}

/** Every value that is equal to this one there: the number 5 and the text "5", true and "true". */
function alike(value: unknown): unknown[] {
  switch (typeof value) {
    case "number":
      return [...new Set<unknown>([value, String(value), printed(value)])];
    case "boolean":
      return [value, String(value)];
    case "string": {
      if (value === "true" || value === "false") return [value, value === "true"];
      if (value === "<nil>") return [value, null];
      const number = value.trim() === "" ? Number.NaN : Number(value);
      return Number.isFinite(number) && printed(number) === value ? [value, number] : [value];
    }
    default:
      return value === null ? [null, "<nil>"] : [value];
  }
}

/** A number as the proxy prints one: six digits before an exponent comes. */
function printed(value: number): string {
  const [mantissa = "", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 6) return plain(value);
  return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

function plain(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
