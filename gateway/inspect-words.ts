// What else of a server's words is accepted with its tools: how it introduces itself, and its prompts.
import * as z from "zod";
import { definitionHash } from "./definition-hash.ts";
import { elementTexts } from "./raw-json.ts";
import type { Reply } from "./upstream/client.ts";

export type Pin = {
  kind: "prompt" | "instructions";
  /** The prompt's; empty for instructions. */
  name: string;
  /** JSON text, as the server sent it. */
  definition: string;
  /** SHA-256 of its canonical form, hex. */
  definitionHash: string;
};

const promptsMax = 1_000;
const pagesMax = 50;
const nameLengthMax = 256;
const pageSchema = z.object({ prompts: z.array(z.unknown()), nextCursor: z.string().optional() });

/**
 * The pins of a server. What cannot be listed or named without doubt is not among them, and is new when a client is served it.
 *
 * @param request Asks the server. Not called when it has no prompts.
 */
export async function readPins(
  introduction: { instructions: string | null; capabilities: unknown },
  request: (method: string, params: object) => Promise<Reply>,
): Promise<Pin[]> {
  const pins: Pin[] = [];
  if (introduction.instructions !== null)
    pins.push(...pinOf("instructions", "", JSON.stringify(introduction.instructions)));
  const { prompts } = introduction.capabilities as Record<string, unknown>;
  if (prompts === undefined) return pins;
  const named = new Map<string, string[]>();
  let cursor: string | undefined;
  for (let page = 0; page < pagesMax && named.size < promptsMax; page += 1) {
    const reply = await request("prompts/list", cursor === undefined ? {} : { cursor });
    const found = reply.kind === "message" ? pageSchema.safeParse(reply.message.result) : null;
    if (reply.kind !== "message" || !found?.success) break;
    for (const [at, definition] of elementTexts(reply.text, "result", "prompts").entries()) {
      const name = nameOf(found.data.prompts[at]);
      if (name !== null) named.set(name, [...(named.get(name) ?? []), definition]);
    }
    cursor = found.data.nextCursor;
    if (cursor === undefined) break;
  }
  for (const [name, [definition, another]] of named) {
    if (definition !== undefined && another === undefined) pins.push(...pinOf("prompt", name, definition));
  }
  return pins;
}

function pinOf(kind: Pin["kind"], name: string, definition: string): Pin[] {
  const hash = definitionHash(definition);
  return hash === null ? [] : [{ kind, name, definition, definitionHash: hash }];
}

function nameOf(prompt: unknown): string | null {
  const name = typeof prompt === "object" && prompt !== null && "name" in prompt ? prompt.name : null;
  // NUL and halves of characters, which no table takes.
  return typeof name === "string" && name.length <= nameLengthMax && !/\0|\p{Surrogate}/u.test(name) ? name : null;
}
