// Calls that a person has to approve, through a real gateway and a real Postgres: what goes to the server, and what never does.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { UrlElicitationRequiredError } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { approvalsOf, decideApproval, pendingApproval } from "../e2e/harness/approvals.ts";
import { type ToolAnswer, textOf } from "../e2e/harness/clients.ts";
import { freshDatabase, type TestDatabase } from "../e2e/harness/database.ts";
import { type GrantRow, openHouse, type TestHouse } from "../e2e/harness/house.ts";
import { type RunningGateway, startGateway } from "../e2e/harness/processes.ts";
import { openRecordingServer, type RecordingServer } from "../e2e/harness/recording-server.ts";

let database: TestDatabase;
let house: TestHouse;
let gateway: RunningGateway;
let upstream: RecordingServer;
let serverId: string;
let policyId: string;
let grant: GrantRow;
const closing: (() => unknown)[] = [];

const document = {
  version: "1",
  default: "allow",
  tools: {
    pay: {
      require: [{ conditions: [{ path: "args.amount", op: "lte", value: 1_000 }], on_deny: "Too much." }],
      approve_if: [
        { conditions: [{ path: "args.amount", op: "gt", value: 10 }], message: "It costs money", timeout: 60 },
      ],
    },
    quick: { approve_if: [{ conditions: [], timeout: 1 }] },
  },
};

beforeAll(async () => {
  const schema = { type: "object", properties: { region: { type: "string", "x-mcp-header": "Region" } } };
  const definition = JSON.stringify({ name: "pay", inputSchema: schema });
  upstream = await openRecordingServer([{ name: "pay", inputSchema: schema }]);
  database = await freshDatabase();
  house = await openHouse(database.url);
  serverId = await house.addServer({ url: upstream.url, tools: { pay: "Financial", quick: "Write" } });
  await house.client.query('UPDATE "Tool" SET "definition" = $1 WHERE "name" = $2', [definition, "pay"]);
  policyId = await house.addPolicy(serverId, document);
  grant = await house.addGrant(serverId, policyId);
  gateway = await startGateway({ databaseUrl: database.url, env: { PUBLIC_URL: "https://policy.example" } });
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  upstream.calls.length = 0;
  upstream.headers.length = 0;
});
afterAll(async () => {
  await gateway?.stop();
  upstream?.close();
  await house?.close();
  await database?.drop();
});

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const decided = (answer: ToolAnswer) => answer._meta?.["policylayer/decision"] as Decided;
type Decided = { code: string; approval_id: string; approval_url: string; expires_at: string };

async function connect(as: GrantRow = grant, capabilities: object = {}): Promise<Client> {
  const client = new Client({ name: "agent", version: "1" }, { capabilities });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${gateway.url}${as.path}`), { requestInit: bearer(as.token) }),
  );
  closing.push(() => client.close());
  return client;
}

const pay = async (client: Client, amount: number, more: object = {}) =>
  (await client.callTool({ name: "pay", arguments: { amount, ...more } })) as ToolAnswer;
const freshGrant = () => house.addGrant(serverId, policyId);

/** Acts on a new grant once this gateway knows of it. */
async function enforced(): Promise<void> {
  const { rows } = await house.client.query('SELECT "epoch" FROM "ConfigEpoch"');
  const live = 'SELECT max("epoch") >= $1 AS "live" FROM "Gateway"';
  await expect
    .poll(async () => (await house.client.query(live, [rows[0].epoch])).rows[0].live, { timeout: 5_000 })
    .toBe(true);
}

async function post(body: string | object, as: GrantRow, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${gateway.url}${as.path}`, {
    method: "POST",
    headers: { ...bearer(as.token).headers, "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}
const rawCall = (args: string, meta = "") =>
  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"pay",${meta}"arguments":${args}}}`;
const codeOf = async (args: string, as: GrantRow) => {
  const { result } = (await (await post(rawCall(args), as)).json()) as { result: ToolAnswer };
  return decided(result)?.code ?? "went";
};

describe("a client that knows nothing of approvals", () => {
  it("is told how to go on, and the same call passes once when it is approved", async () => {
    const client = await connect();
    const refused = await pay(client, 20);
    const { code, approval_id: id, approval_url: url, expires_at: until } = decided(refused);
    expect(refused.isError).toBe(true);
    expect(code).toBe("approval_required");
    expect(url).toBe(`https://policy.example/approvals/${id}`);
    expect(textOf(refused)).toContain("It costs money.");
    expect(textOf(refused)).toContain(url);
    expect(textOf(refused)).toContain("Make the same call again with the same arguments once it is approved");
    expect(Date.parse(until) - Date.now()).toBeGreaterThan(50_000);

    // Asked again before anybody has decided, it is the same question.
    expect(decided(await pay(client, 20)).approval_id).toBe(id);
    expect((await approvalsOf(house.client, grant.id))[0]).toMatchObject({ id, status: "pending", attempts: 2 });
    expect(upstream.calls).toEqual([]);

    expect(await decideApproval(house.client, id, { approve: true })).toBe(true);
    expect(textOf(await pay(client, 20))).toBe("done");
    expect(decided(await pay(client, 20)).code).toBe("approval_required");
    expect(upstream.calls).toEqual([{ name: "pay", arguments: { amount: 20 } }]);

    const [used] = await approvalsOf(house.client, grant.id);
    expect(used).toMatchObject({ status: "used", callId: expect.any(String) });
    const onRecord = async () =>
      (
        await house.client.query('SELECT "code", "outcome" FROM "Call" WHERE "id" = $1 AND "approvalId" = $2', [
          used?.callId,
          id,
        ])
      ).rows;
    await expect.poll(onRecord, { timeout: 5_000 }).toEqual([{ code: "allowed", outcome: "answered" }]);
  });

  it("gets through with no argument changed by a byte, and with any white space and order of keys", async () => {
    const as = await freshGrant();
    await enforced();
    expect(await codeOf('{"amount":20,"id":9007199254740993,"to":"ada"}', as)).toBe("approval_required");
    await decideApproval(house.client, await pendingApproval(house.client, as.id), { approve: true });
    expect(await codeOf('{"amount":20,"id":9007199254740992,"to":"ada"}', as)).toBe("approval_required");
    expect(await codeOf('{"amount":20,"id":9007199254740993,"to":"adb"}', as)).toBe("approval_required");
    expect(await codeOf('{"amount":21,"id":9007199254740993,"to":"ada"}', as)).toBe("approval_required");
    expect(upstream.calls).toEqual([]);
    expect(await codeOf('{ "to":"\\u0061da",\n "id" : 9007199254740993, "amount":20 }', as)).toBe("went");
    expect(upstream.calls).toHaveLength(1);
  });

  it("hears that it was denied, and why", async () => {
    const client = await connect();
    const { approval_id: id } = decided(await pay(client, 30));
    await decideApproval(house.client, id, { approve: false, reason: "Not this month." });
    const refused = await pay(client, 30);
    expect(decided(refused).code).toBe("approval_denied");
    expect(textOf(refused)).toContain("Not this month.");
    expect(await decideApproval(house.client, id, { approve: true })).toBe(false);
  });

  it("never makes a call whose server could not be reached count as the approved one", async () => {
    const away = await house.addServer({ url: "http://127.0.0.1:9/mcp", tools: { pay: "Financial" } });
    const as = await house.addGrant(away, await house.addPolicy(away, document));
    await enforced();
    expect(await codeOf('{"amount":20}', as)).toBe("approval_required");
    const id = await pendingApproval(house.client, as.id);
    await decideApproval(house.client, id, { approve: true });
    expect(await codeOf('{"amount":20}', as)).toBe("upstream_unreachable");
    await expect.poll(async () => (await approvalsOf(house.client, as.id))[0]?.status).toBe("approved");
  });
});

describe("a client that can wait", () => {
  const held = (client: Client, args: object, on: (progress: number) => void = () => {}, more: object = {}) =>
    client.callTool({ name: "pay", arguments: args as Record<string, unknown> }, undefined, {
      onprogress: ({ progress }) => on(progress),
      ...more,
    }) as Promise<ToolAnswer>;

  it("makes one call and gets one result, the moment it is approved", async () => {
    const as = await freshGrant();
    await enforced();
    const client = await connect(as);
    const told: number[] = [];
    const answer = held(client, { amount: 40 }, (progress) => told.push(progress));
    const id = await pendingApproval(house.client, as.id);
    expect((await approvalsOf(house.client, as.id))[0]?.heldUntil).toBeInstanceOf(Date);
    const from = Date.now();
    await decideApproval(house.client, id, { approve: true });
    expect(textOf(await answer)).toBe("done");
    expect(Date.now() - from).toBeLessThan(1_500);
    expect(upstream.calls).toEqual([{ name: "pay", arguments: { amount: 40 } }]);
    expect(told.length).toBeGreaterThan(0);
    expect(told.toSorted((one, other) => one - other)).toEqual(told);
  });

  it("hears the reason of a refusal on the same request", async () => {
    const as = await freshGrant();
    await enforced();
    const answer = held(await connect(as), { amount: 41 });
    await decideApproval(house.client, await pendingApproval(house.client, as.id), { approve: false, reason: "No." });
    expect(decided(await answer).code).toBe("approval_denied");
    expect(textOf(await answer)).toContain("No.");
  });

  it("hears that nobody decided in time", async () => {
    const as = await freshGrant();
    await enforced();
    const client = await connect(as);
    const answer = (await client.callTool({ name: "quick", arguments: {} }, undefined, {
      onprogress: () => {},
    })) as ToolAnswer;
    expect(decided(answer).code).toBe("approval_expired");
    await expect
      .poll(async () => (await approvalsOf(house.client, as.id))[0]?.status, { timeout: 10_000 })
      .toBe("expired");
  });

  it("that goes away before the decision has nothing executed", async () => {
    const as = await freshGrant();
    await enforced();
    const leaving = new AbortController();
    const meta = '"_meta":{"progressToken":"t"},';
    const gone = fetch(`${gateway.url}${as.path}`, {
      ...{ method: "POST", signal: leaving.signal, body: rawCall('{"amount":42}', meta) },
      headers: {
        ...bearer(as.token).headers,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
      },
    }).then((response) => response.text());
    const id = await pendingApproval(house.client, as.id);
    leaving.abort();
    await expect(gone).rejects.toThrow();
    await expect.poll(async () => (await approvalsOf(house.client, as.id))[0]?.heldUntil).toBeNull();
    await decideApproval(house.client, id, { approve: true });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(upstream.calls).toEqual([]);
    expect((await approvalsOf(house.client, as.id))[0]?.status).toBe("approved");
  });

  it("that cancels its call has nothing executed", async () => {
    const as = await freshGrant();
    await enforced();
    const leaving = new AbortController();
    const answer = held(await connect(as), { amount: 43 }, () => {}, { signal: leaving.signal });
    const refused = expect(answer).rejects.toThrow();
    const id = await pendingApproval(house.client, as.id);
    leaving.abort();
    await refused;
    await expect.poll(async () => (await approvalsOf(house.client, as.id))[0]?.heldUntil).toBeNull();
    await decideApproval(house.client, id, { approve: true });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(upstream.calls).toEqual([]);
  });

  it("is let go at once when its connection is frozen", async () => {
    const as = await freshGrant();
    await enforced();
    const answer = held(await connect(as), { amount: 44 });
    const id = await pendingApproval(house.client, as.id);
    await house.change("grant", as.id, { frozenAt: new Date() });
    expect(decided(await answer).code).toBe("frozen");
    await decideApproval(house.client, id, { approve: true });
    expect(upstream.calls).toEqual([]);
  });

  it("hears what the server says on the way, and of its failure, by the stream it waits on", async () => {
    const as = await freshGrant();
    await enforced();
    const waited = async (amount: number) => {
      const headers = { accept: "application/json, text/event-stream" };
      const response = await post(rawCall(`{"amount":${amount}}`, '"_meta":{"progressToken":"t"},'), as, headers);
      await decideApproval(house.client, await pendingApproval(house.client, as.id), { approve: true });
      return response.text();
    };
    upstream.onCall = (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const progress = { progressToken: "t", progress: 1, message: "half" };
      response.write(
        `data: ${JSON.stringify({ jsonrpc: "2.0", method: "notifications/progress", params: progress })}\n\n`,
      );
      response.end('data: {"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"streamed"}]}}\n\n');
      return true;
    };
    const streamed = await waited(46);
    expect(streamed.indexOf("Waiting for a person")).toBeLessThan(streamed.indexOf('"half"'));
    expect(streamed.indexOf('"half"')).toBeLessThan(streamed.indexOf('"streamed"'));
    upstream.onCall = (response) => {
      response.writeHead(500).end("no");
      return true;
    };
    const failed = await waited(47);
    upstream.onCall = () => false;
    expect(failed).toContain('"code":"upstream_failed"');
    expect(failed.match(/"id":1/g)).toHaveLength(1);
  });

  it("may cancel by way of another gateway, and is told how to go on when its own one stops", async () => {
    const as = await freshGrant();
    const second = await startGateway({ databaseUrl: database.url, env: { PUBLIC_URL: "https://policy.example" } });
    closing.push(() => second.stop());
    await enforced();
    const at = (url: string, body: string) =>
      fetch(`${url}${as.path}`, {
        ...{ method: "POST", body },
        headers: {
          ...{ ...bearer(as.token).headers, "content-type": "application/json" },
          accept: "application/json, text/event-stream",
        },
      });
    const answer = await at(gateway.url, rawCall('{"amount":48}', '"_meta":{"progressToken":"t"},'));
    const id = await pendingApproval(house.client, as.id);
    await at(second.url, '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}');
    expect(await answer.text()).not.toContain('"id":1');
    await decideApproval(house.client, id, { approve: true });

    const other = await at(second.url, rawCall('{"amount":49}', '"_meta":{"progressToken":"t"},'));
    await pendingApproval(house.client, as.id);
    await second.stop();
    expect(await other.text()).toContain("Make the same call again");
    expect(upstream.calls).toEqual([]);
  });

  it("that takes JSON only is not kept waiting", async () => {
    const as = await freshGrant();
    await enforced();
    const body = rawCall('{"amount":45}', '"_meta":{"progressToken":1},');
    const response = await post(body, as, { accept: "application/json" });
    expect(response.headers.get("content-type")).toContain("application/json");
  });
});

describe("an approver", () => {
  it("may change the arguments: the server gets those, in the body and in the headers that repeat them", async () => {
    const as = await freshGrant();
    await enforced();
    const modern = async () => {
      const headers = {
        ...{ "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": "pay" },
        ...{ "mcp-param-region": "eu", accept: "application/json" },
      };
      const meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
      };
      const params = { name: "pay", arguments: { amount: 50, region: "eu" }, _meta: meta };
      return (await (
        await post({ jsonrpc: "2.0", id: 1, method: "tools/call", params }, as, headers)
      ).json()) as object;
    };
    await modern();
    const id = await pendingApproval(house.client, as.id);
    await decideApproval(house.client, id, { approve: true, arguments: '{"amount":15,"region":"Zürich"}' });
    expect(await modern()).toMatchObject({ result: { content: [{ text: "done" }] } });
    expect(upstream.calls).toEqual([{ name: "pay", arguments: { amount: 15, region: "Zürich" } }]);
    const sent = String(upstream.headers.at(-1)?.["mcp-param-region"]);
    expect(sent).toBe(`=?base64?${Buffer.from("Zürich").toString("base64")}?=`);
  });

  it("cannot make a call go that the policy denies", async () => {
    const as = await freshGrant();
    await enforced();
    expect(await codeOf('{"amount":51}', as)).toBe("approval_required");
    const id = await pendingApproval(house.client, as.id);
    await decideApproval(house.client, id, { approve: true, arguments: '{"amount":5000}' });
    expect(await codeOf('{"amount":51}', as)).toBe("requirement_failed");
    expect(upstream.calls).toEqual([]);
  });

  it("may approve a tool for one session: other arguments go there, and nowhere else", async () => {
    const client = await connect();
    const other = await connect();
    const { approval_id: id } = decided(await pay(client, 60));
    await decideApproval(house.client, id, { approve: true, sessionMinutes: 5 });
    expect(textOf(await pay(client, 61))).toBe("done");
    expect(textOf(await pay(client, 60))).toBe("done");
    expect(decided(await pay(client, 5_000)).code).toBe("requirement_failed");
    expect(decided(await pay(other, 61)).code).toBe("approval_required");
    await house.client.query(`UPDATE "Approval" SET "sessionUntil" = now() WHERE "id" = $1`, [id]);
    expect(decided(await pay(client, 62)).code).toBe("approval_required");
  });
});

describe("an approval", () => {
  it("is of no use to another grant or another organisation", async () => {
    const [as, other] = [await freshGrant(), await freshGrant()];
    await enforced();
    expect(await codeOf('{"amount":70}', as)).toBe("approval_required");
    const id = await pendingApproval(house.client, as.id);
    await decideApproval(house.client, id, { approve: true });
    expect(await codeOf('{"amount":70}', other)).toBe("approval_required");
    const elsewhere = 'UPDATE "Approval" SET "organisationId" = gen_random_uuid() WHERE "id" = $1';
    await expect(house.client.query(elsewhere, [id])).rejects.toThrow();
    expect(await codeOf('{"amount":70}', as)).toBe("went");
  });

  it("is void under a new version of the policy, and nobody is asked about it any more", async () => {
    const own = await house.addPolicy(serverId, document);
    const as = await house.addGrant(serverId, own);
    await enforced();
    expect(await codeOf('{"amount":71}', as)).toBe("approval_required");
    expect(await codeOf('{"amount":72}', as)).toBe("approval_required");
    const [first] = await approvalsOf(house.client, as.id);
    await decideApproval(house.client, first?.id ?? "", { approve: true });
    await house.publish(own, document);
    await enforced();
    expect(await codeOf('{"amount":71}', as)).toBe("approval_required");
    expect(upstream.calls).toEqual([]);
    const statuses = async () => (await approvalsOf(house.client, as.id)).map(({ status }) => status);
    await expect.poll(statuses, { timeout: 10_000 }).toEqual(["approved", "cancelled", "pending"]);
  });

  it("is void when the tool's definition is another one", async () => {
    const as = await freshGrant();
    await enforced();
    expect(await codeOf('{"amount":73}', as)).toBe("approval_required");
    await decideApproval(house.client, await pendingApproval(house.client, as.id), { approve: true });
    await house.client.query(
      `UPDATE "Tool" SET "definitionHash" = 'another' WHERE "serverId" = $1 AND "name" = 'pay'`,
      [serverId],
    );
    await house.announce("server", serverId);
    await enforced();
    expect(await codeOf('{"amount":73}', as)).toBe("approval_required");
    expect(upstream.calls).toEqual([]);
  });

  it("cannot be given by whoever makes the call", async () => {
    const as = await freshGrant();
    await enforced();
    expect(await codeOf('{"amount":74}', as)).toBe("approval_required");
    const id = await pendingApproval(house.client, as.id);
    const tries: [string, string][] = [
      ...[
        ["POST", `/approvals/${id}`] as [string, string],
        ["POST", `/mcp/${serverId}/approvals/${id}`] as [string, string],
      ],
      ["POST", `/api/v1/approvals/${id}`],
    ];
    for (const [method, path] of tries) {
      const body = JSON.stringify({ decision: "approve" });
      const headers = { ...bearer(as.token).headers, "content-type": "application/json" };
      expect((await fetch(`${gateway.url}${path}`, { method, body, headers })).status).toBe(404);
    }
    for (const method of ["approvals/approve", "elicitation/create", "tools/approve"]) {
      await post({ jsonrpc: "2.0", id: 2, method, params: { id, decision: "approve" } }, as);
    }
    const claims = ['{"amount":74,"_approved":true}', `{"amount":74,"approval_id":"${id}"}`];
    for (const args of claims) expect(await codeOf(args, as)).toBe("approval_required");
    const inMeta = rawCall('{"amount":74}', `"_meta":{"policylayer/approved":"${id}"},`);
    expect(await (await post(inMeta, as)).text()).toContain("approval_required");
    expect((await approvalsOf(house.client, as.id))[0]?.status).toBe("pending");
    expect(upstream.calls).toEqual([]);
  });

  it("is not asked for by a policy that is only being tried", async () => {
    const as = await house.addGrant(serverId, await house.addPolicy(serverId, document, "shadow"));
    await enforced();
    expect(await codeOf('{"amount":75}', as)).toBe("went");
    expect(await approvalsOf(house.client, as.id)).toEqual([]);
  });
});

describe("while Postgres does not answer", () => {
  it("a call that needs a person is denied, and what needs none goes on", async () => {
    const as = await freshGrant();
    await enforced();
    await house.client.query("BEGIN");
    await house.client.query('LOCK TABLE "Approval" IN ACCESS EXCLUSIVE MODE');
    try {
      const [needs, free] = await Promise.all([codeOf('{"amount":77}', as), codeOf('{"amount":7}', as)]);
      expect([needs, free]).toEqual(["approval_unavailable", "went"]);
    } finally {
      await house.client.query("ROLLBACK");
    }
    await expect.poll(() => codeOf('{"amount":77}', as), { timeout: 10_000 }).toBe("approval_required");
    expect(upstream.calls).toHaveLength(1);
  });
});

describe("a client that shows pages", () => {
  it("of 2025-11-25 is asked to open the page, and makes the same call again", async () => {
    const as = await freshGrant();
    await enforced();
    const client = await connect(as, { elicitation: { url: {} } });
    const asked = await pay(client, 80).catch((cause: unknown) => cause);
    expect(asked).toBeInstanceOf(UrlElicitationRequiredError);
    const [page] = (asked as UrlElicitationRequiredError).elicitations;
    const id = await pendingApproval(house.client, as.id);
    expect(page).toMatchObject({ mode: "url", elicitationId: id, url: `https://policy.example/approvals/${id}` });
    await decideApproval(house.client, id, { approve: true });
    expect(textOf(await pay(client, 80))).toBe("done");
  });

  it("of 2026-07-28 gets a page to show, and its state is worth nothing with anything else", async () => {
    const as = await freshGrant();
    const other = await freshGrant();
    await enforced();
    const headers = { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": "pay" };
    const capabilities = { elicitation: { url: {} } };
    const meta = {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientCapabilities": capabilities,
    };
    const ask = async (by: GrantRow, more: object = {}, amount = 81) => {
      const params = { name: "pay", arguments: { amount }, _meta: meta, ...more };
      const response = await post({ jsonrpc: "2.0", id: 1, method: "tools/call", params }, by, headers);
      return (await response.json()) as { result?: Record<string, unknown>; error?: { code: number } };
    };
    const { result } = await ask(as);
    const id = await pendingApproval(house.client, as.id);
    expect(result).toMatchObject({
      resultType: "input_required",
      inputRequests: {
        "policylayer/approval": {
          method: "elicitation/create",
          params: { mode: "url", url: `https://policy.example/approvals/${id}` },
        },
      },
      requestState: expect.any(String),
    });
    const again = {
      requestState: result?.requestState,
      inputResponses: { "policylayer/approval": { action: "accept" } },
    };
    // The page was shown, and nobody has decided.
    expect((await ask(as, again)).result).toMatchObject({ isError: true, resultType: "complete" });
    expect((await ask(other, again)).error?.code).toBe(-32602);
    expect((await ask(as, { ...again, requestState: "policylayer.forged" })).error?.code).toBe(-32602);
    await decideApproval(house.client, id, { approve: true });
    expect((await ask(as, again, 82)).result).toMatchObject({ isError: true });
    let body = "";
    upstream.onCall = (response, request) => {
      body = String(request.headers["content-length"]);
      return response.destroyed;
    };
    expect((await ask(as, again)).result).toMatchObject({ content: [{ text: "done" }] });
    upstream.onCall = () => false;
    const sent = JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: "pay", arguments: { amount: 81 }, _meta: meta },
    });
    expect(Number(body)).toBe(sent.length);
  });
});
