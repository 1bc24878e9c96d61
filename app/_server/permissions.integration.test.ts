// Every address of the management API × every role × own and foreign organisation × session, API key and nothing, walked from
// the OpenAPI document: each answers as the permission beside its route says.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../../e2e/harness/database.ts";
import { database } from "../../prisma/client.ts";
import { routes } from "../api/v1/routes.ts";
import { openapiDocument } from "./openapi.ts";
import { isPermitted, type Permission, type Role, rolesWith } from "./permissions.ts";
import {
  type AskOptions,
  addMember,
  ask,
  askStatus,
  openBrowser,
  type StandInGateway,
  setEnvironment,
  signUp,
  startStandInGateway,
} from "./test-world.ts";

type Operation = { security: unknown[]; "x-permission"?: string; "x-roles"?: Role[]; requestBody?: unknown };
type Account = Awaited<ReturnType<typeof signUp>>;
type Caller = { as: string; role: Role; credential: "session" | "key"; options: AskOptions };

const roles: Role[] = ["viewer", "policy_manager", "admin"];
const apiPaths = openapiDocument().paths as Record<string, Record<string, Operation>>;
const operations = Object.entries(apiPaths).flatMap(([template, item]) =>
  template in routes
    ? Object.entries(item).map(([method, operation]) => ({ template, method: method.toUpperCase(), operation }))
    : [],
);

let fresh: TestDatabase;
let gateway: StandInGateway;
let own: Account;
let members: Caller[];
let strangers: Caller[];

beforeAll(async () => {
  fresh = await freshDatabase();
  setEnvironment(fresh.url);
  gateway = await startStandInGateway();
  // The organisation that signed up first has what the others have, and the installation's own matters too.
  own = await signUp();
  members = await callersOf(own, "own");
  strangers = await callersOf(await signUp(), "foreign");
});

afterAll(async () => {
  await gateway.stop();
  await database().$disconnect();
  await fresh.drop();
});

/** One of each role, at a browser and with a key. */
async function callersOf(admin: Account, as: string): Promise<Caller[]> {
  const callers: Caller[] = [];
  for (const role of roles) {
    const { user, apiKey } = role === "admin" ? admin : await addMember(admin, role);
    callers.push({ as, role, credential: "key", options: { key: apiKey } });
    callers.push({ as, role, credential: "session", options: { headers: await openBrowser(user.id) } });
  }
  return callers;
}

/** A row for every id that an address may have, in the first organisation. They may be gone after a call, so they are made anew. */
async function makeRows(): Promise<Record<string, string>> {
  const db = database();
  const organisationId = own.organisation.id;
  const server = await db.server.create({
    data: { organisationId, name: "x", transport: "http", url: "http://127.0.0.1:9/" },
  });
  const serverId = server.id;
  const document = JSON.stringify({ version: "1", default: "deny" });
  const version = { version: 1, document };
  const policy = await db.policy.create({
    data: { organisationId, serverId, name: "x", draft: document, activeVersion: 1, versions: { create: version } },
  });
  const grant = await db.grant.create({
    data: { organisationId, serverId, label: "x", tokenHash: randomUUID(), hint: "xxxx" },
  });
  const user = await db.user.create({
    data: { email: `${randomUUID()}@example.com`, memberships: { create: { organisationId, role: "viewer" } } },
  });
  const call = await db.call.create({
    data: {
      ...{ id: uuid7(), organisationId, serverId, at: new Date(), method: "tools/call", tool: "x", code: "allowed" },
      ...{ rule: "", message: "", argumentKeys: [], outcome: "answered" },
    },
  });
  const approval = await db.approval.create({
    data: {
      ...{ organisationId, serverId, grantId: grant.id, tool: "x", category: "Write", severity: "medium" },
      ...{ binding: randomUUID(), argumentsDigest: "x", policyId: policy.id, policyVersion: 1, rule: "", message: "" },
      ...{ argumentKeys: [], sealedArguments: "x", status: "pending", expiresAt: new Date(Date.now() + 300_000) },
    },
  });
  const endpoint = await db.notificationEndpoint.create({
    data: { organisationId, kind: "email", target: "x@example.com", shown: "x@example.com", events: [] },
  });
  const delivery = await db.notificationDelivery.create({
    data: { organisationId, endpointId: endpoint.id, event: "test", status: "dead" },
  });
  const invite = await db.invite.create({
    data: {
      ...{ organisationId, role: "viewer", tokenHash: randomUUID(), createdById: own.user.id },
      expiresAt: new Date(Date.now() + 300_000),
    },
  });
  return {
    serverId,
    policyId: policy.id,
    grantId: grant.id,
    apiKeyId: (
      await db.apiKey.create({
        data: { organisationId, userId: user.id, name: "x", keyHash: randomUUID(), hint: "xxxx" },
      })
    ).id,
    callId: call.id,
    viewId: (
      await db.callView.create({ data: { organisationId, userId: user.id, shared: true, name: "x", query: "" } })
    ).id,
    approvalId: approval.id,
    endpointId: endpoint.id,
    deliveryId: delivery.id,
    inviteId: invite.id,
    userId: user.id,
    sessionId: (await db.session.create({ data: { userId: user.id, browser: "x", address: "x" } })).id,
    jobId: (await db.catalogJob.create({ data: { organisationId, kind: "npm", target: "x", status: "done" } })).id,
    contactMessageId: (await db.contactMessage.create({ data: { email: "a@example.com", message: "x" } })).id,
    slug: "no-such-server",
    tool: "no_such_tool",
  };
}

/** Calls are kept by the time in their id. */
function uuid7(): string {
  const time = Date.now().toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

function fill(template: string, textOf: (name: string) => string | undefined): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = textOf(name);
    if (value === undefined) throw new Error(`no row for {${name}} of ${template}: add one to makeRows`);
    return value;
  });
}

const idsIn = (template: string) => template.includes("{");

/** What was answered before anything was done: who asks, what they may, and whether the ids are theirs. */
function expected({ template, method, operation }: (typeof operations)[number], caller: Caller | null): string {
  const permission = operation["x-permission"];
  if (permission === undefined) return "let in";
  if (caller === null) return "401 not_signed_in";
  if (permission === "signed_in") return caller.credential === "key" ? "403 session_needed" : "let in";
  if (!isPermitted(caller.role, permission as Permission)) return "403 forbidden";
  if (caller.as === "foreign" && idsIn(template)) return "404 not_found";
  return narrower[`${method} ${template}`]?.(caller) ? "403 forbidden" : "let in";
}

/** Any answer of the route's own counts as let in, also that it cannot do it now, or wants a body. */
function judged({ status, code }: { status: number; code: string | null }, template: string): string {
  const isRefusedAtTheDoor =
    status === 401 ||
    (status === 403 && (code === "forbidden" || code === "session_needed" || code === "no_organisation")) ||
    (status === 404 && idsIn(template));
  const isBroken = code === "internal_error" || code === "database_unavailable";
  return isRefusedAtTheDoor || isBroken ? `${status} ${code}` : "let in";
}

/** Where a route looks closer than its permission: who else is told 403, although the role would do. */
const narrower: Record<string, (caller: Caller) => boolean> = {
  // What strangers wrote is for those who run the installation.
  "GET /contact-messages": ({ as }) => as === "foreign",
  // A view that others share is its author's to delete, or an admin's.
  "DELETE /views/{viewId}": ({ role }) => role !== "admin",
};

describe("every address of the management API", () => {
  it("declares who may ask", () => {
    for (const { template, method, operation } of operations) {
      const { security, "x-permission": permission, "x-roles": named } = operation;
      const what = `${method} ${template}`;
      if (security.length === 0) expect(permission, what).toBeUndefined();
      else if (permission === "signed_in") expect(security, what).toEqual([{ session: [] }]);
      else {
        expect(named, what).toEqual(rolesWith(permission as Permission));
        expect(named, what).toContain("admin");
      }
    }
    expect(operations.length).toBeGreaterThan(80);
  });

  it.each(operations)("$method $template answers each role as its permission says", async (operation) => {
    const { template, method } = operation;
    let rows = await makeRows();
    const path = () => fill(template, (name) => rows[name]);
    const outcomes: Record<string, string> = {};
    const wanted: Record<string, string> = {};
    const callers = [null, ...strangers, ...members];
    for (const caller of callers) {
      const key = caller === null ? "nobody" : `${caller.as} ${caller.role} ${caller.credential}`;
      wanted[key] = expected(operation, caller);
      const isLetIn = wanted[key] === "let in";
      // Whoever is let in does it, where no body is wanted: then the rows may be gone.
      if (isLetIn && endsOwnAccess(method, template)) continue;
      const answered = await askStatus(method, path(), caller?.options ?? {});
      outcomes[key] = judged(answered, publicCatalog(operation) ? "" : template);
      if (isLetIn && method !== "GET") rows = await makeRows();
    }
    for (const [key, outcome] of Object.entries(outcomes)) expect(`${key}: ${outcome}`).toBe(`${key}: ${wanted[key]}`);
  });
});

/** Ids of the catalog are nobody's: not to find one says nothing of permissions. */
function publicCatalog({ operation }: (typeof operations)[number]): boolean {
  return operation.security.length === 0;
}

/** These would sign the walker itself out. */
function endsOwnAccess(method: string, template: string): boolean {
  return method === "DELETE" && template === "/account/sessions";
}

describe("another organisation", () => {
  it("sees none of the ids: every address with an id answers as if there were nothing, and nothing happens", async () => {
    const rows = await makeRows();
    const before = await everythingOf(own.organisation.id);
    const stranger = strangers.find(({ role, credential }) => role === "admin" && credential === "key");
    let walked = 0;
    for (const { template, method, operation } of operations) {
      if (!idsIn(template) || operation.security.length === 0 || operation["x-permission"] === "signed_in") continue;
      const { policyId } = rows;
      for (const body of [
        undefined,
        {},
        { policyId, label: "x", document: {}, seenRevision: 1, name: "x", role: "admin" },
      ]) {
        const options = { ...stranger?.options, body: method === "GET" ? undefined : body };
        const theirs = await ask(
          method,
          fill(template, (name) => rows[name]),
          options,
        );
        const nobodys = await ask(
          method,
          fill(template, () => randomUUID()),
          options,
        );
        const malformed = await ask(
          method,
          fill(template, () => "x'--"),
          options,
        );
        expect([theirs.status, theirs.body.code], `${method} ${template}`).toEqual([404, "not_found"]);
        expect([nobodys.body, malformed.body], `${method} ${template}`).toEqual([theirs.body, theirs.body]);
        walked += 1;
      }
    }
    expect(walked).toBeGreaterThan(60);
    expect(await everythingOf(own.organisation.id)).toEqual(before);
  });

  it("cannot end a browser of somebody else's", async () => {
    const rows = await makeRows();
    for (const { options, credential } of [...strangers, ...members]) {
      if (credential === "session") await ask("DELETE", `/account/sessions/${rows.sessionId}`, options);
    }
    expect(await database().session.count({ where: { id: rows.sessionId } })).toBe(1);
  });
});

/** All of an organisation's rows, but for when its keys were used and its people seen. */
async function everythingOf(organisationId: string): Promise<unknown> {
  const db = database();
  const where = { organisationId };
  return [
    await db.organisation.findUnique({ where: { id: organisationId } }),
    await db.membership.findMany({ where }),
    await db.invite.findMany({ where }),
    await db.server.findMany({ where, include: { tools: true } }),
    await db.policy.findMany({ where, include: { versions: true } }),
    await db.grant.findMany({ where }),
    await db.approval.findMany({ where }),
    await db.callView.findMany({ where }),
    await db.notificationEndpoint.findMany({ where, include: { deliveries: true } }),
    (await db.apiKey.findMany({ where })).map(({ id, name, keyHash }) => ({ id, name, keyHash })),
    await db.auditEvent.count({ where }),
  ];
}
