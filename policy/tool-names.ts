// Which names tools may have, and which of them are too much like others.
import { fold } from "./fold.ts";

/** A tool of another name is not offered: it could not be told from others by eye, or not be written in a policy. */
export function isToolName(name: unknown): name is string {
  return typeof name === "string" && /^[A-Za-z0-9_.-]{1,128}$/.test(name);
}

const nameLengthMax = 256;

/** Two names with one key are easily taken for each other. */
export function lookAlikeKey(name: string): string {
  return fold(name.slice(0, nameLengthMax)).replace(/[\s_.-]/gu, "");
}
