// What is served, held against what was accepted: each element of a list by the hash of its definition. What differs is
// noticed, and whether it goes on is the server's setting.
import { isToolName, lookAlikeKey } from "../policy/tool-names.ts";
import { type ChangeProblem, isHeld } from "./changes.ts";
import { definitionLengthMax, digest } from "./definition-hash.ts";
import type { Listed } from "./list.ts";
import type { Noticed } from "./notices.ts";
import type { ServerInForce } from "./snapshot.ts";

/** What looking at definitions takes. */
export type Sight = {
  hash(definition: string): string | null;
  notice(server: ServerInForce, noticed: Noticed): void;
};

const nameLengthMax = 256;

/** Which tools of one list are what was accepted, or may go on though they are not. What their policy says is another matter. */
export function servedTools(server: ServerInForce, listed: readonly Listed[], sight: Sight): boolean[] {
  const twice = repeated(listed, (name) => name);
  const alike = repeated(listed, lookAlikeKey);
  const isServed = listed.map((one) => {
    const { name } = one;
    if (!isToolName(name)) return false;
    const problem = twice.has(name) ? "duplicate" : alike.has(lookAlikeKey(name)) ? "look_alike" : null;
    const accepted = server.tools.get(name)?.definitionHash ?? null;
    return isAsAccepted(server, "tool", name, one.definition, accepted, problem, sight);
  });
  return isServed.map((is, at) => {
    const name = listed[at]?.name ?? "";
    // Asked after all were looked at, and of what was seen before on other streams.
    return is && server.tools.has(name) && !isHeld(server.changes, server.onDefinitionChange, "tool", name);
  });
}

/** The same for prompts, which may have any name, and of which a new one goes on where changes do. */
export function servedPrompts(server: ServerInForce, listed: readonly Listed[], sight: Sight): boolean[] {
  const { words } = server;
  if (words === null) return listed.map(() => true);
  const twice = repeated(listed, (name) => name);
  const isServed = listed.map(({ name, definition }) => {
    if (name === null || name.length > nameLengthMax || isUnstorable.test(name)) return false;
    const problem = twice.has(name) ? "duplicate" : null;
    return isAsAccepted(server, "prompt", name, definition, words.prompts.get(name) ?? null, problem, sight);
  });
  return isServed.map(
    (is, at) => is && !isHeld(server.changes, server.onDefinitionChange, "prompt", listed[at]?.name ?? ""),
  );
}

/** Whether a prompt may be asked for by its name. */
export function servesPrompt(server: ServerInForce, name: string): boolean {
  if (server.words === null) return true;
  if (isHeld(server.changes, server.onDefinitionChange, "prompt", name)) return false;
  return server.onDefinitionChange === "serve" || server.words.prompts.has(name);
}

/** Whether a server's instructions go on. @param definition JSON text of a string. */
export function servedInstructions(server: ServerInForce, definition: string, sight: Sight): boolean {
  const { words } = server;
  if (words === null) return true;
  const hash = sight.hash(definition);
  if (hash !== null && words.instructions.has(hash)) return true;
  const problem = hash === null ? "unreadable" : "changed";
  const definitionHash = hash ?? digest(definition);
  sight.notice(server, { kind: "instructions", name: "", definitionHash, problem, definition: shown(definition) });
  return (
    problem === "changed" &&
    server.onDefinitionChange === "serve" &&
    !server.changes.rejectedInstructions.has(definitionHash)
  );
}

/** Notices a definition that is not the accepted one. @returns Whether it may go on as far as it alone is concerned. */
function isAsAccepted(
  server: ServerInForce,
  kind: "tool" | "prompt",
  name: string,
  definition: string,
  accepted: string | null,
  unusable: ChangeProblem | null,
  { hash: hashOf, notice }: Sight,
): boolean {
  const hash = hashOf(definition);
  const problem = unusable ?? (hash === null ? "unreadable" : "changed");
  if (problem === "changed" && hash !== null) {
    if (hash === accepted) return true;
    notice(server, { kind, name, definitionHash: hash, problem, definition });
    return server.onDefinitionChange === "serve";
  }
  // One row for each way in which a name is unusable, however often and however different it comes.
  notice(server, {
    kind,
    name,
    definitionHash: digest(`${problem} ${kind} ${name}`),
    problem,
    definition: shown(definition),
  });
  return false;
}

/** What is kept for people of a definition that can never be accepted: a JSON text again. */
function shown(definition: string): string {
  return definition.length <= definitionLengthMax ? definition : JSON.stringify(`${definition.slice(0, 1_000)}…`);
}

/** NUL and halves of characters, which no table takes. */
const isUnstorable = /\0|\p{Surrogate}/u;

/** The keys that more than one element of a list has. */
function repeated(listed: readonly Listed[], keyOf: (name: string) => string): ReadonlySet<string> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { name } of listed) {
    if (name === null) continue;
    const key = keyOf(name);
    if (seen.has(key)) twice.add(key);
    seen.add(key);
  }
  return twice;
}
