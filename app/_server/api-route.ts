// A route says who, what shape, and which function; everything else about a request happens here, once.
import * as z from "zod";
import { addressOf } from "./attempts.ts";
import { type Asker, type Declaration, type IdParams, refusalsOf } from "./declaration.ts";
import { settings } from "./environment.ts";
import { whileAllowed } from "./guarded-stream.ts";
import { judgeSource } from "./hosts.ts";
import { type JsonBody, readJsonBody } from "./json-body.ts";
import { authenticate, authenticateAccount, type Member } from "./member.ts";
import { type IdName, ownsAll } from "./ownership.ts";
import { Pace } from "./pace.ts";
import { isPermitted } from "./permissions.ts";
import { type InputError, problemResponse, Refusal, refuse } from "./refusals.ts";
import { isDatabaseDown, report } from "./report.ts";
import type { Account } from "./sessions.ts";

/** What the route's function gets. `json` is the body as text too, for documents that are kept as written. */
export type RouteContext<Who, Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType> = {
  member: Who extends "public" | "signed_in" ? null : Member;
  account: Who extends "signed_in" ? Account : null;
  params: z.output<Params>;
  query: z.output<Query>;
  body: z.output<Body>;
  json: JsonBody;
  request: Request;
};

type NextContext = { params: Promise<unknown> };
export type RouteHandler = ((request: Request, context: NextContext) => Promise<Response>) & {
  /** For the OpenAPI document. */
  declaration: Declaration;
};

const nothing = z.undefined();

// On globalThis, because Next may load this module once for each route.
const shared = globalThis as typeof globalThis & { policylayerPace?: Pace };

/** One for all addresses of the API that answer everybody alike. */
function paceOfAddresses(): Pace {
  shared.policylayerPace ??= new Pace(settings().hosted ? 240 : 2_400);
  return shared.policylayerPace;
}

/** Makes a route handler: source, member, permission, ids, query, body, in this order; then the route's own function. */
export function apiRoute<
  Who extends Asker,
  Params extends IdParams = z.ZodObject<Record<never, never>>,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
  Answer extends z.ZodType = z.ZodVoid,
>(
  route: Declaration<Who, Params, Query, Body, Answer> & {
    /** A `Response` only where the route declares what it streams. */
    handle(context: RouteContext<Who, Params, Query, Body>): Promise<z.input<Answer> | Refusal | Response>;
  },
): RouteHandler {
  const { handle, ...declaration } = route;

  const answer = async (request: Request, context: NextContext): Promise<Response> => {
    // The proxy has asked this already. It is asked again here because everything else relies on it.
    const foreign = judgeSource(settings(), requestHead(request));
    if (foreign) return problemResponse(refuse(foreign));

    const waitS = declaration.common ? paceOfAddresses().take(addressOf(request.headers)) : 0;
    if (waitS > 0) return problemResponse(refuse("too_many_attempts", { headers: { "retry-after": String(waitS) } }));

    const caller = await whoAsks(declaration.permission, request.headers);
    if (caller instanceof Refusal) return problemResponse(caller);

    const input = await readInput(declaration, caller.member, request, context);
    if (input instanceof Refusal) return problemResponse(input);

    const result = await handle({
      member: caller.member,
      account: caller.account,
      request,
      ...input,
    } as RouteContext<Who, Params, Query, Body>);
    if (result instanceof Refusal) return refusalResponse(declaration, result);
    if (result instanceof Response)
      return streamResponse(declaration, guarded(declaration, result, caller, request), caller.renewal);
    return answerResponse(declaration, result, caller.renewal);
  };

  const handler = async (request: Request, context: NextContext): Promise<Response> => {
    try {
      return await answer(request, context);
    } catch (cause) {
      report(`${request.method} ${new URL(request.url).pathname}`, cause);
      return problemResponse(refuse(isDatabaseDown(cause) ? "database_unavailable" : "internal_error"));
    }
  };
  return Object.assign(handler, { declaration });
}

type Caller = { member: Member | null; account: Account | null; renewal: string | null };

async function whoAsks(permission: Asker, headers: Headers): Promise<Caller | Refusal> {
  if (permission === "public") return { member: null, account: null, renewal: null };
  if (permission === "signed_in") {
    const signedIn = await authenticateAccount(headers);
    return signedIn instanceof Refusal ? signedIn : { member: null, ...signedIn };
  }
  const authenticated = await authenticate(headers);
  return authenticated instanceof Refusal ? authenticated : { account: null, ...authenticated };
}

type Input = { params: unknown; query: unknown; body: unknown; json: JsonBody };

async function readInput(
  { permission, params = z.strictObject({}), query = nothing, body }: Declaration,
  member: Member | null,
  request: Request,
  context: NextContext,
): Promise<Input | Refusal> {
  // Malformed, unknown and another organisation's: the answer is the same, so it tells nothing.
  const ids = params.safeParse((await context.params) ?? {});
  if (!ids.success) return refuse("not_found");
  if (member && permission !== "public" && permission !== "signed_in") {
    if (!isPermitted(member.role, permission)) return refuse("forbidden", { detail: `Your role is ${member.role}.` });
    if (!(await ownsAll(member, ids.data as Partial<Record<IdName, string>>))) return refuse("not_found");
  }

  const unstorable = query === nothing ? undefined : findUnstorable(request);
  if (unstorable) return refuse("invalid_query", { errors: [unstorable] });
  const asked = query.safeParse(query === nothing ? undefined : readQuery(request));
  if (!asked.success) return refuse("invalid_query", { errors: inputErrors(asked.error) });

  if (!body) return { params: ids.data, query: asked.data, body: undefined, json: { value: undefined, text: "" } };
  const json = await readJsonBody(request);
  if (json instanceof Refusal) return json;
  const given = body.safeParse(json.value);
  if (!given.success) return refuse("invalid_body", { errors: inputErrors(given.error) });
  return { params: ids.data, query: asked.data, body: given.data, json };
}

/** A parameter that is there twice is a list, which no schema of ours takes. */
function readQuery(request: Request): Record<string, string | string[]> {
  const { searchParams } = new URL(request.url);
  return Object.fromEntries(
    [...new Set(searchParams.keys())].map((name) => {
      const values = searchParams.getAll(name);
      return [name, values.length === 1 ? (values[0] ?? "") : values];
    }),
  );
}

/** Postgres cannot even compare with this character. */
function findUnstorable(request: Request): InputError | undefined {
  const found = [...new URL(request.url).searchParams].find(([, value]) => value.includes("\0"));
  return found && { pointer: pointerOf([found[0]]), message: "has the character U+0000" };
}

function inputErrors(error: z.ZodError): InputError[] {
  return error.issues.flatMap((issue) => {
    // Of a union the shape that came closest says what is wrong; "invalid input" says nothing.
    if (issue.code === "invalid_union" && issue.errors.length > 0) {
      const closest = issue.errors.reduce((best, next) => (depthOf(next) > depthOf(best) ? next : best));
      if (closest.length > 0) {
        return closest.map(({ path, message }) => ({ pointer: pointerOf([...issue.path, ...path]), message }));
      }
    }
    return [{ pointer: pointerOf(issue.path), message: issue.message }];
  });
}

function depthOf(issues: readonly { path: readonly PropertyKey[] }[]): number {
  return Math.max(0, ...issues.map(({ path }) => path.length));
}

function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

function refusalResponse(declaration: Declaration, refusal: Refusal): Response {
  if (process.env.NODE_ENV !== "production" && !refusalsOf(declaration).includes(refusal.code)) {
    throw new Error(`the route does not declare that it refuses with ${refusal.code}`);
  }
  return problemResponse(refusal);
}

function answerResponse({ answer, status, common }: Declaration, result: unknown, renewal: string | null): Response {
  const cacheControl = common ? "public, max-age=60, stale-while-revalidate=600" : "no-store";
  const headers = new Headers({ "cache-control": cacheControl, "x-content-type-options": "nosniff" });
  if (renewal) headers.append("set-cookie", renewal);
  if (!answer) return new Response(null, { status, headers });
  // An answer that is not what the OpenAPI document promises is a bug, and one that a test should find.
  if (process.env.NODE_ENV !== "production") answer.parse(result);
  return Response.json(result, { status, headers });
}

/** A stream ends with its reader's right to it. */
function guarded(
  { permission, stream }: Declaration,
  response: Response,
  { member }: Caller,
  request: Request,
): Response {
  if (!response.body || !member || permission === "public" || permission === "signed_in") return response;
  const isStillAllowed = async () => {
    const again = await authenticate(request.headers);
    if (again instanceof Refusal) return false;
    const { userId, organisation, role } = again.member;
    return userId === member.userId && organisation.id === member.organisation.id && isPermitted(role, permission);
  };
  const body = whileAllowed(response.body, isStillAllowed, { endsQuietly: stream === "text/event-stream" });
  return new Response(body, response);
}

/** What is sent bit by bit as the route's function has it. */
function streamResponse({ stream }: Declaration, response: Response, renewal: string | null): Response {
  if (stream === undefined) throw new Error("the route does not declare that it streams");
  response.headers.set("content-type", stream);
  // Events are of use at once: nobody in between may gather them to make them smaller.
  response.headers.set("cache-control", stream === "text/event-stream" ? "no-store, no-transform" : "no-store");
  response.headers.set("x-content-type-options", "nosniff");
  if (renewal) response.headers.append("set-cookie", renewal);
  return response;
}

function requestHead(request: Request) {
  return { method: request.method, pathname: new URL(request.url).pathname, headers: request.headers };
}

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
type Method = (typeof methods)[number];

/** The methods that an address does not answer, as problem details; Next's own answer would be an empty 405. */
export function otherMethodsThan<Allowed extends Method>(...allowed: Allowed[]) {
  const refuseMethod = async () =>
    problemResponse(
      refuse("method_not_allowed", {
        headers: { allow: [...allowed, ...(allowed.includes("GET" as Allowed) ? ["HEAD"] : [])].join(", ") },
      }),
    );
  const others = methods.filter((method) => !allowed.includes(method as Allowed));
  return Object.fromEntries(others.map((method) => [method, refuseMethod])) as Record<
    Exclude<Method, Allowed>,
    () => Promise<Response>
  >;
}
