// Where a page ended, as text that a caller hands back: opaque to them, checked when it comes.
import type * as z from "zod";
import { type Refusal, refuse } from "../refusals.ts";

/** A list is a page of one; `nextCursor` is null at the end. */
export type Page<Item> = { items: Item[]; nextCursor: string | null };

export function writeCursor(place: unknown): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

/** @returns Null for a text that is no cursor of this list. */
export function readCursor<Schema extends z.ZodType>(text: string, schema: Schema): z.output<Schema> | null {
  try {
    return schema.safeParse(JSON.parse(Buffer.from(text, "base64url").toString())).data ?? null;
  } catch {
    return null;
  }
}

/** A page of rows, of which one more than `limit` was asked for. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => Item,
  place: (row: Row) => unknown,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(view),
    nextCursor: rows.length > limit && last !== undefined ? writeCursor(place(last)) : null,
  };
}

/** For addresses that say what is wrong; pages show an empty list instead. */
export function refuseCursor(): Refusal {
  return refuse("invalid_query", { errors: [{ pointer: "/cursor", message: "is not a `nextCursor` of ours" }] });
}
