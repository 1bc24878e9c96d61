import { readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { openapiDocument } from "./openapi.ts";
import { refusals } from "./refusals.ts";

const apiDir = path.resolve(import.meta.dirname, "../api/v1");
const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

type Operation = {
  operationId: string;
  parameters: { name: string; in: string; required: boolean; schema: unknown }[];
  requestBody?: { content: Record<string, { schema: Record<string, unknown> }> };
  responses: Record<string, { content?: Record<string, unknown> }>;
  "x-permission"?: string;
};

const document = openapiDocument();
const paths = document.paths as Record<string, Record<string, Operation>>;
const operations = Object.entries(paths).flatMap(([address, item]) =>
  Object.entries(item).map(([method, operation]) => ({ address, method, operation })),
);

/** The folders with a route in them, as OpenAPI writes addresses. */
function addressesOnDisk(): string[] {
  return readdirSync(apiDir, { recursive: true, encoding: "utf8" })
    .filter((file) => path.basename(file) === "route.ts" && !file.startsWith("[[..."))
    .map((file) => `/${path.dirname(file).split(path.sep).join("/").replaceAll("[", "{").replaceAll("]", "}")}`);
}

describe("the OpenAPI document", () => {
  it("has every address that there is, and no other", () => {
    expect(Object.keys(paths).sort()).toEqual(addressesOnDisk().sort());
  });

  it.each(addressesOnDisk())(
    "has the methods that %s answers, and all others are refused with 405",
    async (address) => {
      const file = path.join(apiDir, address.replaceAll("{", "[").replaceAll("}", "]"), "route.ts");
      const module = (await import(file)) as Record<string, (request: Request, context: unknown) => Promise<Response>>;
      expect(Object.keys(module).sort()).toEqual([...methods].sort());
      for (const method of methods) {
        const handler = module[method];
        const isDocumented = paths[address]?.[method.toLowerCase()] !== undefined;
        expect(handler && "declaration" in handler, method).toBe(isDocumented);
        if (isDocumented || !handler) continue;
        const response = await handler(new Request("http://127.0.0.1/"), {});
        expect(response.status).toBe(405);
        expect(response.headers.get("content-type")).toBe("application/problem+json");
        expect(response.headers.get("allow")).not.toContain(method);
      }
    },
  );

  it("names the parameters of each path", () => {
    for (const { address, operation } of operations) {
      const inPath = operation.parameters.filter((parameter) => parameter.in === "path").map(({ name }) => `{${name}}`);
      expect(inPath, address).toEqual(address.match(/\{\w+\}/g) ?? []);
    }
  });

  it("gives each operation an id of its own", () => {
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
  });

  it("says what each answers, with problem details for everything that is refused", () => {
    for (const { address, method, operation } of operations) {
      const statuses = Object.keys(operation.responses);
      expect(
        statuses.filter((status) => status.startsWith("2")),
        `${method} ${address}`,
      ).toHaveLength(1);
      for (const [status, response] of Object.entries(operation.responses)) {
        if (Number(status) >= 400) expect(Object.keys(response.content ?? {})).toEqual(["application/problem+json"]);
      }
      const isPublic = operation["x-permission"] === undefined;
      expect(statuses.includes("401"), `${method} ${address}`).toBe(!isPublic);
    }
  });

  it("describes bodies: what is needed, and that nothing else is taken", () => {
    const signup = paths["/signup"]?.post?.requestBody?.content["application/json"]?.schema;
    expect(signup).toMatchObject({ type: "object", required: ["email", "password"], additionalProperties: false });
    const limit = paths["/calls"]?.get?.parameters.find(({ name }) => name === "limit");
    expect(limit).toMatchObject({ required: false, schema: { type: "integer", minimum: 1, maximum: 200 } });
  });

  it("leaves only signing up, the catalog and itself to everybody", () => {
    const open = operations.filter(({ operation }) => operation["x-permission"] === undefined);
    expect(open.map(({ method, address }) => `${method} ${address}`)).toEqual([
      "post /signup",
      "post /password-resets",
      "post /password-resets/use",
      "post /invites/signup",
      "get /catalog/totals",
      "get /catalog/search",
      "get /catalog/events",
      "get /catalog/servers/{slug}",
      "get /catalog/servers/{slug}/tools",
      "get /catalog/servers/{slug}/tools/{tool}",
      "get /openapi.json",
    ]);
  });
});

describe("a refusal", () => {
  it("has a status that fits and a sentence", () => {
    for (const [code, { status, title }] of Object.entries(refusals)) {
      expect(status, code).toBeGreaterThanOrEqual(400);
      expect(title, code).toMatch(/^[A-Z].*\.$/);
    }
  });
});
