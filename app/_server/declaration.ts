// What a route says of itself. apiRoute does what it says, and the OpenAPI document repeats it.
import type * as z from "zod";
import type { IdName } from "./ownership.ts";
import type { Permission } from "./permissions.ts";
import type { RefusalCode } from "./refusals.ts";

export type IdParams = z.ZodObject<{ [Name in IdName]?: z.ZodUUID } & CatalogParams>;

/** Of the public catalog, which is no organisation's. */
type CatalogParams = { slug?: z.ZodString; tool?: z.ZodString };

export type Declaration<
  Who extends Permission | "public" = Permission | "public",
  Params extends IdParams = IdParams,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> = {
  /** One line for the OpenAPI document. */
  summary: string;
  /** `public`: anybody, signed in or not. */
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
  if (permission !== "public") codes.push("not_signed_in", "invalid_credential", "forbidden");
  if (params) codes.push("not_found");
  if (query) codes.push("invalid_query");
  if (body) codes.push("invalid_json", "body_too_large", "unsupported_media_type", "invalid_body");
  if (common) codes.push("too_many_attempts");
  return [...new Set([...codes, ...refusals, "internal_error", "database_unavailable"] as const)];
}
