import { riskCategories } from "../../../catalog/schema.ts";
import { type ArgumentPath, argumentPaths } from "../../../policy/argument-paths.ts";
import { argumentAt, type JsonType, jsonTypeOf } from "../../../policy/input-schema.ts";
import { type Fact, facts, isSingle, parsePath } from "../../../policy/path.ts";
import { nearest } from "../../../policy/suggest.ts";
import { capital } from "./capital.ts";

/** What is known about the value at a path, so that its control can be the right one. */
export type Subject = {
  /** Null when nobody says. */
  types: readonly JsonType[] | null;
  choices: readonly unknown[] | null;
  minimum?: number;
  maximum?: number;
};

const open: Subject = { types: null, choices: null };
const text: Subject = { types: ["string"], choices: null };

const factSubjects: Record<Fact, Subject> = {
  "tool.name": text,
  "tool.category": { types: ["string"], choices: riskCategories },
  "grant.label": text,
  "client.name": text,
  "session.id": text,
  "time.hour": { types: ["number"], choices: null, minimum: 0, maximum: 23 },
  "time.weekday": { types: ["number"], choices: [1, 2, 3, 4, 5, 6, 7] },
};

/** What a tool's input schema, or the language, says about a path. */
export function subjectAt(path: string, inputSchema: unknown, paths = argumentPaths(inputSchema)): Subject {
  const listed = paths.find((argument) => argument.path === path);
  if (listed) return listed;
  const parsed = parsePath(path);
  if (!parsed.ok) return open;
  if (parsed.path.root !== "args") return factSubjects[parsed.path.root];
  const shape = argumentAt(inputSchema, parsed.path.segments);
  if (shape.kind !== "known") return open;
  return { types: shape.types === null ? null : [...shape.types], choices: shape.choices };
}

/** What a field for a path is for. */
export type PathWant = "condition" | "amount" | "key";

export type PathChoice = { path: string; about: string; required: boolean; description?: string };

const typeWords: Record<JsonType, string> = {
  string: "text",
  number: "number",
  boolean: "yes or no",
  null: "null",
  array: "list",
  object: "object",
};

const factAbout: Record<Fact, string> = {
  "tool.name": "the tool's name",
  "tool.category": "the tool's category",
  "grant.label": "the grant's label",
  "client.name": "the client's name",
  "session.id": "the session",
  "time.hour": "hour of the day",
  "time.weekday": "day of the week",
};

/** The paths that a field offers, those that fit best first. */
export function pathChoices(want: PathWant, paths: readonly ArgumentPath[]): PathChoice[] {
  const fitting = paths.filter((argument) => fits(want, argument));
  const required = fitting.filter((argument) => argument.required);
  const optional = fitting.filter((argument) => !argument.required);
  const offered = [...required, ...optional].map(({ path, types, choices, required: isRequired, description }) => ({
    path,
    about: choices !== null ? `one of ${choices.length}` : (types ?? []).map((type) => typeWords[type]).join(" or "),
    required: isRequired,
    ...(description === undefined ? {} : { description }),
  }));
  const offeredFacts = facts.filter((fact) => {
    if (want === "amount") return false;
    return want === "condition" || !fact.startsWith("time.");
  });
  return [...offered, ...offeredFacts.map((path) => ({ path, about: factAbout[path], required: false }))];
}

function fits(want: PathWant, { path, types }: ArgumentPath): boolean {
  if (want === "condition") return true;
  const parsed = parsePath(path);
  if (!parsed.ok || !isSingle(parsed.path)) return false;
  if (types === null) return true;
  return types.some((type) => (want === "amount" ? type === "number" : type !== "array" && type !== "object"));
}

/** Why a path cannot be written there, or null. */
export function pathProblem(text: string, want: PathWant): string | null {
  if (text.trim() === "") return "Choose an argument";
  const parsed = parsePath(text.trim());
  if (!parsed.ok) return capital(parsed.message);
  if (want === "condition") return null;
  if (!isSingle(parsed.path)) return "One value is needed here; write an index such as `.0` and not `[*]`";
  if (want === "amount" && parsed.path.root !== "args") return "Only a number in the arguments can be added up";
  if (want === "key" && parsed.path.root.startsWith("time."))
    return "A clock cannot be counted by; choose a time above";
  return null;
}

/** What the tool's schema has against a path that can be written; null when it has nothing. */
export function pathDoubt(text: string, inputSchema: unknown): string | null {
  const parsed = parsePath(text);
  if (inputSchema === undefined || !parsed.ok || parsed.path.root !== "args") return null;
  const shape = argumentAt(inputSchema, parsed.path.segments);
  if (shape.kind !== "missing") return null;
  const near = nearest(shape.step, shape.known);
  return `This tool lists no such argument${near === null ? "" : `; did you mean \`${near}\`?`}`;
}

/** Whether a value is of a type that may stand there. */
export function isOfType(value: unknown, { types }: Subject): boolean {
  return types === null || types.includes(jsonTypeOf(value));
}
