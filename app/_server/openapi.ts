// The OpenAPI 3.1 document of the management API, made from what the routes declare: it cannot say anything they do not do.
import * as z from "zod";
import { routes } from "../api/v1/routes.ts";
import { problemDetailsSchema } from "../api/v1/schemas.ts";
import type { RouteHandler } from "./api-route.ts";
import { type Declaration, refusalsOf } from "./declaration.ts";
import { settings } from "./environment.ts";
import { rolesWith } from "./permissions.ts";
import { type RefusalCode, refusals } from "./refusals.ts";

export const openapiSchema = z.looseObject({
  openapi: z.literal("3.1.0"),
  info: z.looseObject({ title: z.string(), version: z.string() }),
  paths: z.record(z.string(), z.looseObject({})),
});

type JsonSchema = Record<string, unknown>;

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/** The address of the document itself is not among `routes`, which would be a circle. */
const ownPath = "/openapi.json";

export function openapiDocument(): z.input<typeof openapiSchema> {
  const paths: Record<string, JsonSchema> = {};
  for (const [path, module] of Object.entries<Partial<Record<string, unknown>>>(routes)) {
    const operations = methods.flatMap((method) => {
      const handler = module[method];
      return isDeclared(handler) ? [[method.toLowerCase(), operation(method, path, handler.declaration)] as const] : [];
    });
    paths[path] = Object.fromEntries(operations);
  }
  const own: Declaration = { summary: "This document.", permission: "public", answer: z.looseObject({}), status: 200 };
  paths[ownPath] = { get: operation("GET", ownPath, own) };
  return {
    openapi: "3.1.0",
    info: {
      title: "PolicyLayer management API",
      version: "1",
      description:
        "JSON in and out. Lists are `{ items, nextCursor }`. Errors are problem details (RFC 9457) with a stable `code`. Another organisation's ids answer 404.",
    },
    servers: [{ url: `${settings().publicUrl}/api/v1` }],
    paths,
    components: {
      schemas: { Problem: jsonSchema(problemDetailsSchema, "output") },
      securitySchemes: {
        apiKey: { type: "http", scheme: "bearer", description: "An API key, `pla_…`." },
        session: {
          type: "apiKey",
          in: "cookie",
          name: "next-auth.session-token",
          description: "The dashboard's session.",
        },
      },
    },
  };
}

function isDeclared(handler: unknown): handler is RouteHandler {
  return typeof handler === "function" && "declaration" in handler;
}

function operation(method: string, path: string, declaration: Declaration): JsonSchema {
  const { summary, permission, params, query, body, answer, stream, status } = declaration;
  const success = answer
    ? { description: "Done.", content: { "application/json": { schema: jsonSchema(answer, "output") } } }
    : { description: "Done.", ...(stream ? { content: { [stream]: { schema: { type: "string" } } } } : {}) };
  return {
    operationId: operationId(method, path),
    summary,
    ...(permission === "public"
      ? { security: [] }
      : permission === "signed_in"
        ? { security: [{ session: [] }], "x-permission": permission }
        : {
            security: [{ apiKey: [] }, { session: [] }],
            "x-permission": permission,
            "x-roles": rolesWith(permission),
          }),
    parameters: [...parameters("path", params), ...parameters("query", query)],
    ...(body
      ? { requestBody: { required: true, content: { "application/json": { schema: jsonSchema(body, "input") } } } }
      : {}),
    responses: { [status]: success, ...problems(refusalsOf(declaration)) },
  };
}

/** `POST /servers/{serverId}/grants` is `post_servers_serverId_grants`. */
function operationId(method: string, path: string): string {
  return `${method.toLowerCase()}${path.replaceAll(/[/.]/g, "_").replaceAll(/[{}]/g, "")}`;
}

function parameters(place: "path" | "query", schema: z.ZodType | undefined): JsonSchema[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, "input") as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema: property,
  }));
}

function problems(codes: RefusalCode[]): Record<string, JsonSchema> {
  const statuses = [...new Set(codes.map((code) => refusals[code].status))];
  const byStatus = statuses.map(
    (status) => [status, codes.filter((code) => refusals[code].status === status)] as const,
  );
  return Object.fromEntries(
    byStatus.map(([status, codesOfStatus]) => [
      status,
      {
        description: codesOfStatus.map((code) => `\`${code}\`: ${refusals[code].title}`).join("\n"),
        content: {
          "application/problem+json": {
            schema: {
              allOf: [{ $ref: "#/components/schemas/Problem" }, { properties: { code: { enum: codesOfStatus } } }],
            },
          },
        },
      },
    ]),
  );
}

function jsonSchema(schema: z.ZodType, io: "input" | "output"): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any", target: "draft-2020-12" });
  return rest;
}
