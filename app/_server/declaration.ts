// What a route says of itself. apiRoute does what it says, and the OpenAPI document repeats it.
import type * as z from "zod";
import type { IdName } from "./ownership.ts";
import type { Permission } from "./permissions.ts";
import type { RefusalCode } from "./refusals.ts";

export type IdParams = z.ZodObject<{ [Name in IdName]?: z.ZodUUID } & AccountParams & CatalogParams>;

/** Of the account that asks, which looks after its own. */
type AccountParams = { sessionId?: z.ZodUUID };

/** Of the public catalog, which is no organisation's. */
type CatalogParams = { slug?: z.ZodString; tool?: z.ZodString };

/**
 * Who may ask: `public` is anybody, signed in or not; `signed_in` anybody at a browser, for what is their own and no
 * organisation's; everybody else needs a role that has the permission.
 */
export type Asker = Permission | "public" | "signed_in";

export type Declaration<
  Who extends Asker = Asker,
  Params extends IdParams = IdParams,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> = {
  /** One line for the OpenAPI document. */
  summary: string;
  permission: Who;
  params?: Params;
  query?: Query;
  body?: Body;
  /** Left out: no content. */
  answer?: Answer;
  /** The answer is no JSON value but a stream of this media type. */
  stream?: string;
  status: 200 | 201 | 204;
  /** The answer is the same for everybody: it may be kept for a minute by whoever passes it on, and each address may ask only so often. */
  common?: true;
  /** What the route's own function refuses with. */
  refusals?: readonly RefusalCode[];
};

/** Everything that a route may refuse with. */
export function refusalsOf({ permission, params, query, body, common, refusals = [] }: Declaration): RefusalCode[] {
  const codes: RefusalCode[] = ["foreign_host", "foreign_origin"];
  if (permission === "signed_in") codes.push("not_signed_in", "invalid_credential", "session_needed");
  else if (permission !== "public") codes.push("not_signed_in", "invalid_credential", "forbidden", "no_organisation");
  if (params) codes.push("not_found");
  if (query) codes.push("invalid_query");
  if (body) codes.push("invalid_json", "body_too_large", "unsupported_media_type", "invalid_body");
  if (common) codes.push("too_many_attempts");
  return [...new Set([...codes, ...refusals, "internal_error", "database_unavailable"] as const)];
}
