// Every method that may pass, in both directions and both eras. The table is closed: a method that is not in it could carry a
// tools/call of tomorrow past the policy. Those that belong to a group are refused together where the server's owner says so.
import type { MethodGroup } from "../policy/server-settings.ts";
import type { Era } from "./era.ts";

/** Who may say it: `client` and `server`, each in requests and in notifications. */
export type Speech = "client request" | "client notification" | "server request" | "server notification";

type Row = { eras: readonly Era[]; group: MethodGroup | null };
const both: readonly Era[] = ["legacy", "modern"];
const legacy: readonly Era[] = ["legacy"];
const modern: readonly Era[] = ["modern"];

const rows: [method: string, speech: Speech, eras: readonly Era[], group: MethodGroup | null][] = [
  ["initialize", "client request", legacy, null],
  ["server/discover", "client request", modern, null],
  ["ping", "client request", legacy, null],
  ["tools/list", "client request", both, null],
  ["tools/call", "client request", both, null],
  ["prompts/list", "client request", both, "prompts"],
  ["prompts/get", "client request", both, "prompts"],
  ["resources/list", "client request", both, "resources"],
  ["resources/templates/list", "client request", both, "resources"],
  ["resources/read", "client request", both, "resources"],
  ["resources/subscribe", "client request", legacy, "resources"],
  ["resources/unsubscribe", "client request", legacy, "resources"],
  ["subscriptions/listen", "client request", modern, null],
  ["completion/complete", "client request", both, "completion"],
  ["logging/setLevel", "client request", legacy, "logging"],
  ["tasks/get", "client request", both, "tasks"],
  ["tasks/cancel", "client request", both, "tasks"],
  ["tasks/result", "client request", legacy, "tasks"],
  ["tasks/list", "client request", legacy, "tasks"],
  ["tasks/update", "client request", modern, "tasks"],

  ["notifications/initialized", "client notification", legacy, null],
  ["notifications/cancelled", "client notification", both, null],
  ["notifications/progress", "client notification", both, null],
  ["notifications/roots/list_changed", "client notification", legacy, "roots"],
  ["notifications/tasks/status", "client notification", legacy, "tasks"],

  // In the modern era a server asks inside of its results only.
  ["ping", "server request", legacy, null],
  ["sampling/createMessage", "server request", legacy, "sampling"],
  ["elicitation/create", "server request", legacy, "elicitation"],
  ["roots/list", "server request", legacy, "roots"],
  ["tasks/get", "server request", legacy, "tasks"],
  ["tasks/result", "server request", legacy, "tasks"],
  ["tasks/list", "server request", legacy, "tasks"],
  ["tasks/cancel", "server request", legacy, "tasks"],

  ["notifications/cancelled", "server notification", both, null],
  ["notifications/progress", "server notification", both, null],
  ["notifications/message", "server notification", both, "logging"],
  ["notifications/tools/list_changed", "server notification", both, null],
  ["notifications/prompts/list_changed", "server notification", both, "prompts"],
  ["notifications/resources/list_changed", "server notification", both, "resources"],
  ["notifications/resources/updated", "server notification", both, "resources"],
  ["notifications/elicitation/complete", "server notification", both, "elicitation"],
  ["notifications/tasks/status", "server notification", legacy, "tasks"],
  ["notifications/tasks", "server notification", modern, "tasks"],
  ["notifications/subscriptions/acknowledged", "server notification", modern, null],
];

/** By speech first: a key of both would be a new string for each message. */
const tables: Record<Speech, Map<string, Row>> = {
  "client request": rowsOf("client request"),
  "client notification": rowsOf("client notification"),
  "server request": rowsOf("server request"),
  "server notification": rowsOf("server notification"),
};

function rowsOf(speech: Speech): Map<string, Row> {
  const own = rows.filter(([, spoken]) => spoken === speech);
  return new Map(own.map(([method, , eras, group]) => [method, { eras, group }]));
}

/** What a client says when it sends a message of this kind. */
export const saidByClient = { request: "client request", notification: "client notification" } as const;

/** Whether a method may be said at all. @param refused The groups that the server's owner refuses. */
export function maySay(speech: Speech, method: string, era: Era, refused: ReadonlySet<MethodGroup>): boolean {
  const row = tables[speech].get(method);
  return row?.eras.includes(era) === true && (row.group === null || !refused.has(row.group));
}

const questions = new Map<string, MethodGroup>([
  ["sampling/createMessage", "sampling"],
  ["elicitation/create", "elicitation"],
  ["roots/list", "roots"],
]);

/** Whether a server may ask this inside of a result (`inputRequests` of 2026-07-28). */
export function mayAskInside(method: unknown, refused: ReadonlySet<MethodGroup>): boolean {
  const group = typeof method === "string" ? questions.get(method) : undefined;
  return group !== undefined && !refused.has(group);
}
